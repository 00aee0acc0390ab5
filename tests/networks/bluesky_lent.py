"""Adapters of Bluesky before the PDS of the tests, and accounts that are lent to them."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.api.bluesky_posts import BlueskyPublisher
from bot.networks.atproto.client import SCOPE, Client
from bot.networks.atproto.jws import Key
from bot.networks.connect.bluesky import BlueskyConnect
from bot.networks.http import Http, anywhere
from tests.pds import Pds, Person

BACK_TO = "http://127.0.0.1:8000/fr/back"
ON_LOOPBACK = Client("http://127.0.0.1:8000", Key.derived(b"demo"))
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Adapters:
    """Both adapters, in one event loop."""

    api: BlueskyApi
    connect: BlueskyConnect
    publisher: BlueskyPublisher


def play(
    pds: Pds,
    act: Callable[[Adapters], Awaitable[Any]],
    client: Client = ON_LOOPBACK,
    scope: str = SCOPE,
) -> Any:
    """Run `act` with adapters that call the PDS through its proxy."""

    async def run() -> Any:
        async with Http(anywhere) as http:
            where = (pds.plc, pds.url)
            connect = BlueskyConnect(http, client, *where, scope)
            return await act(
                Adapters(BlueskyApi(http, client, *where), connect, BlueskyPublisher(http, *where))
            )

    return asyncio.run(run())


def account(person: Person) -> Account:
    """A volunteer's account, as the roster knows it."""
    return Account(1, 1, "bluesky", person.handle)


def lend(pds: Pds, person: Person, name: str = "") -> Lent:
    """Lend an account by an app password."""

    async def act(adapters: Adapters) -> Lent:
        given = await adapters.connect.sign_in(account(person), Secret(pds.app_password(person, name)))
        return Lent(account(person), given.token)

    return play(pds, act)


def consented(
    pds: Pds, person: Person, client: Client = ON_LOOPBACK, back_to: str = BACK_TO, scope: str = SCOPE
) -> Lent:
    """Lend an account by the PDS's own page of consent."""

    async def act(adapters: Adapters) -> Lent:
        begun = await adapters.connect.begin(account(person), back_to)
        answer = await asyncio.to_thread(pds.consent, begun.url, person)
        assert answer["state"] == begun.state
        given = await adapters.connect.finish(begun.kept, back_to, answer)
        assert given.handle == person.handle
        return Lent(account(person), given.token)

    return play(pds, act, client, scope)


def intent(target: str) -> Intent:
    """An intent like no other: written down now."""
    now = datetime.now(UTC)
    return Intent(next(_numbers), target, now - timedelta(microseconds=now.microsecond % 1000))
