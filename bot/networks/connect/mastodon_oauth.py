"""OAuth at one instance: what it knows, an application there, tokens given, renewed and given back.

Contract: mastodon/documentation methods/oauth.md and methods/apps.md. PKCE and the scope `profile` came with
4.3; a server that does not say that it knows the scope gets `read:accounts`, which does the same and more.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from bot.model.calls import Scope
from bot.networks.api.mastodon_answers import OK, trouble
from bot.networks.connect.mastodon_key import App, Key
from bot.networks.errors import AccessLostError, NetworkError, RefusedError, UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError

SCOPES: Final = ("read:statuses", "read:search", "write:statuses")
"""What boosting needs: reading a post and whether it was boosted, finding one, boosting."""
WHO_OLD, WHO = "read:accounts", "profile"
"""What learning whose account it is needs."""
HINT_S = 5.0
"""Seconds for a document that an instance need not have."""
_CLIENT = range(400, 500)


@dataclass(frozen=True, slots=True)
class Server:
    """What an instance says of itself."""

    base: str
    software: str
    scopes: tuple[str, ...]
    """What is asked of its people."""


class Desk:
    """The OAuth endpoints of instances. Each call is one request but `discover`, which is three."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def discover(self, base: str) -> Server:
        """Ask what an instance runs and knows. Whatever it does not say counts as the least."""
        metadata = await self._hint(base, "/.well-known/oauth-authorization-server")
        known = metadata.get("scopes_supported")
        who = WHO if isinstance(known, list) and WHO in known else WHO_OLD
        links = (await self._hint(base, "/.well-known/nodeinfo")).get("links")
        found = (
            [str(link.get("href")) for link in links if isinstance(link, dict)]
            if isinstance(links, list)
            else []
        )
        about = await self._hint(base, urlsplit(found[-1]).path) if found else {}
        software = about.get("software")
        name = software.get("name") if isinstance(software, dict) else None
        return Server(base, str(name or "").lower(), (who, *SCOPES))

    async def register(self, server: Server, name: str, website: str, back_to: str) -> App:
        """Make an application on an instance: Mastodon takes five in ten minutes from one address.

        Raises:
            RefusedError: it makes none, or is no such server.
        """
        form = {"client_name": name, "redirect_uris": back_to, "scopes": " ".join(server.scopes)}
        if website.startswith("https://"):
            form["website"] = website
        data = await self._post(server.base, "/api/v1/apps", form, "registers no application")
        return App(_text(data, "client_id", server.base), _text(data, "client_secret", server.base))

    async def redeem(self, server: Server, app: App, code: str, verifier: str, back_to: str) -> Key:
        """Redeem a code for a token.

        Raises:
            RefusedError: the code is used up, too old, or gave less than was asked.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": back_to,
            **_named(app),
        }
        data = await self._post(server.base, "/oauth/token", form, "does not take the code")
        key = _key(data, Key(server.base, server.software, "", app, access=""))
        given = str(data.get("scope") or " ".join(server.scopes)).split()
        if missing := [one for one in server.scopes if not {one, one.partition(":")[0]} & {*given}]:
            await self.drop(key)
            message = f"{_host(server.base)} gave a token without {' '.join(missing)}"
            raise RefusedError(message)
        return key

    async def refresh(self, key: Key) -> Key:
        """Exchange a token that ends for a fresh one.

        Raises:
            AccessLostError: it is not renewed.
        """
        if not key.refresh:
            message = f"the token of {_host(key.base)} has ended"
            raise AccessLostError(message)
        form = {"grant_type": "refresh_token", "refresh_token": key.refresh, **_named(key.app)}
        try:
            return _key(await self._post(key.base, "/oauth/token", form, "renews the token no more"), key)
        except RefusedError as error:
            raise AccessLostError(error.why) from error

    async def who(self, key: Key) -> tuple[str, str]:
        """Give whose token it is: the account's id there and its name.

        Raises:
            AccessLostError: it is nobody's any more.
        """
        answer = await self._send("GET", key.base, "/api/v1/accounts/verify_credentials", token=key.access)
        data = _json(answer, key.base) if answer.status == OK else {}
        account_id, name = data.get("id"), data.get("username")
        if isinstance(account_id, str) and account_id and isinstance(name, str) and name:
            return account_id, name
        raise trouble(answer, _host(key.base), Scope.INSTANCE, datetime.now(UTC))

    async def revoke(self, key: Key) -> None:
        """Give a token back, and make sure of it where the answer leaves a doubt.

        Raises:
            RefusedError: it still works.
        """
        form = {"token": key.access, **_named(key.app)}
        try:
            await self._post(key.base, "/oauth/revoke", form, "does not take a token back")
        except RefusedError:
            with contextlib.suppress(AccessLostError):
                await self.who(key)
                raise

    async def drop(self, key: Key) -> None:
        """Give a token back that nobody will use; a server that cannot be reached keeps it."""
        with contextlib.suppress(NetworkError):
            await self.revoke(key)

    async def _hint(self, base: str, path: str) -> Mapping[str, Any]:
        """Read a document that an instance need not have."""
        try:
            answer = await self._send("GET", base, path, deadline_s=HINT_S)
            data = answer.json() if answer.status == OK else {}
        except (UnavailableError, NoAnswerError):
            return {}
        return data if isinstance(data, dict) else {}

    async def _post(self, base: str, path: str, form: Mapping[str, str], refusal: str) -> Mapping[str, Any]:
        answer = await self._send("POST", base, path, form=form)
        if answer.status == OK:
            return _json(answer, base)
        error = trouble(answer, _host(base), Scope.INSTANCE, datetime.now(UTC))
        if answer.status in _CLIENT and isinstance(error, (AccessLostError, RefusedError)):
            message = f"{_host(base)} answered {answer.status}: it {refusal}"
            raise RefusedError(message) from error
        raise error

    async def _send(self, method: str, base: str, path: str, *, token: str = "", **values: Any) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return await self._http.request(method, base + path, headers=headers, **values)
        except (NotSentError, NoAnswerError) as error:
            message = f"{_host(base)} gave no whole answer"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error


def _host(base: str) -> str:
    return urlsplit(base).netloc


def _named(app: App) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": app.client_secret}


def _json(answer: Answer, base: str) -> Mapping[str, Any]:
    """Read an object; any other answer is no answer."""
    try:
        data = answer.json()
    except NoAnswerError:
        data = None
    if not isinstance(data, dict):
        message = f"{_host(base)} answered something that is not its API"
        raise UnavailableError(message, scope=Scope.INSTANCE)
    return data


def _text(data: Mapping[str, Any], name: str, base: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        message = f"{_host(base)} gave no {name}"
        raise UnavailableError(message, scope=Scope.INSTANCE)
    return value


def _key(data: Mapping[str, Any], old: Key) -> Key:
    """Take over a token from the answer of `/oauth/token`; what it does not say stays."""
    lasts, refresh = data.get("expires_in"), data.get("refresh_token")
    ends = ""
    if isinstance(lasts, int) and lasts > 0:
        ends = (datetime.now(UTC) + timedelta(seconds=min(lasts, 10**9))).isoformat()
    return replace(
        old,
        access=_text(data, "access_token", old.base),
        refresh=refresh if isinstance(refresh, str) else old.refresh,
        ends=ends,
    )
