"""A round writes the difference between two plans, and nothing else."""

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from bot.model.boost import BoostState
from bot.model.notice import Notice, NoticeState
from bot.model.volunteer import Volunteer, VolunteerState
from bot.planning import ask
from bot.planning import round as planning
from bot.planning.round import RoundResult
from bot.storage import boosts, journal, notices, rounds, volunteers
from tests.conftest import NOW

Run = Callable[..., RoundResult]


@pytest.fixture
def run(app: App) -> Run:
    """Run a round: `run(minutes=5, dry=True)`."""

    def go(*, minutes: float = 0, dry: bool = False) -> RoundResult:
        how = app.store.run_read if dry else app.store.run_write
        return how(
            planning.run,
            settings=app.settings,
            keys=app.keys,
            networks=app.networks,
            now=NOW + timedelta(minutes=minutes),
            dry=dry,
        )

    return go


def _plan(app: App) -> dict[tuple[int, int], Any]:
    return {(p.notice_id, p.volunteer_id): p for p in app.store.run_read(rounds.planned)}


def test_a_round_plans(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """Two notices and two volunteers: four pairs are planned, each with its reason."""
    calls, people = [make_notice() for _ in range(2)], [make_volunteer() for _ in range(2)]
    result = run()
    assert (result.planned, result.kept, result.dropped, result.unserved) == (4, 0, 0, 0)
    plan = _plan(app)
    assert plan.keys() == {(c.id, v.id) for c in calls for v in people}
    assert all(p.reason["rule"] == "slot-time/1" for p in plan.values())


def test_a_round_is_told_as_data(run: Run, make_notice: Any, make_volunteer: Any):
    """Every figure, each boost with its time and reason, and why a notice has none."""
    boosted, alone = make_notice(), make_notice(lang="en")
    volunteer = make_volunteer(languages={"fr"})
    result = run()
    told = result.data()
    (boost,) = told.pop("boosts")
    (waiting,) = told.pop("waiting")
    assert told == {"dry": False, "planned": 1, "kept": 0, "dropped": 0, "unserved": 1}
    assert (boost["notice_id"], boost["volunteer_id"]) == (boosted.id, volunteer.id)
    assert boost["due_at"] == result.assignments[0].due_at.isoformat()
    assert boost["reason"]["rule"] == "slot-time/1"
    assert waiting == {"notice_id": alone.id, **result.waiting[alone.id]}


def test_a_round_without_an_event_changes_nothing(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """The same rows stay, with the same ids, times and reasons."""
    for _ in range(3):
        make_notice()
        make_volunteer(cap_day=2)
    run()
    before = _plan(app)
    again = run()
    assert (again.planned, again.dropped, again.kept) == (0, 0, len(before))
    assert _plan(app) == before
    later = run(minutes=1)
    assert later.dropped == 0
    assert before.items() <= _plan(app).items()


def test_the_search_for_garbage_goes_on_after_a_round(run: Run, make_notice: Any, make_volunteer: Any):
    """It rests during the round only."""
    make_notice()
    make_volunteer()
    run()
    assert gc.isenabled()


def test_dry_writes_nothing(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """A dry round runs in a read transaction and tells what it would do."""
    make_notice()
    make_volunteer()
    result = run(dry=True)
    assert (result.planned, result.dry) == (1, True)
    assert _plan(app) == {}
    assert [b["notice_id"] for b in result.data()["boosts"]] == [result.assignments[0].notice_id]


def test_what_no_longer_fits_is_dropped(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """A volunteer who pauses loses the planned boosts; the other one's keep their rows."""
    call: Notice = make_notice()
    one, other = make_volunteer(), make_volunteer()
    run()
    kept = _plan(app)[call.id, other.id].id
    app.store.run_write(volunteers.update, one.id, state=VolunteerState.PAUSED.value, paused_until=None)
    result = run()
    assert (result.dropped, result.kept) == (1, 1)
    assert _plan(app)[call.id, other.id].id == kept


def test_why_waiting_is_stored_and_cleared(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """A notice nobody can take says why; as soon as somebody can, it says nothing."""
    call: Notice = make_notice()
    run()
    assert app.store.run_read(notices.waiting, call.id) == {"code": "no_volunteers"}
    make_volunteer()
    run()
    assert app.store.run_read(notices.waiting, call.id) is None


def test_a_pause_ends_by_itself(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """A volunteer whose pause has ended is active again, with a line in the journal."""
    make_notice()
    person: Volunteer = make_volunteer()
    app.store.run_write(
        volunteers.update,
        person.id,
        state=VolunteerState.PAUSED.value,
        paused_until=NOW + timedelta(minutes=30),
    )
    assert run().assignments[0].due_at == NOW + timedelta(minutes=30)
    assert app.store.run_read(volunteers.get, person.id).state is VolunteerState.PAUSED
    run(minutes=31)
    assert app.store.run_read(volunteers.get, person.id).state is VolunteerState.ACTIVE
    lines = app.store.run_read(journal.read, subject=f"volunteer:{person.id}")
    assert [(line.actor, line.action) for line in lines] == [("daemon", "volunteer.resumed")]


def test_only_networks_in_use_count(app: App, make_notice: Any, make_volunteer: Any):
    """An account on a network that was switched off gets nothing."""
    make_notice(posts=[])
    make_volunteer(accounts=[("bluesky", "a.example")])
    result = app.store.run_read(
        planning.run, settings=app.settings, keys=app.keys, networks={"x"}, now=NOW, dry=True
    )
    assert result.planned == 0
    assert [why["code"] for why in result.waiting.values()] == ["no_network"]


def test_an_asked_volunteer_is_not_planned_again(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """Skipping a notice ends it between the two for ever."""
    call: Notice = make_notice()
    make_volunteer()
    run()
    assert (
        app.store.run_write(ask.ask_due, settings=app.settings, keys=app.keys, networks=app.networks, now=NOW)
        == 1
    )
    boost = app.store.run_read(boosts.listed, notice_id=call.id)[0]
    app.store.run_write(boosts.move, boost.id, BoostState.SKIPPED, ended_at=NOW)
    result = run(minutes=5)
    assert result.planned == 0
    assert result.waiting[call.id] == {"code": "all_asked", "volunteers": 1}


def test_notices_in_moderation_are_left_alone(app: App, run: Run, make_notice: Any, make_volunteer: Any):
    """Pending and paused notices get no boost and no reason."""
    make_notice(state=NoticeState.PENDING)
    make_notice(state=NoticeState.PAUSED)
    make_volunteer()
    result = run()
    assert (result.planned, result.unserved) == (0, 0)
