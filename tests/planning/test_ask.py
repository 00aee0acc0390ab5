"""When a slot has come: the rule decides once more, and only within every limit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import App
from bot.model.boost import Boost, BoostState
from bot.model.notice import CloseReason, NoticeState
from bot.model.volunteer import VolunteerState
from bot.planning import ask
from bot.settings import Settings
from bot.storage import Session, boosts, journal, notices, volunteers
from tests.conftest import NOW
from tests.planned import plan_boost

HOUR = timedelta(hours=1)
Plan = Callable[..., int]


@pytest.fixture
def plan(app: App) -> Plan:
    """Plan one boost straight in the database: `plan(notice, volunteer, at)`."""

    def make(call: Any, person: Any, at: datetime = NOW) -> int:
        return app.store.run_write(plan_boost, call, person, due_at=at)

    return make


def _release(app: App, now: datetime = NOW, **changed: Any) -> int:
    settings = Settings(data_dir=app.settings.data_dir, _env_file=None, **changed)  # type: ignore[call-arg]
    return app.store.run_write(ask.ask_due, settings=settings, keys=app.keys, networks=app.networks, now=now)


def _all(app: App) -> list[Boost]:
    return app.store.run_read(boosts.listed)


def test_due_is_asked(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """A due boost is asked now and expires after the patience; a later one stays planned."""
    person = make_volunteer()
    first = plan(make_notice(), person, NOW - HOUR)
    plan(make_notice(), person, NOW + HOUR)
    assert _release(app, patience_h=6) == 1
    asked, planned = _all(app)
    assert (asked.id, asked.state, asked.asked_at, asked.expires_at) == (
        first,
        BoostState.ASKED,
        NOW,
        NOW + 6 * HOUR,
    )
    assert planned.state is BoostState.PLANNED
    lines = app.store.run_read(journal.read, subject=f"boost:{first}")
    assert [line.action for line in lines] == ["boost.asked"]


CHANGES: dict[str, Callable[[Session, Any, Any], object]] = {
    "the notice is paused": lambda s, c, _: notices.move(s, c.id, NoticeState.PAUSED),
    "the notice has ended": lambda s, c, _: notices.close(s, c.id, CloseReason.WITHDRAWN, NOW),
    "the notice is not open yet": lambda s, c, _: _dates(s, c, NOW + HOUR, NOW + 9 * HOUR),
    "its round is over": lambda s, c, _: _dates(s, c, NOW - HOUR, NOW),
    "its sector was corrected": lambda s, c, _: notices.set_match(s, c.id, sector="Z", region=None),
    "the volunteer is paused": lambda s, _, v: volunteers.update(s, v.id, state="paused"),
    "the volunteer has left": lambda s, _, v: volunteers.update(s, v.id, state=VolunteerState.LEFT.value),
    "the account is gone": lambda s, _, v: volunteers.set_accounts(s, v.id, [("bluesky", "a.example")]),
    "quiet hours have begun": lambda s, _, v: volunteers.update(
        s, v.id, quiet_start_min=9 * 60, quiet_len_min=120
    ),
}


def _dates(session: Session, call: Any, opened_at: datetime, deadline: datetime) -> None:
    notices.move(session, call.id, NoticeState.PAUSED)
    notices.move(session, call.id, NoticeState.ACTIVE, opened_at=opened_at, deadline=deadline)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changed_since_the_plan_is_not_asked(
    app: App,
    plan: Plan,
    make_notice: Any,
    make_volunteer: Any,
    change: Callable[[Session, Any, Any], object],
):
    """A boost whose grounds are gone is not asked and no longer planned."""
    call, person = make_notice(), make_volunteer(sectors={"A"})
    plan(call, person)
    app.store.run_write(change, call, person)
    assert _release(app) == 0
    assert _all(app) == []


def test_a_late_tick_does_not_burst(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """Five boosts fell due while the daemon was down: one is asked, its spacing keeps the others."""
    person = make_volunteer(spacing_min=30)
    for n in range(5):
        plan(make_notice(), person, NOW - (5 - n) * HOUR)
    assert _release(app) == 1
    assert [boost.state for boost in _all(app)] == [BoostState.ASKED]


def test_a_notice_keeps_its_spacing(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """Five volunteers were due for one notice while the daemon was down: one is asked now."""
    call = make_notice()
    for n in range(5):
        plan(call, make_volunteer(), NOW - (5 - n) * HOUR)
    assert _release(app) == 1


@pytest.mark.parametrize(("changed", "demand"), [({"notice_day_max": 2}, 12), ({}, 2)])
def test_a_notice_keeps_its_maximum(
    app: App, plan: Plan, make_notice: Any, make_volunteer: Any, changed: dict[str, int], demand: int
):
    """Two boosts were asked today: the daily maximum, or the demand, refuses the third."""
    call = make_notice(demand=demand)
    for n in range(3):
        plan(call, make_volunteer(), NOW + n * HOUR)
    assert [_release(app, NOW + n * HOUR, **changed) for n in range(3)] == [1, 1, 0]


def test_the_cap_holds_whatever_the_plan_says(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """A volunteer who lowered the cap to one is asked once today, and once tomorrow."""
    person = make_volunteer(cap_day=1)
    late = 24 + 13.75  # a quarter to midnight: a slot ends with its spacing, so by then tomorrow's has come
    for hours in (0, 2, late):
        plan(make_notice(), person, NOW + hours * HOUR)
    assert [_release(app, NOW + hours * HOUR) for hours in (0, 2, late)] == [1, 0, 1]


def test_what_happened_since_the_plan_decides(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """A notice that came after the plan and has no boost yet gets the slot; the planned one waits."""
    person, other = make_volunteer(), make_volunteer()
    planned = make_notice(at=NOW - 9 * HOUR)
    plan(planned, other, NOW - 5 * HOUR)
    assert _release(app, NOW - 5 * HOUR) == 1
    plan(planned, person)
    newer = make_notice()
    assert _release(app) == 1
    asked = [boost for boost in _all(app) if boost.volunteer_id == person.id]
    assert [(boost.notice_id, boost.state) for boost in asked] == [(newer.id, BoostState.ASKED)]
    assert asked[0].reason["rule"] == "slot-time/1"
    runner_up: Any = asked[0].reason["runner_up"]
    assert runner_up["notice"] == planned.id


def test_the_other_planned_boost_of_the_pair_makes_room(
    app: App, plan: Plan, make_notice: Any, make_volunteer: Any
):
    """When the slot goes to a notice that was planned for later, the pair keeps one row."""
    person, other = make_volunteer(spacing_min=60), make_volunteer()
    first, second = make_notice(at=NOW - 9 * HOUR), make_notice()
    plan(first, other, NOW - 5 * HOUR)
    assert _release(app, NOW - 5 * HOUR) == 1
    plan(first, person)
    plan(second, person, NOW + 2 * HOUR)
    assert _release(app) == 1
    mine = [(boost.notice_id, boost.state) for boost in _all(app) if boost.volunteer_id == person.id]
    assert mine == [(second.id, BoostState.ASKED)]


def test_boosts_of_an_earlier_notice_count(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """Who sends again is not at zero, and nobody who was asked is asked again, for 30 days."""
    one, two, three = (make_volunteer() for _ in range(3))
    old = make_notice(at=NOW - 60 * HOUR)
    plan(old, one, NOW - 50 * HOUR)
    assert _release(app, NOW - 50 * HOUR) == 1
    app.store.run_write(notices.close, old.id, CloseReason.WITHDRAWN, NOW - 9 * HOUR)
    again = make_notice(person_id=old.person_id, at=NOW - 8 * HOUR)
    newcomer = make_notice(at=NOW - HOUR)
    plan(again, one)
    assert _release(app) == 1
    assert _all(app)[-1].notice_id == newcomer.id
    plan(newcomer, two)
    plan(again, three, NOW)
    assert _release(app, NOW + HOUR) == 2
    waited = [b.volunteer_id for b in _all(app) if b.notice_id == again.id]
    assert one.id not in waited
    reasons = {b.notice_id: b.reason for b in _all(app) if b.asked_at == NOW + HOUR}
    assert reasons[again.id]["boosts"] == 1
