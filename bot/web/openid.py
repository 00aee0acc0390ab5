"""Log-in at the collective's own provider (OpenID Connect), where the settings name one.

What is on its way stands in one cookie of the browser: a random flow, its time, its purpose, all signed.
State, nonce and proof key follow from the flow by the installation's key: none can be chosen from outside.
The provider leads back by GET, which does nothing; the form on that page, sent by this browser, does.
"""

import hmac
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.errors import ConflictError, NotFoundError
from bot.model.clock import human
from bot.model.text import N_, Message
from bot.moderation import identities as stage
from bot.networks.openid import ProviderError
from bot.storage import identities
from bot.trust import id_token
from bot.trust.id_token import WrongTokenError
from bot.trust.links import hash_token, new_token
from bot.web import client, watchman
from bot.web.forms import Typed, read_form
from bot.web.login import inside
from bot.web.pages import OnPage, Page
from bot.web.provider import OpenId
from bot.web.session import (
    CODE,
    HOME,
    OnAdmin,
    drop_cookie,
    read_cookie,
    session_token,
    set_cookie,
    signed_in,
)

router = APIRouter()

COOKIE = "openid"
LIFE = timedelta(minutes=10)
"""How long an admin may take at the provider."""
IN, LINK = "in", "link"
BACK_KEYS = ("code", "state", "iss", "error")
BACK_MOST = 2_000
WHY_MOST = 80
ME = "/admin/me"
NOT_BEGUN = Message(N_("This log-in was not begun in this browser, or too long ago. Begin again."))
SAID_NO = Message(N_("Your provider did not let you in. Nothing has changed here."))
UNKNOWN = Message(
    N_("Nobody here logs in with this account. Log in with your password and link it on your own page.")
)
AWAY = Message(
    N_("Your provider did not answer as it should. Try again later, or log in with your password.")
)
MANY = Message(N_("That was many tries in a short time. Wait five minutes, then try again."))


def _needed(page: Page) -> OpenId:
    found: OpenId | None = page.request.app.state.open_id
    if found is None:
        raise NotFoundError(Message(N_("No log-in provider is set up here.")))
    return found


# ---------- there ----------


@router.get("/{lang}/admin/login/openid")
async def begin(page: OnPage) -> Response:
    """Lead to the provider's log-in page."""
    return await _begin(page, IN)


@router.get("/{lang}/admin/openid/link")
async def begin_link(page: OnAdmin) -> Response:
    """Lead to the provider, to link the account there with whoever is logged in here."""
    page.need_proof()
    return await _begin(page, LINK)


async def _begin(page: Page, purpose: str) -> Response:
    one, flow = _needed(page), new_token()
    try:
        url = await one.provider.page(
            state=_of(page, "state", flow),
            nonce=_of(page, "nonce", flow),
            verifier=_of(page, "verifier", flow),
            back_to=_back_to(page),
        )
    except ProviderError as error:
        return _failed(page, AWAY, HTTPStatus.BAD_GATEWAY, str(error))
    answer = RedirectResponse(url, 303)
    parts = f"{flow}.{int(page.now.timestamp())}.{purpose}"
    set_cookie(page, answer, COOKIE, f"{parts}.{_signature(page, parts)}", max_age=int(LIFE.total_seconds()))
    return answer


def _of(page: Page, what: str, flow: str) -> str:
    return page.app.keys.digest(f"openid-{what}", flow)


def _signature(page: Page, parts: str) -> str:
    """Sign a flow; one that links is bound to the session of whoever began it."""
    bound = hash_token(session_token(page)) if parts.endswith(f".{LINK}") else ""
    return page.app.keys.digest("openid-flow", f"{parts} {bound}")[:32]


def _back_to(page: Page) -> str:
    return f"{page.app.settings.address}/openid/back"


# ---------- and back ----------


@router.get("/{lang}/openid/back")
async def back(page: OnPage) -> Response:
    """Show that the provider has answered; nothing is done with it before the form is sent."""
    one = _needed(page)
    given = page.request.query_params
    found = {key: given[key][:BACK_MOST] for key in BACK_KEYS if key in given}
    return page.show("admin/openid_back.html", back=found, provider=one.host)


@router.post("/{lang}/openid/back")
async def finish(page: OnPage) -> Response:
    """Take the provider's answer in the browser that began, check it, then let in or link."""
    one, typed = _needed(page), await read_form(page.request)
    network = client.network(page.request, page.app.settings)
    if network and one.tries.take(network, page.now):
        return _failed(page, MANY, HTTPStatus.TOO_MANY_REQUESTS, "many")
    flow, purpose = _flow(page, typed)
    if not flow:
        return _failed(page, NOT_BEGUN, HTTPStatus.CONFLICT, "not begun here")
    if typed.text("error") or not typed.text("code"):
        return _done(page, _failed(page, SAID_NO, HTTPStatus.CONFLICT, "said no"))
    try:
        claims = await _claims(page, one, flow, typed)
    except (ProviderError, WrongTokenError) as error:
        return _done(page, _failed(page, AWAY, HTTPStatus.BAD_GATEWAY, str(error)[:WHY_MOST]))
    answer = await (_link if purpose == LINK else _enter)(page, one, claims)
    return _done(page, answer)


def _flow(page: Page, typed: Typed) -> tuple[str, str]:
    """Give flow and purpose of the answer that came back; both empty for one that was not begun here."""
    parts, _, signature = read_cookie(page, COOKIE).rpartition(".")
    flow, _, rest = parts.partition(".")
    begun, _, purpose = rest.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(page, parts).encode()):
        return "", ""
    state = typed.text("state").encode("utf-8", "replace")
    ours = hmac.compare_digest(state, _of(page, "state", flow).encode())
    since = datetime.fromtimestamp(int(begun), page.now.tzinfo)
    return (flow, purpose) if ours and page.now - since < human(page.app.clock, LIFE) else ("", "")


async def _claims(page: Page, one: OpenId, flow: str, typed: Typed) -> dict[str, Any]:
    """Redeem the code, and give what the provider says, checked.

    Raises:
        ProviderError: there was no answer, or the answer came from another provider.
        WrongTokenError: the token is not one for this log-in.
    """
    provider, named = one.provider, typed.text("iss")
    if named != provider.issuer and (named or (await provider.document()).names_itself):
        message = "the answer came from another provider"
        raise ProviderError(message)
    code = typed.text("code")
    token = await provider.redeem(code, verifier=_of(page, "verifier", flow), back_to=_back_to(page))
    key = await provider.key(id_token.key_id(token))
    nonce = _of(page, "nonce", flow)
    return id_token.check(
        token, key, issuer=provider.issuer, client_id=provider.client_id, nonce=nonce, now=page.now
    )


async def _enter(page: Page, one: OpenId, claims: dict[str, Any]) -> Response:
    proved = id_token.second_factor(claims, one.accepted)
    entered = await page.app.store.write(
        stage.enter, claims["iss"], claims["sub"], proved=proved, now=page.now
    )
    if entered is None:
        return _failed(page, UNKNOWN, HTTPStatus.FORBIDDEN, "nobody's")
    admin, token, whole = entered
    if whole:
        return inside(page, admin, token, page.url(HOME))
    answer = page.redirect(CODE)
    set_cookie(page, answer, "admin", token)
    return answer


async def _link(page: Page, _one: OpenId, claims: dict[str, Any]) -> Response:
    who = await signed_in(page)
    who.need_proof()
    try:
        await page.app.store.write(stage.link, who.admin, claims["iss"], claims["sub"], now=page.now)
    except ConflictError as taken:
        return _failed(page, taken.args[0], HTTPStatus.CONFLICT, "another admin's")
    return page.redirect(ME)


def _failed(page: Page, message: Message, status: HTTPStatus, why: str) -> Response:
    watchman.note(page.request, "openid_failed", why=why)
    return page.show("admin/openid_failed.html", status, message=message)


def _done(page: Page, answer: Response) -> Response:
    """Forget the flow: it serves once."""
    drop_cookie(page, answer, COOKIE)
    return answer


# ---------- taking off ----------


@router.get("/{lang}/admin/openid/unlink")
async def ask_unlink(page: OnAdmin) -> Response:
    """Ask before the link is taken off."""
    page.need_proof()
    if await page.app.store.read(identities.get, page.admin.id) is None:
        return page.redirect(ME)
    return await page.show_admin("admin/openid_unlink.html")


@router.post("/{lang}/admin/openid/unlink")
async def unlink(page: OnAdmin) -> Response:
    """Let the admin log in by the password only."""
    page.need_proof()
    if await page.app.store.read(identities.get, page.admin.id) is not None:
        await page.app.store.write(stage.unlink, page.admin, now=page.now)
    return page.redirect(ME)
