"""Lending an account of Bluesky: by its own page of consent, or by an app password as the second choice."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.atproto import token as tokens
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.client import SCOPE, Client
from bot.networks.atproto.identity import Directory
from bot.networks.atproto.oauth import Asked, Grants
from bot.networks.atproto.sessions import Sessions
from bot.networks.connect.base import Begun, Granted
from bot.networks.errors import AccessLostError, RefusedError
from bot.networks.http import Http


class BlueskyConnect:
    """See `bot.networks.connect.base.Connect`. `plc` and `resolver` are addresses, see `Directory`."""

    name = "bluesky"
    password = True

    def __init__(self, http: Http, client: Client, plc: str, resolver: str, scope: str = SCOPE) -> None:
        calls = Calls(http)
        self._directory = Directory(calls, plc, resolver)
        self._grants = Grants(calls, client)
        self._sessions = Sessions(calls)
        self._scope = scope

    async def begin(self, account: Account, back_to: str) -> Begun:
        """Ask the account's authorization server, found from its handle, for a page of consent.

        Raises:
            RefusedError: nobody has the handle, or the site's address allows no such page.
        """
        who = await self._directory.find(account.handle)
        url, asked = await self._grants.ask(
            who.did, who.pds, handle=account.handle, back_to=back_to, scope=self._scope
        )
        return Begun(url, asked.state, Secret(json.dumps(asdict(asked) | {"handle": account.handle})))

    async def finish(self, kept: Secret, back_to: str, answer: Mapping[str, str]) -> Granted:
        """Redeem the code; the account that said yes must be the one that was asked.

        Raises:
            RefusedError: see `bot.networks.connect.base.Connect`.
        """
        fields = json.loads(kept.reveal())
        handle, asked = fields.pop("handle"), Asked(**fields)
        if answer.get("state") != asked.state:
            message = "the answer belongs to another connection"
            raise RefusedError(message)
        if answer.get("iss") != asked.issuer:
            message = "the answer comes from another authorization server"
            raise RefusedError(message)
        if "code" not in answer:
            message = f"no consent: {answer.get('error', 'no code')[:40]}"
            raise RefusedError(message)
        token = await self._grants.redeem(asked, answer["code"], back_to, datetime.now(UTC))
        return Granted(handle, token.sealed())

    async def sign_in(self, account: Account, password: Secret) -> Granted:
        """Begin a session with an app password.

        Raises:
            RefusedError: it is wrong, or the account's own.
        """
        who = await self._directory.find(account.handle)
        token = await self._sessions.create(who.did, who.pds, password)
        return Granted(account.handle, token.sealed())

    async def revoke(self, token: Secret) -> None:
        """Give a token back; one that the network does not take any more is given back."""
        with suppress(AccessLostError):
            mine = tokens.read(token)
            await (self._grants.revoke(mine) if mine.oauth else self._sessions.delete(mine))
