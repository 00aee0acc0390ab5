"""Grants by OAuth 2.1 as the AT Protocol profiles it: PAR, PKCE, DPoP (atproto.com/specs/oauth)."""

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.model.secret import Secret
from bot.networks.atproto import answers
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.client import Client
from bot.networks.atproto.identity import is_origin
from bot.networks.atproto.jws import Key, b64
from bot.networks.atproto.token import Token, until_of
from bot.networks.errors import AccessLostError, NetworkError, RefusedError, UnavailableError
from bot.networks.http import NoAnswerError

_ENDPOINTS = {
    "par": "pushed_authorization_request_endpoint",
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "revoke": "revocation_endpoint",
}


@dataclass(frozen=True, slots=True)
class Server:
    """An authorization server: its name and where it takes what."""

    issuer: str
    par: str
    authorize: str
    token: str
    revoke: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A grant under way: who is asked for what, and what redeems it. `key` and `verifier` are secrets."""

    did: str
    pds: str
    issuer: str
    client_id: str
    scope: str
    state: str
    verifier: str
    key: str


class Grants:
    """Asks for grants, redeems, renews and gives them back, in the name of `client`."""

    def __init__(self, calls: Calls, client: Client) -> None:
        self._calls = calls
        self._client = client

    async def server_of(self, pds: str) -> Server:
        """Give the authorization server of a PDS.

        Raises:
            RefusedError: it has none that does what the AT Protocol asks for.
            UnavailableError: nothing is known now.
        """
        resource = await self._document(f"{pds}/.well-known/oauth-protected-resource")
        issuers = resource.get("authorization_servers")
        issuer = issuers[0] if isinstance(issuers, list) and issuers else ""
        if not isinstance(issuer, str) or not is_origin(issuer):
            message = "the PDS names no authorization server"
            raise RefusedError(message)
        return await self._server(issuer)

    async def _server(self, issuer: str) -> Server:
        found = await self._document(f"{issuer}/.well-known/oauth-authorization-server")
        ends = {name: found.get(field) for name, field in _ENDPOINTS.items()}
        scheme = urlsplit(issuer).scheme
        fit = all(isinstance(end, str) and end.startswith(f"{scheme}://") for end in ends.values())
        if found.get("issuer") != issuer or not fit:
            message = "the authorization server does not describe itself as the AT Protocol asks"
            raise RefusedError(message)
        return Server(issuer, **{name: str(end) for name, end in ends.items()})

    async def ask(self, did: str, pds: str, *, handle: str, back_to: str, scope: str) -> tuple[str, Asked]:
        """Push a request for a grant; give the page of consent, and what redeems its answer.

        Raises:
            NetworkError: one of the four.
            NoAnswerError: no whole answer; nothing is granted.
        """
        server = await self.server_of(pds)
        key, state, verifier = Key.fresh(), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        client_id = self._client.id(back_to, scope)
        form = {
            "client_id": client_id,
            "response_type": "code",
            "redirect_uri": back_to,
            "scope": scope,
            "state": state,
            "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "login_hint": handle,
        }
        pushed = await self._post(server.issuer, server.par, key, form)
        asked = Asked(did, pds, server.issuer, client_id, scope, state, verifier, key.text)
        where = urlencode({"client_id": client_id, "request_uri": str(pushed.get("request_uri"))})
        return f"{server.authorize}?{where}", asked

    async def redeem(self, asked: Asked, code: str, back_to: str, now: datetime) -> Token:
        """Turn a code into a token.

        Raises:
            RefusedError: the code is used up, or another account or less than was asked for came back.
        """
        server = await self.server_of(asked.pds)
        form = {
            "client_id": asked.client_id,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": asked.verifier,
        }
        self._check_issuer(server, asked.issuer)
        try:
            given = await self._post(server.issuer, server.token, Key.read(asked.key), form)
        except AccessLostError as error:
            raise RefusedError(error.why) from error
        token = Token(
            asked.did,
            asked.pds,
            Secret(str(given.get("access_token"))),
            Secret(str(given.get("refresh_token"))),
            until_of(given.get("expires_in"), now),
            asked.issuer,
            asked.client_id,
            str(given.get("scope")),
            Secret(asked.key),
        )
        if problem := _mismatch(given, asked.did, asked.scope):
            with suppress(NetworkError, NoAnswerError):
                await self.revoke(token)
            raise RefusedError(problem)
        return token

    async def refresh(self, token: Token, pds: str, server: Server, now: datetime) -> Token:
        """Give the next pair from the server of the account's PDS; this one is used up by that.

        Raises:
            AccessLostError: the grant has ended, or the account moved to another authorization server.
            NoAnswerError: the pair may be lost: asking again ends the grant if it is.
        """
        self._check_issuer(server, token.issuer)
        form = {
            "client_id": token.client_id,
            "grant_type": "refresh_token",
            "refresh_token": token.refresh.reveal(),
        }
        given = await self._post(server.issuer, server.token, Key.read(token.key.reveal()), form)
        if problem := _mismatch(given, token.did, token.scope):
            raise AccessLostError(problem)
        until = until_of(given.get("expires_in"), now)
        return token.renewed(str(given.get("access_token")), str(given.get("refresh_token")), until, pds)

    async def revoke(self, token: Token) -> None:
        """End a grant at who gave it, wherever the account lives now.

        Raises:
            AccessLostError: the server does not take us for who was granted it: we cannot use it either.
        """
        server = await self._server(token.issuer)
        form = {"client_id": token.client_id, "token": token.refresh.reveal()}
        form |= self._client.assertion(token.client_id, server.issuer)
        answer = await self._calls.prove(Key.read(token.key.reveal()), server.revoke, form=form)
        if not answers.is_success(answer):
            raise answers.problem(answer, server.revoke, writes=True)

    async def _post(self, issuer: str, url: str, key: Key, form: Mapping[str, str]) -> Mapping[str, Any]:
        proved = {**form, **self._client.assertion(form["client_id"], issuer)}
        answer = await self._calls.prove(key, url, form=proved)
        if not answers.is_success(answer):
            raise answers.problem(answer, url, writes=True)
        return answers.body(answer)

    async def _document(self, url: str) -> Mapping[str, Any]:
        try:
            answer = await self._calls.get(url)
            if answers.is_success(answer):
                return answers.body(answer)
        except NoAnswerError as error:
            raise UnavailableError(str(error)) from error
        found = answers.problem(answer, url)
        raise found if isinstance(found, NetworkError) else UnavailableError(str(found))

    @staticmethod
    def _check_issuer(server: Server, issuer: str) -> None:
        if server.issuer != issuer:
            message = "the account has moved to another authorization server"
            raise AccessLostError(message)


def _mismatch(given: Mapping[str, Any], did: str, scope: str) -> str:
    """Say what is wrong with a token that was given; empty when nothing is."""
    if given.get("token_type") != "DPoP":
        return "the token is not bound to our key"
    if given.get("sub") != did:
        return "another account said yes"
    if not set(scope.split()) <= set(str(given.get("scope")).split()):
        return "less was granted than reposts need"
    if not (given.get("access_token") and given.get("refresh_token")):
        return "half a token was granted"
    return ""
