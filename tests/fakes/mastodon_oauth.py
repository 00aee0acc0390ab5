"""OAuth at the fake instance: applications, the page of consent, tokens; and what it says of itself."""

import asyncio
import contextlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.mastodon_calls import Grant, Reply, SaysNoError
from tests.fakes.wire import Request

if TYPE_CHECKING:
    from tests.fakes.mastodon import FakeMastodon

OLD = ["read", "write", "read:accounts", "read:search", "read:statuses", "write:statuses"]


@dataclass
class Application:
    """A client that an instance knows."""

    client_id: str
    secret: str
    back_to: str
    scopes: frozenset[str]


@dataclass
class Code:
    """What somebody said yes to, until it is redeemed."""

    who: str
    app: Application
    scopes: frozenset[str]
    back_to: str
    challenge: str


def answer(fake: "FakeMastodon", asked: Request) -> Reply | None:
    """Answer what needs no token; None when there is no such page."""
    handle = _ROUTES.get((asked.method, asked.path))
    return handle(fake, asked) if handle else None


def _metadata(fake: "FakeMastodon", _asked: Request) -> Reply:
    if not fake.modern:
        raise SaysNoError(404, "Not found")
    return Reply(
        {
            "issuer": fake.url + "/",
            "scopes_supported": ["profile", *OLD],
            "authorization_endpoint": fake.url + "/oauth/authorize",
            "token_endpoint": fake.url + "/oauth/token",
            "userinfo_endpoint": fake.url + "/oauth/userinfo",
            "revocation_endpoint": fake.url + "/oauth/revoke",
            "app_registration_endpoint": fake.url + "/api/v1/apps",
            "service_documentation": "https://docs.joinmastodon.org/",
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


def _nodeinfo_links(fake: "FakeMastodon", _asked: Request) -> Reply:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return Reply({"links": [{"rel": rel, "href": f"https://{fake.name}/nodeinfo/2.0"}]})


def _nodeinfo(fake: "FakeMastodon", _asked: Request) -> Reply:
    name = "gotosocial" if fake.duplicating else "mastodon"
    return Reply({"version": "2.0", "software": {"name": name, "version": "4.5.0"}})


def _register(fake: "FakeMastodon", asked: Request) -> Reply:
    form = asked.form()
    app = Application(
        secrets.token_urlsafe(16),
        secrets.token_urlsafe(16),
        form["redirect_uris"],
        frozenset(form["scopes"].split()),
    )
    known = {*OLD, *(["profile"] if fake.modern else [])}
    if unknown := app.scopes - known:
        raise SaysNoError(422, f"Validation failed: Scopes {unknown} doesn't match configured on the server.")
    fake.apps[app.client_id] = app
    shown = {"id": str(len(fake.apps)), "name": form["client_name"], "website": form.get("website")}
    return Reply(
        shown
        | {
            "scopes": sorted(app.scopes),
            "redirect_uri": app.back_to,
            "redirect_uris": [app.back_to],
            "client_id": app.client_id,
            "client_secret": app.secret,
            "client_secret_expires_at": 0,
            "vapid_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z",
        }
    )


def _page(fake: "FakeMastodon", asked: Request) -> Reply:
    """Show what is asked for; no redirect as long as anything is wrong with it."""
    app = fake.apps.get(asked.query["client_id"])
    if app is None or app.back_to != asked.query["redirect_uri"] or asked.query["response_type"] != "code":
        raise SaysNoError(400, "The client or its redirect is not known")
    if not set(asked.query["scope"].split()) <= app.scopes:
        raise SaysNoError(400, "The requested scope is invalid")
    return Reply("<form method=post><input name=who><button name=yes value=1>Authorize</button></form>")


def _decide(fake: "FakeMastodon", asked: Request) -> Reply:
    """Take a person's yes or no, and lead back."""
    _page(fake, asked)
    back = {"state": asked.query["state"]}
    if asked.form().get("yes") == "1":
        code = secrets.token_urlsafe(16)
        fake.codes[code] = Code(
            asked.form()["who"],
            fake.apps[asked.query["client_id"]],
            frozenset(asked.query["scope"].split()) - fake.withheld,
            asked.query["redirect_uri"],
            asked.query["code_challenge"],
        )
        back |= {"code": code}
    else:
        back |= {"error": "access_denied"}
    return Reply("", 302, [f"Location: {asked.query['redirect_uri']}?{urlencode(back)}"])


def _token(fake: "FakeMastodon", asked: Request) -> Reply:
    """Redeem a code, once, or a refresh token."""
    form = asked.form()
    app = fake.apps.get(form["client_id"])
    if app is None or app.secret != form["client_secret"]:
        raise SaysNoError(401, "invalid_client")
    if form["grant_type"] == "refresh_token":
        old = next((key for key, one in fake.tokens.items() if one.refresh == form["refresh_token"]), "")
        if not old:
            raise SaysNoError(400, "invalid_grant")
        grant = fake.tokens.pop(old)
        return _given(fake, grant.who, grant.scopes, app)
    code = fake.codes.pop(form["code"], None)
    challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    if code is None or (code.app, code.back_to, code.challenge) != (app, form["redirect_uri"], challenge):
        raise SaysNoError(400, "invalid_grant")
    return _given(fake, code.who, code.scopes, app)


def _given(fake: "FakeMastodon", who: str, scopes: frozenset[str], app: Application) -> Reply:
    access = secrets.token_urlsafe(32)
    data: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "created_at": 1_780_000_000}
    data["scope"] = " ".join(sorted(scopes))
    refresh = secrets.token_urlsafe(32) if fake.token_s else ""
    if fake.token_s:
        data |= {"expires_in": fake.token_s, "refresh_token": refresh}
    fake.tokens[access] = Grant(who, scopes, app.client_id, refresh)
    return Reply(data)


def _revoke(fake: "FakeMastodon", asked: Request) -> Reply:
    """Forget a token of this client; one that is not known is forgotten."""
    form = asked.form()
    app, grant = fake.apps.get(form["client_id"]), fake.tokens.get(form["token"])
    if app is None or app.secret != form["client_secret"] or (grant and grant.client_id != app.client_id):
        raise SaysNoError(403, "unauthorized_client")
    fake.tokens.pop(form["token"], None)
    return Reply({})


_ROUTES: dict[tuple[str, str], Callable[["FakeMastodon", Request], Reply]] = {
    ("GET", "/.well-known/oauth-authorization-server"): _metadata,
    ("GET", "/.well-known/nodeinfo"): _nodeinfo_links,
    ("GET", "/nodeinfo/2.0"): _nodeinfo,
    ("POST", "/api/v1/apps"): _register,
    ("GET", "/oauth/authorize"): _page,
    ("POST", "/oauth/authorize"): _decide,
    ("POST", "/oauth/token"): _token,
    ("POST", "/oauth/revoke"): _revoke,
}


async def decide(url: str, who: str, *, yes: bool = True) -> dict[str, str]:
    """Do what a person does on the page of consent; give what the page leads back with."""
    form = {"who": who} | ({"yes": "1"} if yes else {})
    back = await asyncio.to_thread(_browse, url, urlencode(form))
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def _browse(url: str, form: str) -> str:
    """Open the page and send its form, without our client, whose logs are looked at; give where it leads."""
    parts = urlsplit(url)
    address, kind = f"{parts.path}?{parts.query}", {"Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(HTTPConnection(parts.netloc, timeout=10)) as browser:
        browser.request("GET", address)
        page = browser.getresponse()
        assert page.status == 200, page.read()
        page.read()
        browser.request("POST", address, form, kind)
        return browser.getresponse().headers["Location"]
