"""Sessions of app passwords: the second choice, since such a password opens all but the account itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model.secret import Secret
from bot.networks.atproto import answers
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.jws import claims_of
from bot.networks.atproto.token import Token
from bot.networks.errors import AccessLostError, RefusedError

_SERVER = "xrpc/com.atproto.server"
_LATEST = 2**33
"""Seconds since 1970: later than any session ends."""
_NARROW = frozenset({"com.atproto.appPass", "com.atproto.appPassPrivileged"})


class Sessions:
    """Begins, renews and ends them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create(self, did: str, pds: str, password: Secret) -> Token:
        """Log in once; 30 log-ins in five minutes are all that a PDS takes.

        Raises:
            RefusedError: the password is wrong, or the account's own.
        """
        url = f"{pds}/{_SERVER}.createSession"
        answer = await self._calls.post(url, json={"identifier": did, "password": password.reveal()})
        if not answers.is_success(answer):
            found = answers.problem(answer, url, writes=True)
            raise RefusedError(found.why) if isinstance(found, AccessLostError) else found
        given = answers.body(answer)
        token = _token(given, did, pds)
        if given.get("did") != did or claims_of(token.access.reveal()).get("scope") not in _NARROW:
            await self.delete(token)
            message = "this is the account's own password: make an app password, which can be taken back"
            raise RefusedError(message)
        return token

    async def refresh(self, token: Token, pds: str) -> Token:
        """Give the next pair.

        Raises:
            AccessLostError: the app password was taken back, or the session has ended.
        """
        url = f"{pds}/{_SERVER}.refreshSession"
        answer = await self._calls.post(url, token.refresh.reveal())
        if not answers.is_success(answer):
            raise answers.problem(answer, url, writes=True)
        return _token(answers.body(answer), token.did, pds)

    async def delete(self, token: Token) -> None:
        """End a session; its access token goes on working until its end, two hours at most.

        Raises:
            AccessLostError: it has ended.
        """
        url = f"{token.pds}/{_SERVER}.deleteSession"
        answer = await self._calls.post(url, token.refresh.reveal())
        if not answers.is_success(answer):
            raise answers.problem(answer, url, writes=True)


def _token(given: Mapping[str, Any], did: str, pds: str) -> Token:
    access, refresh = str(given.get("accessJwt")), str(given.get("refreshJwt"))
    ends = claims_of(access).get("exp")
    until = datetime.fromtimestamp(min(max(ends, 0), _LATEST) if isinstance(ends, int) else 0, UTC)
    return Token(did, pds, Secret(access), Secret(refresh), until)
