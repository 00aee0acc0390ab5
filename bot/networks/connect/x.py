"""Lending an account on X: OAuth 2.0 with PKCE, as a confidential client.

Contract: docs.x.com, fundamentals/authentication/oauth-2-0/authorization-code. A boost needs `tweet.write`,
which would allow posting too: the page of consent says so.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from urllib.parse import quote, urlencode

from bot.model.calls import Scope
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.x_client import XClient
from bot.networks.connect.base import Begun, Granted
from bot.networks.connect.x_pair import SCOPES, Desk, Pair, read_pair
from bot.networks.errors import AccessLostError, NetworkError, RefusedError
from bot.networks.http import Http, NoAnswerError
from bot.networks.watch.base import Purse

AUTHORIZE = "https://x.com/i/oauth2/authorize"
"""On twitter.com people would have to log in anew."""


class XConnect:
    """See `bot.networks.connect.base.Connect`. Asking who said yes costs money: `purse` is asked before."""

    name = "x"
    password = False

    def __init__(self, http: Http, base: str, client_id: str, client_secret: str, purse: Purse) -> None:
        self._http = http
        self._base = base
        self._client_id = client_id
        self._desk = Desk(http, base, client_id, client_secret)
        self._purse = purse

    async def begin(self, account: Account, back_to: str) -> Begun:
        """Give X's page of consent; makes no call."""
        verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back_to,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        kept = Secret(json.dumps({"verifier": verifier, "state": state, "handle": account.handle}))
        return Begun(f"{AUTHORIZE}?{urlencode(query, quote_via=quote)}", state, kept)

    async def finish(self, kept: Secret, back_to: str, answer: Mapping[str, str]) -> Granted:
        """Redeem the code, then ask once whose it is: $0.010.

        Raises:
            RefusedError: the volunteer said no, it is the answer to another question, the code is used up, or
                another account or scope came back.
            RateLimitedError: the budget has no room for the question.
        """
        row = json.loads(kept.reveal())
        if answer.get("state") != row["state"]:
            message = "the answer is to another question"
            raise RefusedError(message)
        if answer.get("error") or not answer.get("code"):
            message = "the volunteer did not say yes on X"
            raise RefusedError(message)
        reserved = await self._purse.reserve("connect", 1, 1)
        try:
            pair = await self._desk.exchange(answer["code"], row["verifier"], back_to)
        except RefusedError:
            await self._purse.settle("connect", reserved, 0)
            raise
        try:
            found = await self._who(pair)
            await self._purse.settle("connect", reserved, 1)
            _check(pair, found, row["handle"])
        except (NetworkError, NoAnswerError):
            with suppress(NetworkError, NoAnswerError):  # the first trouble is what the volunteer is told
                await self._give_back(pair)
            raise
        return found

    async def _who(self, pair: Pair) -> Granted:
        """Ask X whose token this is."""
        client = XClient(pair.access.reveal(), self._http, self._base, Scope.ACCOUNT)
        body = await client.get_me(user_auth=False)
        data = body.get("data")
        number, handle = (data.get("id"), data.get("username")) if isinstance(data, dict) else (None, None)
        if not (isinstance(number, str) and number.isdecimal() and isinstance(handle, str) and handle):
            message = "X did not say whose token it gave"
            raise NoAnswerError(message)
        whole = Pair(pair.access, pair.refresh, pair.until, pair.scopes, number)
        return Granted(handle.lower(), whole.text())

    async def sign_in(self, account: Account, password: Secret) -> Granted:  # noqa: ARG002  X has none
        """Refuse: X has no app passwords."""
        message = "X has no app passwords"
        raise RefusedError(message)

    async def revoke(self, token: Secret) -> None:
        """Give both tokens back, the one that makes new ones first."""
        try:
            pair = read_pair(token)
        except AccessLostError:
            return
        await self._give_back(pair)

    async def _give_back(self, pair: Pair) -> None:
        await self._desk.revoke(pair.refresh, "refresh_token")
        await self._desk.revoke(pair.access, "access_token")


def _check(pair: Pair, found: Granted, handle: str) -> None:
    """Refuse a grant that is not what was asked for.

    Raises:
        RefusedError: a scope is missing, or another account said yes.
    """
    if lacks := set(SCOPES) - pair.scopes:
        message = f"X did not grant {', '.join(sorted(lacks))}"
        raise RefusedError(message)
    if found.handle != handle:
        message = "another account said yes on X"
        raise RefusedError(message)
