"""X's tokens: a pair that lives two hours and is renewed for a new one, and the desk that hands it out.

Contract: docs.x.com, fundamentals/authentication/oauth-2-0. A refresh token works once (seen: using it again
ends every token of that account), so the new pair is kept before it is used.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.calls import Scope
from bot.model.secret import Secret
from bot.networks.api.x_answers import Said, trouble
from bot.networks.errors import AccessLostError, RefusedError, UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError

SCOPES = ("tweet.read", "tweet.write", "users.read", "offline.access")
FRESH = timedelta(minutes=5)
"""A pair that ends sooner is renewed before a call."""
_LIFE_S = 7200
_OK, _BAD, _UNAUTHORIZED, _SERVER, _NOT_NOW = 200, 400, 401, 500, 503


@dataclass(frozen=True, slots=True)
class Pair:
    """What opens an account: `number` is X's own for it, `until` the end of `access` (aware UTC)."""

    access: Secret
    refresh: Secret
    until: datetime
    scopes: frozenset[str]
    number: str = ""

    def text(self) -> Secret:
        """Write it as the text that is sealed."""
        return Secret(
            json.dumps(
                {
                    "access": self.access.reveal(),
                    "refresh": self.refresh.reveal(),
                    "until": int(self.until.timestamp()),
                    "scopes": sorted(self.scopes),
                    "number": self.number,
                }
            )
        )


def read_pair(token: Secret) -> Pair:
    """Read what `Pair.text` wrote.

    Raises:
        AccessLostError: it is something else.
    """
    try:
        row = json.loads(token.reveal())
        until = datetime.fromtimestamp(row["until"], UTC)
        access, refresh, number = row["access"], row["refresh"], row["number"]
        return Pair(Secret(access), Secret(refresh), until, frozenset(row["scopes"]), number)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        message = "what is kept for this account on X cannot be read"
        raise AccessLostError(message) from error


class Desk:
    """X's token endpoints, as the confidential client that this installation is."""

    def __init__(self, http: Http, base: str, client_id: str, client_secret: str) -> None:
        self._http = http
        self._base = base
        who = f"{client_id}:{client_secret}"
        self._headers = {"Authorization": f"Basic {b64encode(who.encode()).decode()}"}

    async def exchange(self, code: str, verifier: str, back_to: str) -> Pair:
        """Give the pair for a code, which lives 30 seconds.

        Raises:
            RefusedError: the code is used up, too old or not for this page.
        """
        said = await self._send(
            "token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=back_to,
            code_verifier=verifier,
        )
        if said.status in {_BAD, _UNAUTHORIZED}:
            message = "X does not take this code (any more)"
            raise RefusedError(message)
        return _pair(said)

    async def refresh(self, pair: Pair) -> Pair:
        """Give a fresh pair for an old one, which is dead from then on.

        Raises:
            AccessLostError: it was dead before: taken back, used up or too old.
            NoAnswerError: whether it is dead now is unknown.
        """
        said = await self._send("token", grant_type="refresh_token", refresh_token=pair.refresh.reveal())
        if said.status in {_BAD, _UNAUTHORIZED}:
            message = "X renews this account's access no more"
            raise AccessLostError(message)
        new = _pair(said)
        return Pair(new.access, new.refresh, new.until, new.scopes or pair.scopes, pair.number)

    async def revoke(self, token: Secret, hint: str) -> None:
        """Give one token back; one that X does not know is given back."""
        said = await self._send("revoke", token=token.reveal(), token_type_hint=hint)
        if said.status not in {_OK, _BAD, _UNAUTHORIZED}:
            raise trouble(said, Scope.APP, datetime.now(UTC))

    async def _send(self, what: str, **form: str) -> Said:
        """Post a form.

        Raises:
            RefusedError: X does not know this installation.
            UnavailableError: nothing was asked, or X is not there.
            NoAnswerError: whether it was done is unknown.
        """
        try:
            answer = await self._http.request(
                "POST", f"{self._base}/2/oauth2/{what}", headers=self._headers, form=form
            )
        except NotSentError as error:
            message = f"X cannot be reached: {error}"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error
        if answer.status >= _SERVER and answer.status != _NOT_NOW:
            message = f"X's token endpoint answered {answer.status}"
            raise NoAnswerError(message)
        said = Said(answer.status, answer.headers, _object(answer))
        if said.body.get("error") in {"unauthorized_client", "invalid_client"}:
            message = "X does not take `x_client_id` and `x_client_secret`"
            raise RefusedError(message, scope=Scope.APP)
        if not said.fine and said.status not in {_BAD, _UNAUTHORIZED}:
            raise trouble(said, Scope.APP, datetime.now(UTC))
        return said


def _object(answer: Answer) -> Mapping[str, Any]:
    """Read a body that should be an object; an HTML page is an empty one, unless it says that it was done."""
    try:
        body = answer.json()
    except NoAnswerError:
        if answer.status == _OK:
            raise
        return {}
    return body if isinstance(body, dict) else {}


def _pair(said: Said) -> Pair:
    body = said.body
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        message = "X's token endpoint gave no pair of tokens"
        raise NoAnswerError(message)
    life = body.get("expires_in")
    seconds = life if isinstance(life, int) and 0 < life <= _LIFE_S else _LIFE_S
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    return Pair(Secret(access), Secret(refresh), until, frozenset(str(body.get("scope") or "").split()))
