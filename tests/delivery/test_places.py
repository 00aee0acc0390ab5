"""Calls at one place: no more at once than there are connections to it, and what is slow keeps nobody out."""

import asyncio

from bot.delivery.places import AT_ONE_PLACE
from tests.delivery.lending import Lending, delivering
from tests.fakes.recording import RecordingNet


def test_a_place_is_given_no_more_calls_than_connections(lending: Lending, net: RecordingNet):
    """The lanes of one instance that have waited longest take its connections, the next instance's go on."""
    for _ in range(AT_ONE_PLACE + 3):
        lending.boosted(instance="slow.example")
        lending.advance(seconds=1)
    lending.boosted(instance="quick.example")

    async def claims() -> list[list[str]]:
        async with delivering(lending) as engine:
            taken = [await engine.step() for _ in range(2)]
            await engine.settled()
            taken.append(await engine.step())
            await engine.settled()
        return [[one.lane.instance for one in turn.claims] for turn in taken]

    first, second, third = asyncio.run(claims())
    assert first == ["slow.example"] * AT_ONE_PLACE + ["quick.example"]
    assert second == [], "all its connections are taken"
    assert third.count("slow.example") == AT_ONE_PLACE
    assert net.requests("locate") + net.requests("look") >= 2 * AT_ONE_PLACE
