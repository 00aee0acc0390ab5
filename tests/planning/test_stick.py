"""Plans stay stable: of what was planned before, an event changes a few pairs only, the soonest first."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App
from bot.model.boost import BoostState
from bot.model.journal import DAEMON
from bot.model.plan import Asked, Planned
from bot.model.volunteer import VolunteerState
from bot.planning import round as planning
from bot.planning.fairness import Snapshot, allocate
from bot.planning.stick import CHANGES
from bot.reporting.explain import why_planned
from bot.roster import change
from bot.storage import journal, rounds, volunteers
from tests.conftest import NOW as START
from tests.planning import events, makers
from tests.planning.makers import NOW, RULES, notice, volunteer

EVENTS = int(os.environ.get("BOT_TEST_EVENTS", "40"))
"""Events of each collective; `BOT_TEST_EVENTS=400` for the long run."""


@pytest.mark.slow
@pytest.mark.parametrize(("people", "supply"), [(18, 0.25), (36, 0.5), (140, 2.0)])
def test_an_event_changes_six_pairs_of_others_at_most(people: int, supply: float):
    """Whatever comes, ends, joins, pauses or declines among 200 notices, but for those without any (G10)."""
    life = events.Life(people, supply, seed=3)
    plan = life.plan(None, None)
    found = []
    for _ in range(EVENTS):
        found.append(life.event(plan, CHANGES))
        plan = found[-1].after
    for event in found:
        lost, first = events.changed(event)
        assert lost <= CHANGES + first, event.kind
    lost = sorted(events.changed(event)[0] for event in found)
    assert sum(lost) / len(lost) <= CHANGES
    assert sum(n > CHANGES for n in lost) <= EVENTS // 20, "what people at zero need comes out of the six"


EVENT_KINDS = ("nothing", "a notice ends", "a volunteer leaves", "a volunteer joins", "a notice comes")


@given(makers.snapshots(), st.sampled_from(EVENT_KINDS), st.integers(0, 9))
def test_a_plan_keeps_what_it_can(snapshot: Snapshot, kind: str, which: int):
    """Without a change allowed, only what is impossible goes, and what gives way to somebody at zero."""
    snapshot = replace(snapshot, rules=replace(snapshot.rules, notice_day_max=12))
    before = allocate(snapshot, NOW)
    calls, people = list(snapshot.notices), list(snapshot.volunteers)
    if kind == "a notice ends" and calls:
        del calls[which % len(calls)]
    elif kind == "a volunteer leaves" and people:
        del people[which % len(people)]
    elif kind == "a volunteer joins":
        people.append(volunteer(99))
    elif kind == "a notice comes":
        calls.append(notice(99, opened_at=NOW, demand=2))
    after = allocate(
        replace(snapshot, notices=calls, volunteers=people, planned=events.planned(before), changes=0), NOW
    )
    still = {(n.id, v.id) for n in calls for v in people}
    lost = (events.pairs(before) - events.pairs(after)) & still
    first = [a for a in after.assignments if not a.reason["rank"][0]]
    assert len(lost) <= len({(a.notice_id, a.volunteer_id) for a in first} - events.pairs(before))


def test_the_soonest_changes_come_first():
    """With one change allowed, the rule has the next turn, and the later ones stay as they were."""
    calls = [notice(1), notice(2), notice(3)]
    seen = [Asked(n, 8, NOW - timedelta(hours=9), BoostState.DECLARED) for n in (1, 2, 3)]
    person = volunteer(1, cap_day=3)
    before = allocate(Snapshot(RULES, calls, [person], seen), NOW)
    order = [a.notice_id for a in before.assignments][:3]
    twice = [*seen, *(Asked(order[0], n, NOW - timedelta(hours=5), BoostState.DECLARED) for n in (9, 10))]
    shown = Snapshot(RULES, calls, [person], twice, planned=events.planned(before))
    free = [a.notice_id for a in allocate(shown, NOW).assignments][:3]
    assert free == [order[1], order[2], order[0]]
    none = allocate(replace(shown, changes=0), NOW).assignments
    assert [a.notice_id for a in none][:3] == order
    assert none[0].reason["kept"]
    assert str(why_planned(none[0].reason)).startswith("planned before")
    one = [a.notice_id for a in allocate(replace(shown, changes=1), NOW).assignments][:2]
    assert one == [order[1], order[2]]


def test_no_bound_can_hold_when_more_people_without_any_boost_need_a_turn():
    """Eight turns for eight people at zero go with their volunteer; eight others give theirs up (P2)."""
    seen = [Asked(n, 99, NOW - timedelta(hours=9), BoostState.DECLARED) for n in range(1, 9)]
    calls = [notice(n) for n in (*range(1, 9), *range(11, 19))]
    stays = volunteer(2, cap_day=8)
    before = [
        *(Planned(n, n, 2, 20, "x", NOW + n * timedelta(hours=1), {}) for n in range(1, 9)),
        *(Planned(n, n, 1, 10, "x", NOW + n * timedelta(hours=1), {}) for n in range(11, 19)),
    ]
    today = replace(RULES, horizon=timedelta(hours=14))
    after = allocate(Snapshot(today, calls, [stays], seen, planned=before, changes=CHANGES), NOW)
    assert {one.notice_id for one in after.assignments} == set(range(11, 19))
    lost = {n for n in range(1, 9) if (n, 2) not in events.pairs(after)}
    assert len(lost) == 8 > CHANGES


def test_somebody_without_any_boost_never_waits_for_a_stable_plan():
    """A newcomer has the first turn whatever was planned for it (P2)."""
    seen = [Asked(1, 8, NOW - timedelta(hours=9), BoostState.DECLARED)]
    before = allocate(Snapshot(RULES, [notice(1)], [volunteer(1)], seen), NOW)
    shown = Snapshot(RULES, [notice(1), notice(2)], [volunteer(1)], seen, {}, events.planned(before), 0)
    assert [a.notice_id for a in allocate(shown, NOW).assignments][:1] == [2]


def test_each_event_since_the_last_round_allows_changes(app: App, make_notice: Any, make_volunteer: Any):
    """The journal says how many events there were since the daemon's last round; asks are none."""
    make_notice()
    person = make_volunteer()

    def changes() -> int | None:
        read = (planning.read, app.settings, app.keys, app.networks, START)
        return app.store.run_read(*read).changes

    assert changes() is None
    app.store.run_write(journal.tick, START, "plan", took_ms=1, every_s=60, result={})
    later = START + timedelta(seconds=5)
    start = changes()
    app.store.run_write(journal.write, later, DAEMON, "boost.asked", "boost:1")
    assert changes() == start
    app.store.run_write(change.pause, person.id, until=None, actor=DAEMON, now=later)
    assert changes() == start + CHANGES
    assert app.store.run_read(volunteers.get, person.id).state is VolunteerState.PAUSED
    assert app.store.run_read(rounds.planned) == []
