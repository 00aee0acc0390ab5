"""What a call made is taken back by a call: once, within limits, and by hand where no call is let."""

from datetime import timedelta

import pytest

from bot.delivery import panic, recall
from bot.intake import life
from bot.model.boost import BoostState
from bot.model.calls import Action, Limit, Scope
from bot.model.journal import CLI, Actor
from bot.storage import access, boosts, calls, journal, recalls
from tests.clocks import NOW
from tests.delivery.lending import Lending
from tests.fakes.recording import RecordingNet


def undo(lending: Lending, notice_id: int) -> recall.Recalled:
    """Take back all boosts of a notice, as an operator."""
    return lending.app.store.run_write(recall.take_back, notice_id, now=lending.clock.now(), actor=CLI)


def made(lending: Lending, net: RecordingNet, count: int = 1, **values) -> tuple[int, list[int]]:
    """A notice that calls have boosted."""
    notice = lending.notice()
    found = []
    for _ in range(count):
        found.append(lending.due(notice, lending.volunteer(**values)))
        lending.deliver()
    assert {lending.state(one) for one in found} == {BoostState.VERIFIED}
    return notice.id, found


def test_what_a_call_made_is_undone_by_a_call(lending: Lending, net: RecordingNet):
    """Nothing is left on the network, nobody is asked to do it, and the call forgets what it knew."""
    notice_id, (boost_id,) = made(lending, net)
    found = undo(lending, notice_id)
    assert (found.by_bot, found.to_undo) == (1, ())
    person = lending.app.store.run_read(boosts.get, boost_id).volunteer_id
    assert lending.app.store.run_read(recalls.waiting, person) == []
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (BoostState.UNDONE, {})
    call = lending.call(boost_id)
    assert (call.next_at, call.target, call.remote_id) == (None, "", "")
    assert lending.app.store.run_read(recalls.count) == 0
    lines = lending.app.store.run_read(journal.read, subject=f"boost:{boost_id}", limit=1)
    assert [line.action for line in lines] == ["boost.taken_back"]


def test_a_withdrawal_takes_back_what_the_bot_boosted(lending: Lending, net: RecordingNet):
    """The seeker takes the notice back; its boosts by calls go, those by hand stay with their makers."""
    notice_id, (boost_id,) = made(lending, net)
    lending.app.store.run_write(life.withdraw, notice_id, now=NOW, actor=Actor("seeker"))
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (BoostState.UNDONE, {})


@pytest.mark.parametrize("fault", ["e503", "e429", "early"])
def test_trouble_delays_an_undo_and_loses_none(lending: Lending, net: RecordingNet, fault: str):
    """It is tried again after the wait, until the network says that nothing is there."""
    notice_id, (boost_id,) = made(lending, net)
    net.script["undo"].append(fault)
    undo(lending, notice_id)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.UNDOING
    lending.advance(minutes=1)
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (BoostState.UNDONE, {})


@pytest.mark.parametrize("why", ["refused", "lost"])
def test_what_no_call_can_undo_is_asked_by_hand(lending: Lending, net: RecordingNet, why: str):
    """The network says no, or the token is gone: the volunteer's page asks, and what they say ends it."""
    notice_id, (boost_id,) = made(lending, net)
    boost = lending.app.store.run_read(boosts.get, boost_id)
    net.script["undo"].append("e403")
    undo(lending, notice_id)
    if why == "lost":
        lending.app.store.run_write(access.lose, boost.account_id, NOW)
    lending.deliver()
    assert lending.app.store.run_read(recalls.waiting, boost.volunteer_id) == [boost_id]
    lending.app.store.run_write(recall.undone, boost_id, volunteer_id=boost.volunteer_id, now=NOW)
    assert lending.state(boost_id) is BoostState.UNDONE
    assert lending.app.store.run_read(recalls.count) == 0


@pytest.mark.parametrize(
    ("fault", "end"),
    [("lost", BoostState.UNDONE), ("early", BoostState.CANCELLED)],
    ids=["there", "not there"],
)
def test_what_is_asked_back_in_doubt_ends_once_it_is_known(
    lending: Lending, net: RecordingNet, fault: str, end: BoostState
):
    """Asked back while its outcome was unknown: found, it is undone; not there, it is not made any more."""
    notice = lending.notice()
    boost_id = lending.due(notice, lending.volunteer())
    net.script["boost"].append(fault)
    lending.deliver()
    undo(lending, notice.id)
    lending.advance(seconds=121)
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (end, {})


def test_an_undo_asked_for_in_a_halt_goes_out(lending: Lending, net: RecordingNet):
    """The halt may have been called for it; an undo that was asked for before waits, like all else."""
    first, (before,) = made(lending, net)
    second, (after,) = made(lending, net)
    due = lending.boosted()
    undo(lending, first)
    lending.advance(seconds=1)
    lending.app.store.run_write(panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=1)
    undo(lending, second)
    lending.advance(seconds=1)
    lending.deliver()
    states = [lending.state(one) for one in (before, after, due)]
    assert states == [BoostState.UNDOING, BoostState.UNDONE, BoostState.DUE]


def test_an_undo_of_the_moment_in_which_a_halt_begins_waits_for_its_end(lending: Lending, net: RecordingNet):
    """The clock does not tell which of the two came first, so it counts as asked for before."""
    notice_id, (boost_id,) = made(lending, net)
    undo(lending, notice_id)
    lending.app.store.run_write(panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=1)
    lending.deliver()
    assert (lending.state(boost_id), net.requests("undo")) == (BoostState.UNDOING, 0)
    lending.app.store.run_write(panic.resume, reason="looked at", now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.UNDONE


@pytest.mark.parametrize(("most", "weight"), [(10, 1), (50, 5), (54, 5)])
def test_undos_keep_to_the_limits(lending: Lending, net: RecordingNet, most: int, weight: int):
    """Twenty undos at ten a minute and instance, or at so many requests: all are done, no minute has more."""
    notice_id, found = made(lending, net, 20)
    weights = {Action.UNDO: weight}
    limit = Limit(Scope.INSTANCE, frozenset({Action.UNDO}), most, timedelta(minutes=1), "test", weights)
    lending.values["limits"] = (limit,)
    undo(lending, notice_id)
    times = []
    for _ in range(40):
        before = net.requests("undo")
        lending.deliver()
        times += [lending.clock.now()] * (net.requests("undo") - before)
        lending.advance(seconds=6)
    assert {lending.state(one) for one in found} == {BoostState.UNDONE}
    assert all(later - first >= limit.per for first, later in zip(times, times[10:], strict=False))


def test_an_erased_notice_is_still_undone(lending: Lending, net: RecordingNet):
    """What is being undone goes on; everything else of its calls is forgotten."""
    notice_id, (boost_id,) = made(lending, net)
    undo(lending, notice_id)
    lending.app.store.run_write(calls.forget, notice_id=notice_id)
    lending.deliver()
    assert (lending.state(boost_id), net.boosts()) == (BoostState.UNDONE, {})
