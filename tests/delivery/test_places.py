"""Calls at one place: no more at once than there are connections to it, and what is slow keeps nobody out."""

import asyncio

from bot.delivery.places import AT_ONE_INSTANCE, AT_ONE_NETWORK, full
from bot.model.lane import Lane
from tests.delivery.lending import Lending, delivering
from tests.fakes.recording import RecordingNet


def test_a_place_is_given_no_more_calls_than_connections(lending: Lending, net: RecordingNet):
    """The lanes of one instance that have waited longest take its connections, the next instance's go on."""
    for _ in range(AT_ONE_INSTANCE + 3):
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
    assert first == ["slow.example"] * AT_ONE_INSTANCE + ["quick.example"]
    assert second == [], "all its connections are taken"
    assert third.count("slow.example") == AT_ONE_INSTANCE
    assert net.requests("locate") + net.requests("look") >= 2 * AT_ONE_INSTANCE


def test_a_network_without_instances_takes_half_of_all():
    """Its accounts live on many servers; yet a slow one leaves calls for the other networks."""
    lanes = [
        Lane(number, "bluesky", "", leased=False, epoch=0, refusals=0) for number in range(AT_ONE_NETWORK)
    ]
    assert full(lanes[1:]) == []
    assert full(lanes) == [("bluesky", "")]
