"""Crashes, steps of the clock, two engines, broken networks: never twice, never lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.delivery.places import AT_ONE_INSTANCE
from bot.model.boost import BoostState
from bot.model.steady import Mark
from bot.networks.http import Http, anywhere
from bot.storage import access, lanes
from tests.delivery.lending import Lending, StillSteady, assert_found_once, go
from tests.fakes.recording import RecordingNet


async def claimed(lending: Lending, owner: str = "one", action: str = "boost") -> None:
    """Take turns until a call of this action is claimed, and die before it is made."""
    async with Http(anywhere) as http:
        engine = lending.engine(http, owner)
        while True:
            taken = await engine.step()
            if any(one.action.value == action for one in taken.claims):
                for _, task in engine._running.values():
                    task.cancel()
                return
            await engine.settled()


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    while not true():  # noqa: ASYNC110  it is a row of the database
        await asyncio.sleep(0.01)


def test_a_restart_takes_its_own_lanes_at_once(lending: Lending, net: RecordingNet):
    """What was on its way is in doubt, waits for the quiet period, and is then made once."""
    boost_id = lending.boosted()
    asyncio.run(claimed(lending))
    assert lending.state(boost_id) is BoostState.SENDING

    async def restart() -> None:
        async with Http(anywhere) as http:
            engine = lending.engine(http)
            running = asyncio.create_task(engine.run())
            async with asyncio.timeout(10):
                await until(lambda: lending.state(boost_id) is not BoostState.SENDING)
            running.cancel()
            await asyncio.wait([running])

    asyncio.run(restart())
    assert_found_once(lending, net, boost_id)


def test_a_lapsed_lease_is_doubt_and_never_due(lending: Lending, net: RecordingNet):
    """Another engine takes the lane over when its lease has run out, and asks before it sends."""
    boost_id = lending.boosted()
    asyncio.run(claimed(lending))
    lending.advance(seconds=49)
    lending.deliver(owner="two")
    assert lending.state(boost_id) is BoostState.SENDING
    lending.advance(seconds=1)
    lending.deliver(owner="two")
    assert lending.state(boost_id) is BoostState.UNCERTAIN
    assert net.requests("boost") == 0


@pytest.mark.parametrize("hours", [-1, 1, 24])
def test_a_step_of_the_clock_shortens_no_quiet_period(lending: Lending, net: RecordingNet, hours: int):
    """The wall clock jumps; what is in doubt is asked after the real quiet period, not before."""
    boost_id = lending.boosted()
    net.script["boost"].append("early")
    lending.deliver()
    lending.clock.advance(timedelta(hours=hours))
    lending.deliver()
    assert net.requests("read_back") == 0
    lending.advance(hours=1 if hours < 0 else 0, seconds=121)
    lending.deliver()
    if hours < 24:
        assert lending.state(boost_id) is BoostState.VERIFIED
    assert net.requests("read_back") == 1


def test_a_mark_of_another_boot_counts_anew(lending: Lending, net: RecordingNet):
    """After a restart of the machine nobody knows how long ago it was: the quiet period begins again."""
    lending.boosted()
    net.script["boost"].append("early")
    lending.deliver()
    lending.advance(seconds=121)
    lending.steady = StillSteady("another boot")
    lending.deliver()
    assert net.requests("read_back") == 0
    lending.advance(seconds=121)
    lending.deliver()
    assert net.requests("read_back") == 1


def test_marks_compare_within_one_boot():
    """A mark reads back as it was written; those of other boots, and none at all, compare with nothing."""
    mark = Mark("b/oot", 12.5)
    assert Mark.of(str(mark)) == mark
    assert Mark("b/oot", 14.0).since(mark) == 1.5
    assert mark.since(Mark.of("")) is None


def test_two_engines_on_one_database_make_each_boost_once(lending: Lending, net: RecordingNet):
    """Claims exclude each other: every boost once, and no account with two calls at a time."""
    net.latency = 0.01
    people = [lending.volunteer(cap_day=20) for _ in range(5)]
    made = [lending.due(lending.notice(), person) for _ in range(4) for person in people]

    async def run() -> None:
        async with Http(anywhere) as http:
            first, second = lending.engine(http, "one"), lending.engine(http, "two")
            for _ in range(200):
                await asyncio.gather(go(first), go(second))
                if all(lending.state(one) is BoostState.VERIFIED for one in made):
                    return
                lending.advance(seconds=61)

    asyncio.run(run())
    assert sorted(net.boosts().values()) == [1] * 20
    assert net.overlaps == 0


def test_a_faulty_network_gets_each_boost_once(lending: Lending, net: RecordingNet):
    """A third of the answers is broken in every way; in the end each boost is there, once."""
    net.faults = dict.fromkeys(["lost", "early", "e500after", "e503", "e429", "garbage", "slow"], 0.05)
    net.lag = 0.01
    people = [lending.volunteer(cap_day=20) for _ in range(6)]
    made = [lending.due(lending.notice(), person) for _ in range(5) for person in people]
    for _ in range(60):
        lending.deliver()
        lending.advance(seconds=130)
        if all(lending.state(one) is BoostState.VERIFIED for one in made):
            break
    assert {lending.state(one) for one in made} == {BoostState.VERIFIED}
    assert sorted(net.boosts().values()) == [1] * 30


def test_without_a_read_back_the_unknown_stays_unknown(lending: Lending, net: RecordingNet):
    """A network that cannot be asked: the boost waits for an admin, and is never sent again by itself."""
    lending.values["reads_back"] = False
    boost_id = lending.boosted()
    net.script["boost"].append("lost")
    lending.deliver()
    lending.advance(hours=30)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.UNCERTAIN
    assert (net.requests("boost"), net.requests("read_back")) == (1, 0)


def test_doubt_is_cleared_past_the_expiry(lending: Lending, net: RecordingNet):
    """An unknown boost is read back however late it is; what was made counts."""
    boost_id = lending.boosted()
    net.script["boost"].append("lost")
    lending.deliver()
    lending.advance(hours=30)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_many_refused_tokens_open_a_breaker_and_one_probe_closes_it(lending: Lending, net: RecordingNet):
    """Nobody is unlinked by an outage: calls stop, one account asks now and then, and all go on."""
    made = [lending.boosted() for _ in range(30)]
    net.script["locate"].extend(["e401"] * 1000)
    for _ in range(40):
        lending.deliver()
        lending.advance(minutes=1)
    # Those of the first turn were on their way together; afterwards one probe each five minutes.
    assert net.requests("locate") <= AT_ONE_INSTANCE + 40 / 5
    assert net.requests("locate") > AT_ONE_INSTANCE
    net.script["locate"].clear()
    lending.advance(minutes=11)
    lending.deliver(turns=100)
    for _ in range(5):
        lending.advance(minutes=6)
        lending.deliver(turns=100)
    assert {lending.state(one) for one in made} == {BoostState.VERIFIED}
    assert all(one.lost_at is None for one in lending.app.store.run_read(access.page))
    assert lending.app.store.run_read(lanes.breakers) == {}


def test_a_stop_waits_for_the_calls_on_their_way(lending: Lending, net: RecordingNet):
    """Cancelled, the engine writes down how its calls ended, within its few seconds."""
    net.latency = 0.2
    boost_id = lending.boosted()

    async def run() -> None:
        async with Http(anywhere) as http:
            engine = lending.engine(http)
            running = asyncio.create_task(engine.run())
            await until(lambda: lending.state(boost_id) is BoostState.SENDING and net.open > 0)
            running.cancel()
            await asyncio.wait([running], timeout=5)
            assert running.done()

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.VERIFIED
