"""Due boosts are asked only if every limit still holds; silence ends them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import App
from bot.delivery import due
from bot.model.boost import Boost, BoostState, Mode
from bot.model.notice import CloseReason, NoticeState
from bot.model.volunteer import VolunteerState
from bot.settings import Settings
from bot.storage import Session, boosts, journal, notices, volunteers
from tests.conftest import NOW

HOUR = timedelta(hours=1)
Plan = Callable[..., int]


@pytest.fixture
def plan(app: App) -> Plan:
    """Plan one boost straight in the database: `plan(notice, volunteer, at)`."""

    def make(call: Any, person: Any, at: datetime = NOW) -> int:
        account = person.accounts[0]
        return app.store.run_write(
            boosts.plan,
            notice_id=call.id,
            volunteer_id=person.id,
            account_id=account.id,
            network=account.network,
            mode=Mode.BY_HAND,
            due_at=at,
            reason={},
        )

    return make


def _release(app: App, now: datetime = NOW, **changed: Any) -> int:
    settings = Settings(data_dir=app.settings.data_dir, _env_file=None, **changed)  # type: ignore[call-arg]
    return app.store.run_write(due.release, settings=settings, now=now)


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
    "the account is gone": lambda s, _, v: volunteers.set_accounts(s, v.id, [("x", "another")]),
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
    for hours in (0, 2, 24):
        plan(make_notice(), person, NOW + hours * HOUR)
    assert [_release(app, NOW + hours * HOUR) for hours in (0, 2, 24)] == [1, 0, 1]


def test_silence_expires(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """Asked and opened boosts end as expired when their time is up, not a second before."""
    one, other = make_volunteer(), make_volunteer()
    call = make_notice()
    first, second = plan(call, one), plan(call, other, NOW + HOUR)
    _release(app, NOW)
    _release(app, NOW + HOUR)
    app.store.run_write(boosts.move, second, BoostState.OPENED, opened_at=NOW + HOUR)
    early = NOW + timedelta(hours=24, seconds=-1)
    assert app.store.run_write(due.expire, now=early) == 0
    assert app.store.run_write(due.expire, now=NOW + 24 * HOUR) == 1
    assert app.store.run_write(due.expire, now=NOW + 25 * HOUR) == 1
    ended = {boost.id: (boost.state, boost.ended_at) for boost in _all(app)}
    assert ended == {
        first: (BoostState.EXPIRED, NOW + 24 * HOUR),
        second: (BoostState.EXPIRED, NOW + 25 * HOUR),
    }


def test_an_answer_does_not_expire(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """A declared boost stays declared for ever."""
    boost = plan(make_notice(), make_volunteer())
    _release(app)
    app.store.run_write(boosts.move, boost, BoostState.DECLARED, ended_at=NOW)
    assert app.store.run_write(due.expire, now=NOW + 99 * HOUR) == 0
