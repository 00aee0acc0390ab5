"""What a network brings to the contract suite, and the way a play runs on it.

A network plugs in by a module with a stage, and a line in `tests/contract/networks.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

import pytest

from bot.model.calls import Scope
from bot.model.notice import PostRef
from bot.networks.api.base import Api, Intent, Lent, Publisher
from bot.networks.connect.base import Connect
from tests.fakes.proxy import Proxy

PLAY_S = 60
"""Longest play."""
BACK = "https://languette.internal/connected"
"""Our page, at a name that the official PDS of Bluesky takes for a public one."""


class Stage(Protocol):
    """One network under test: our adapters, a server with a proxy before it, and what is true at the server.

    Other people post; `lent` is the account of the volunteer, whose calls go through `proxy`.
    """

    api: Api
    connect: Connect | None
    """None where a stage cannot say yes on a page of consent."""
    publisher: Publisher | None
    lent: Lent
    proxy: Proxy
    deadline_s: float
    """After which a call of ours must have ended."""
    full_scope: Scope
    """What must wait after the 429 of `full`."""
    edits: bool
    """Whether `edit` can be done."""

    async def post(self, words: str) -> PostRef:
        """Let somebody post."""
        ...

    async def edit(self, post: PostRef, words: str) -> None:
        """Let them change the words."""
        ...

    async def delete(self, post: PostRef) -> None:
        """Let them delete it."""
        ...

    async def boosts(self, post: PostRef) -> int:
        """Give how many boosts of the post the volunteer's account has, as others see it."""
        ...

    async def dead(self) -> Lent:
        """Give an account whose token was revoked behind our back."""
        ...

    def full(self, until: datetime) -> bytes:
        """Give the network's own answer when a window is full until then."""
        ...

    async def consent(self, url: str, *, yes: bool = True, as_another: bool = False) -> Mapping[str, str]:
        """Do what the volunteer does on the network's page; give what it leads back with."""
        ...

    def canaries(self) -> list[str]:
        """Give every secret that went over the wire so far."""
        ...


Play = Callable[[Stage], Awaitable[None]]
Opening = Callable[..., AbstractAsyncContextManager[Stage]]
"""Its attribute `fixtures`, if it has one, names the fixtures whose values it takes."""


def intent_of(target: str, number: int = 7) -> Intent:
    """Give the intent to boost what `locate` found."""
    now = datetime.now(UTC)
    return Intent(number, target, now.replace(microsecond=now.microsecond // 1000 * 1000))


def on_each(networks: Mapping[str, Opening]) -> Callable[[Play], Callable[..., None]]:
    """Make a test of a play: it runs on a fresh stage of each network."""

    def decorate(play: Play) -> Callable[..., None]:
        @pytest.mark.parametrize("network", networks)
        def test(network: str, request: pytest.FixtureRequest) -> None:
            opening = networks[network]
            values = [request.getfixturevalue(name) for name in getattr(opening, "fixtures", ())]

            async def run() -> None:
                async with asyncio.timeout(PLAY_S), opening(*values) as stage:
                    await play(stage)

            asyncio.run(run())

        test.__name__, test.__doc__ = play.__name__, play.__doc__  # type: ignore[attr-defined]
        return test

    return decorate


def needs(what: object, why: str) -> None:
    """Skip a play that a network does not stage."""
    if not what:
        pytest.skip(why)
