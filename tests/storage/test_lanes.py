"""Lanes: who may be called for, who holds whom, and what a lost lease may still write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.lane import Rest
from bot.storage import Session, boosts, calls, lanes
from bot.storage.store import Store
from bot.storage.tables import LONG_AGO, LaneRow
from tests.clocks import NOW
from tests.planned import plan_boost

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)


@pytest.fixture
def due(store: Store, make_notice: Callable[..., Any], make_volunteer: Callable[..., Any]) -> tuple[int, int]:
    """A boost that is due now, and its account."""
    notice, volunteer = make_notice(), make_volunteer()

    def make(session: Session) -> tuple[int, int]:
        boost_id = plan_boost(session, notice, volunteer, mode=Mode.AUTOMATIC)
        boosts.move(session, boost_id, BoostState.DUE)
        calls.open_call(session, boost_id, Action.BOOST, NOW)
        return boost_id, volunteer.accounts[0].id

    return store.run_write(make)


def ready(store: Store, at: Any = NOW) -> list[int]:
    """Give the accounts that may be called for."""
    return [lane.account_id for lane in store.run_read(lanes.ready, at, {"x"}, 10)]


def test_an_open_call_wakes_its_lane(store: Store, due: tuple[int, int]):
    """The lane is ready from the call's moment on, and only for the networks that are asked for."""
    assert ready(store, NOW - timedelta(seconds=1)) == []
    assert ready(store) == [due[1]]
    assert store.run_read(lanes.ready, NOW, {"mastodon"}, 10) == []
    assert store.run_read(calls.heads, [due[1]], NOW)[due[1]].boost_id == due[0]


@pytest.mark.parametrize("fraction", [0, 1, 499_999, 500_000, 999_499, 999_500, 999_999])
def test_any_moment_wakes_its_lane(store: Store, due: tuple[int, int], fraction: int):
    """Moments just before the next second too, which SQLite would round up to it."""
    until = NOW + timedelta(seconds=59, microseconds=fraction)
    store.run_write(lanes.rest, [due[1]], until, Rest.UNAVAILABLE)
    assert store.run_read(lanes.next_wake, {"x"}) == until


def test_a_lane_that_is_held_is_nobody_elses(store: Store, due: tuple[int, int]):
    """Until the lease ends it is not ready; afterwards it is, and says that it was leased."""
    store.run_write(lanes.claim, [due[1]], "one", SOON)
    assert ready(store) == []
    (lane,) = store.run_read(lanes.ready, SOON, {"x"}, 10)
    assert (lane.leased, lane.epoch) == (True, 1)


def test_a_lost_lease_holds_nothing(store: Store, due: tuple[int, int]):
    """Once another epoch has begun, the one before it is not held any more."""
    store.run_write(lanes.claim, [due[1]], "one", SOON)
    assert store.run_read(lanes.held, [lanes.Lease(due[1], 1)]) == {due[1]}
    store.run_write(lanes.claim, [due[1]], "two", LATER)
    assert store.run_read(lanes.held, [lanes.Lease(due[1], 1)]) == set()


def test_a_lane_given_back_looks_at_its_calls_anew(store: Store, due: tuple[int, int]):
    """It is ready when its next call is, or never when none is open; a rest comes on top."""
    store.run_write(lanes.claim, [due[1]], "one", SOON)
    store.run_write(calls.change, [{"boost_id": due[0], "next_at": SOON}])
    store.run_write(lanes.give_back, [due[1]])
    assert (ready(store), ready(store, SOON)) == ([], [due[1]])
    store.run_write(lanes.rest, [due[1]], LATER, Rest.QUIET_HOURS)
    assert (ready(store, SOON), ready(store, LATER)) == ([], [due[1]])
    store.run_write(calls.change, [{"boost_id": due[0], "next_at": None}])
    store.run_write(lanes.recount, [due[1]])
    assert ready(store, LATER) == []


def test_the_leases_of_somebody_gone_end_at_once(store: Store, due: tuple[int, int]):
    """After a restart the lanes held before are ready, still marked as leased."""
    store.run_write(lanes.claim, [due[1]], "one", LATER)
    assert store.run_write(lanes.lapse, "another", NOW) == 0
    assert store.run_write(lanes.lapse, "one", NOW) == 1
    assert [lane.leased for lane in store.run_read(lanes.ready, NOW, {"x"}, 10)] == [True]


def test_mending_finds_a_lane_that_would_sleep_on(store: Store, due: tuple[int, int]):
    """A lane whose next call is earlier than it thinks is put right, once."""

    def spoil(session: Session) -> None:
        row = session.get(LaneRow, due[1])
        assert row is not None
        row.next_due, row.leased_until = LATER, LONG_AGO
        session.add(row)

    assert store.run_write(lanes.mend) == 0
    store.run_write(spoil)
    assert ready(store) == []
    assert store.run_write(lanes.mend) == 1
    assert ready(store) == [due[1]]


def test_an_erased_notice_leaves_nothing_in_its_calls(store: Store, due: tuple[int, int]):
    """What the network calls the post and the boost is blank afterwards, and nothing is done any more."""
    store.run_write(calls.change, [{"boost_id": due[0], "target": "at://post", "remote_id": "at://boost"}])
    notice_id = store.run_read(boosts.get, due[0]).notice_id
    store.run_write(calls.forget, notice_id=notice_id)
    call = store.run_read(calls.of, [due[0]])[due[0]]
    assert (call.target, call.remote_id, call.next_at) == ("", "", None)
