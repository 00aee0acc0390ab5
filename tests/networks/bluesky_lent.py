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
from bot.networks.atproto.client import Client
from bot.networks.atproto.jws import Key
from bot.networks.connect.bluesky import BlueskyConnect
from bot.networks.http import DEADLINE_S, Http, anywhere
from tests.pds import Pds, Person

BACK_TO = "http://127.0.0.1:8000/fr/back"
ON_LOOPBACK = Client("http://127.0.0.1:8000", Key.derived(b"demo"))
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Adapters:
    """Both adapters, in one event loop."""

    api: BlueskyApi
    connect: BlueskyConnect


def play(
    pds: Pds,
    act: Callable[[Adapters], Awaitable[Any]],
    client: Client = ON_LOOPBACK,
    deadline_s: float = DEADLINE_S,
) -> Any:
    """Run `act` with adapters that call the PDS through its wire."""

    async def run() -> Any:
        async with Http(anywhere) as http:
            api = BlueskyApi(http, client, pds.plc, pds.url, deadline_s)
            return await act(Adapters(api, BlueskyConnect(http, client, pds.plc, pds.url)))

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
    pds: Pds, person: Person, client: Client = ON_LOOPBACK, back_to: str = BACK_TO, by: Person | None = None
) -> Lent:
    """Lend an account by the PDS's own page of consent, where `by` (its owner) says yes."""

    async def act(adapters: Adapters) -> Lent:
        begun = await adapters.connect.begin(account(person), back_to)
        answer = await asyncio.to_thread(pds.consent, begun.url, by or person)
        assert answer["state"] == begun.state
        given = await adapters.connect.finish(begun.kept, back_to, answer)
        assert given.handle == person.handle
        return Lent(account(person), given.token)

    return play(pds, act, client)


def intent(target: str) -> Intent:
    """An intent like no other: written down now."""
    now = datetime.now(UTC)
    return Intent(next(_numbers), target, now - timedelta(microseconds=now.microsecond % 1000))
