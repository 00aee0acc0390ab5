"""Calls of the AT Protocol: plain ones, and those that prove who sends them (DPoP, RFC 9449)."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.model.calls import Scope
from bot.networks.atproto import answers
from bot.networks.atproto.jws import Key, b64
from bot.networks.atproto.token import Token
from bot.networks.errors import UnavailableError
from bot.networks.http import DEADLINE_S, Answer, Http, NotSentError

_ORIGINS = 1000
"""Nonces that are remembered; forgetting one costs a call more."""


class Calls:
    """Everything that leaves for a host of the AT Protocol, under one deadline a call."""

    def __init__(self, http: Http, deadline_s: float = DEADLINE_S) -> None:
        self._http = http
        self._deadline_s = deadline_s
        self._nonces: dict[str, str] = {}

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read what everybody may read.

        Raises:
            UnavailableError: it was not sent.
            NoAnswerError: no whole answer came.
        """
        return await self._send("GET", url, self._deadline_s, params=params)

    async def post(self, url: str, bearer: str = "", json: object = None) -> Answer:
        """Call with a bearer token, or with none; raises like `get`."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._send("POST", url, self._deadline_s, headers=headers, json=json)

    async def prove(self, key: Key, url: str, access: str = "", **content: Any) -> Answer:
        """POST with a proof that we hold `key`, and the token that is bound to it; raises like `get`.

        A server that wants its nonce in the proof has done nothing yet: it is asked again, once.
        """
        end = asyncio.get_running_loop().time() + self._deadline_s
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        answer = await self._prove(key, url, access, origin, self._deadline_s, content)
        if _wants_nonce(answer) and origin in self._nonces:
            rest_s = end - asyncio.get_running_loop().time()
            answer = await self._prove(key, url, access, origin, rest_s, content)
        return answer

    async def write(self, token: Token, method: str, record: Mapping[str, Any]) -> Answer:
        """Call a method of the account's PDS that changes its repository.

        Raises:
            NetworkError: one of the four.
            NoAnswerError: nobody knows whether it was done.
        """
        url, access = f"{token.pds}/xrpc/{method}", token.access.reveal()
        if token.oauth:
            answer = await self.prove(Key.read(token.key.reveal()), url, access, json=record)
        else:
            answer = await self.post(url, access, record)
        if not answers.is_success(answer):
            raise answers.problem(answer, url, writes=True)
        return answer

    async def _prove(
        self, key: Key, url: str, access: str, origin: str, deadline_s: float, content: Mapping[str, Any]
    ) -> Answer:
        claims = {"jti": secrets.token_urlsafe(16), "htm": "POST", "htu": url, "iat": int(time.time())}
        if origin in self._nonces:
            claims["nonce"] = self._nonces[origin]
        headers = {}
        if access:
            claims["ath"] = b64(hashlib.sha256(access.encode()).digest())
            headers["Authorization"] = f"DPoP {access}"
        headers["DPoP"] = key.sign({"typ": "dpop+jwt", "jwk": key.public}, claims)
        answer = await self._send("POST", url, deadline_s, headers=headers, **content)
        if nonce := answer.headers.get("dpop-nonce"):
            if len(self._nonces) >= _ORIGINS:
                self._nonces.clear()
            self._nonces[origin] = nonce
        return answer

    async def _send(self, method: str, url: str, deadline_s: float, **values: Any) -> Answer:
        try:
            return await self._http.request(method, url, deadline_s=max(deadline_s, 0), **values)
        except NotSentError as error:
            message = f"{_host(url)} cannot be reached: {error}"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error


def _wants_nonce(answer: Answer) -> bool:
    """Whether a server refuses only because the proof lacks its nonce (RFC 9449 sections 8 and 9)."""
    return answer.status in {answers.BAD, answers.UNAUTHORIZED} and (
        answers.error_of(answer) == "use_dpop_nonce"
        or "use_dpop_nonce" in answer.headers.get("www-authenticate", "")
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "a host without a name"
    except ValueError:
        return "a host without a name"
