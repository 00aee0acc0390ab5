"""What changes while a call is on its way: its end is written down as it is, and nothing else."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.delivery import panic, recall, take_back, tokens
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI
from bot.model.notice import Notice, NoticeState
from bot.privacy import erasure
from bot.storage import access, boosts, notices, revocations
from tests.delivery.lending import Lending, assert_found_once, delivering, go
from tests.delivery.test_doubt import until
from tests.fakes.recording import RecordingNet

DAY = timedelta(hours=24)


def during(lending: Lending, change: Callable[[], object], **terms: object) -> None:
    """Claim what is due; let something change before the calls are made; then write down their ends."""

    async def run() -> None:
        async with delivering(lending, **terms) as engine:
            await engine.begin()
            assert (await engine.step()).claims
            change()
            await engine.settled()

    asyncio.run(run())


def tries(lending: Lending, boost_id: int) -> int:
    """Give how often a boost's call failed."""
    return int(lending.call(boost_id).attempts)


def test_a_token_given_meanwhile_is_the_one_that_counts(lending: Lending, net: RecordingNet):
    """The call with the older one is not made; what it was renewed to goes back to the network."""
    person = lending.volunteer(token="renew:older")
    boost_id = lending.due(lending.notice(), person)
    during(lending, lambda: lending.lend(person.accounts[0], token="newer"))
    assert [one[1] for one in net.log] == ["renew"]
    assert lending.state(boost_id) is BoostState.DUE
    opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
    (back,) = lending.app.store.run_read(revocations.page)
    assert opener.open(tokens.bound(back.account_id, back.network), back.sealed).reveal() == "older"
    lending.advance(minutes=1)
    lending.deliver()
    assert net.boosts() == {("newer", "here:post2"): 1}


def test_a_call_whose_deadline_has_passed_is_not_made(lending: Lending, net: RecordingNet):
    """The machine slept between the claim and the call: nothing leaves, and it is made later."""
    boost_id = lending.boosted()
    during(lending, lambda: lending.advance(seconds=40))
    assert (net.log, lending.state(boost_id)) == ([], BoostState.DUE)
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_a_call_that_outlives_its_deadline_ends(lending: Lending, net: RecordingNet):
    """The network answers too late: tried again, and nothing was done meanwhile."""
    boost_id = lending.boosted()
    net.latency = 1.0
    during(lending, lambda: None, deadline=timedelta(seconds=0.2))
    assert (lending.state(boost_id), tries(lending, boost_id)) == (BoostState.DUE, 1)
    net.latency = 0.0
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_a_call_ends_when_this_machine_slept_through_its_deadline(lending: Lending, net: RecordingNet):
    """The clock that nobody sets went on while the loop did not: the call is given up."""
    boost_id = lending.boosted()
    net.latency = 2.0

    async def run() -> None:
        async with delivering(lending, look_s=0.05) as engine:
            running = asyncio.create_task(engine.run())
            async with asyncio.timeout(30):
                await until(lambda: net.open > 0)
                lending.advance(seconds=40)
                await until(lambda: tries(lending, boost_id) > 0)
            running.cancel()
            await asyncio.wait([running])

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.DUE
    assert net.requests("boost") == 0


def test_an_answer_that_breaks_the_program_is_doubt(lending: Lending, net: RecordingNet):
    """Nobody knows what the call came to: it is asked for, not made again at once."""
    boost_id = lending.boosted()
    net.retry_after = "soon"  # type: ignore[assignment]  no number, as the adapter thinks it is
    net.script["boost"].append("e429")
    lending.deliver()
    assert_found_once(lending, net, boost_id)


def test_a_token_that_cannot_be_opened_calls_nobody(lending: Lending, net: RecordingNet):
    """Sealed to a key that is not there: it waits, ever longer, and goes once the token is good."""
    person = lending.volunteer()
    boost_id = lending.due(lending.notice(), person)
    lost = {"mode": Mode.AUTOMATIC, "sealed": "v1.00000000.AAAA", "now": lending.clock.now()}
    lending.app.store.run_write(access.give, person.accounts[0].id, **lost)
    lending.deliver()
    assert (net.log, lending.state(boost_id), tries(lending, boost_id)) == ([], BoostState.DUE, 1)
    lending.lend(person.accounts[0], token="good")
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_an_end_that_comes_after_its_lease_is_not_written(lending: Lending, net: RecordingNet):
    """Another engine took the account over: the late one says so and changes nothing."""
    boost_id = lending.boosted()

    async def run() -> None:
        async with delivering(lending) as late, delivering(lending, "two") as other:
            await late.begin()
            assert (await late.step()).claims
            lending.advance(seconds=50)
            assert await go(other) == 3
            await asyncio.gather(*(task for _, task in late._running.values()))
            assert (await late.step()).stale == 1

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]


def erased_during(lending: Lending, notice: Notice, before: int) -> None:
    """Let so many calls for a notice end, and erase its seeker while the next one is on its way."""
    for _ in range(before):
        during(lending, lambda: None)

    def erase() -> None:
        now = lending.clock.now()
        erasure.erase_seeker(lending.app.store, lending.app.ledger(), notice.seeker_id, now=now, actor=CLI)

    during(lending, erase)


@pytest.mark.parametrize(("before", "action"), [(0, "locate"), (1, "look")])
def test_a_notice_erased_meanwhile_stops_nobody(
    lending: Lending, net: RecordingNet, before: int, action: str
):
    """The end of its call is written, nothing of the post comes back, the account goes on with others."""
    notice, person = lending.notice(), lending.volunteer()
    boost_id = lending.due(notice, person)
    erased_during(lending, notice, before)
    assert net.log[-1][1] == action
    assert lending.state(boost_id) is BoostState.CANCELLED
    other = lending.due(lending.notice(), person)
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(other) is BoostState.VERIFIED
    assert len(net.boosts()) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("", BoostState.UNDONE),
        ("lost", BoostState.UNDONE),
        ("e500after", BoostState.UNDONE),
        ("early", BoostState.CANCELLED),
        ("e503", BoostState.CANCELLED),
        ("e403", BoostState.FAILED),
    ],
)
def test_a_boost_of_an_erased_notice_does_not_stay(
    lending: Lending, net: RecordingNet, fault: str, state: BoostState
):
    """Erased while it was being made: it is found, taken back, and what the post was called is forgotten."""
    notice = lending.notice()
    boost_id = lending.due(notice, lending.volunteer())
    net.script["boost"].append(fault)
    erased_during(lending, notice, 2)
    assert net.requests("boost") == 1
    for _ in range(4):
        lending.advance(seconds=121)
        lending.deliver()
    assert net.boosts() == {}
    found = lending.call(boost_id)
    assert (lending.state(boost_id), found.target, found.remote_id, found.next_at) == (state, "", "", None)
    assert net.requests("boost") == 1


@pytest.mark.parametrize("scope", ["account", "network"])
def test_a_refusal_changes_nothing_in_what_was_cancelled(lending: Lending, net: RecordingNet, scope: str):
    """Its notice has paused since: neither failed nor asked by hand."""
    notice = lending.notice()
    boost_id = lending.due(notice, lending.volunteer())
    net.scope = scope
    net.script["locate"].append("e403")

    def pause() -> None:
        write, now = lending.app.store.run_write, lending.clock.now()
        write(notices.move, notice.id, NoticeState.PAUSED)
        write(boosts.cancel, now, notice_id=notice.id)

    during(lending, pause)
    assert net.requests("locate") == 1
    assert lending.state(boost_id) is BoostState.CANCELLED


def test_under_a_halt_only_what_is_taken_back_since_is_called(lending: Lending, net: RecordingNet):
    """Of one account: an undo asked before the halt waits, as what is due does; one asked since does not."""
    person, write = lending.volunteer(), lending.app.store.run_write
    older, newer = (lending.due(lending.notice(), person) for _ in range(2))
    for _ in range(2):
        lending.deliver()
        lending.advance(minutes=1)
    assert {lending.state(older), lending.state(newer)} == {BoostState.VERIFIED}
    waits = lending.due(lending.notice(), person)
    who = {"volunteer_id": person.id}
    write(take_back.start_undo, older, now=lending.clock.now(), **who)
    lending.advance(seconds=1)
    write(panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=1)
    write(take_back.start_undo, newer, now=lending.clock.now(), **who)
    for _ in range(3):
        lending.deliver()
        lending.advance(minutes=5)
    found = [lending.state(one) for one in (older, newer, waits)]
    assert found == [BoostState.UNDOING, BoostState.UNDONE, BoostState.DUE]
    write(panic.resume, reason="over", now=lending.clock.now(), actor=CLI)
    for _ in range(3):
        lending.deliver()
        lending.advance(minutes=5)
    assert [lending.state(one) for one in (older, waits)] == [BoostState.UNDONE, BoostState.VERIFIED]


def test_what_was_asked_back_before_a_halt_waits_for_its_end(lending: Lending, net: RecordingNet):
    """It was in doubt when it was asked back, and the answer came under the halt."""
    notice, write = lending.notice(), lending.app.store.run_write
    boost_id = lending.due(notice, lending.volunteer())
    net.script["boost"].append("lost")
    lending.deliver()
    write(recall.take_back, notice.id, now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=121)
    during(lending, lambda: write(panic.halt, reason="", now=lending.clock.now(), actor=CLI))
    assert lending.state(boost_id) is BoostState.UNDOING
    lending.advance(seconds=1)
    lending.deliver()
    assert net.requests("undo") == 0
    write(panic.resume, reason="over", now=lending.clock.now(), actor=CLI)
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (BoostState.UNDONE, {})


def test_what_cannot_be_asked_for_any_more_is_left_to_an_admin(lending: Lending, net: RecordingNet):
    """The network was read back when it broke off, and is not by the time to ask: it stays unknown."""
    boost_id = lending.boosted()
    net.script["boost"].append("lost")
    lending.deliver()
    lending.values = {"reads_back": False}
    lending.advance(seconds=121)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.UNCERTAIN
    assert lending.call(boost_id).next_at is None
    assert net.requests("boost") == 1
