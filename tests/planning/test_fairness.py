"""The allocation keeps every hard constraint, follows its rule, and explains itself."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given

from bot.model.boost import BoostState
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import account_for
from bot.model.plan import Asked, Planned, Wait
from bot.model.volunteer import Account
from bot.planning.fairness import Assignment, Plan, Snapshot, allocate
from tests.planning import makers
from tests.planning.makers import NOW, RULES, notice, volunteer


def _before(snapshot: Snapshot, notice_id: int, made: Sequence[Assignment]) -> list[datetime]:
    """Give the times of a notice's boosts: counted ones and those of `made`."""
    counted = [a.at for a in snapshot.asked if a.notice_id == notice_id and a.counted]
    return sorted(counted + [a.due_at for a in made if a.notice_id == notice_id])


@given(makers.snapshots())
def test_every_hard_constraint_holds(snapshot: Snapshot):
    """Pairs once, cap, spacing, quiet hours, window, notice spacing, daily maximum and demand: always."""
    plan = allocate(snapshot, NOW)
    notices = {n.id: n for n in snapshot.notices}
    volunteers = {v.id: v for v in snapshot.volunteers}
    pairs = Counter((a.notice_id, a.volunteer_id) for a in snapshot.asked)
    asks = defaultdict[int, list[datetime]](list)
    for done in snapshot.asked:
        asks[done.volunteer_id].append(done.at)
    for i, one in enumerate(plan.assignments):
        person, call = volunteers[one.volunteer_id], notices[one.notice_id]
        pairs[one.notice_id, one.volunteer_id] += 1
        account = account_for(call, person, one.due_at, asked=False)
        assert isinstance(account, Account)
        assert (account.id, account.network) == (one.account_id, one.network)
        assert NOW <= one.due_at < NOW + snapshot.rules.horizon
        assert not in_quiet_hours(person.limits, one.due_at)
        before = [at for at in _before(snapshot, call.id, plan.assignments[:i]) if at <= one.due_at]
        assert all(one.due_at - at >= snapshot.rules.notice_spacing for at in before)
        assert sum(one.due_at - at < timedelta(hours=24) for at in before) < snapshot.rules.notice_day_max
        asks[person.id].append(one.due_at)
    assert max(pairs.values(), default=0) <= 1
    _check_volunteers(snapshot, plan, asks)
    for call in snapshot.notices:
        boosts = len(_before(snapshot, call.id, plan.assignments))
        assert boosts <= max(call.demand, len(_before(snapshot, call.id, [])))


def _check_volunteers(snapshot: Snapshot, plan: Plan, asks: dict[int, list[datetime]]) -> None:
    planned = {(a.volunteer_id, a.due_at) for a in plan.assignments}
    for person in snapshot.volunteers:
        limits = person.limits
        for earlier, later in pairwise(sorted(asks[person.id])):
            assert (person.id, later) not in planned or later - earlier >= spacing(limits)
        a_day = Counter(local_day(limits, at) for at in asks[person.id])
        for volunteer_id, at in planned:
            if volunteer_id == person.id:
                assert a_day[local_day(limits, at)] <= limits.cap_day


@given(makers.snapshots())
def test_the_rule_is_followed_at_every_turn(snapshot: Snapshot):
    """No turn goes to a notice while one with less that fits and is free waits (replayed turn by turn)."""
    plan = allocate(snapshot, NOW)
    volunteers = {v.id: v for v in snapshot.volunteers}
    asked = {(a.notice_id, a.volunteer_id) for a in snapshot.asked}
    for i, one in enumerate(plan.assignments):
        made = plan.assignments[:i]
        keys = {}
        for call in snapshot.notices:
            if (call.id, one.volunteer_id) in asked:
                continue
            before = _before(snapshot, call.id, made)
            too_near = before and one.due_at - before[-1] < snapshot.rules.notice_spacing
            today = sum(one.due_at - at < timedelta(hours=24) for at in before)
            fits = account_for(call, volunteers[one.volunteer_id], one.due_at, asked=False)
            if (
                isinstance(fits, Account)
                and len(before) < call.demand
                and not too_near
                and today < snapshot.rules.notice_day_max
            ):
                keys[call.id] = (len(before) / call.weight, call.deadline, call.id)
        ranked = sorted(keys, key=keys.__getitem__)
        assert ranked[0] == one.notice_id
        assert one.reason["candidates"] == len(ranked)
        assert one.reason["level"] == keys[one.notice_id][0]
        runner_up = one.reason["runner_up"]
        assert (runner_up["notice"] if runner_up else None) == (ranked[1] if len(ranked) > 1 else None)
        asked.add((one.notice_id, one.volunteer_id))


@given(makers.snapshots())
def test_the_order_of_the_inputs_does_not_matter(snapshot: Snapshot):
    """Shuffled notices, volunteers and history give the same plan."""
    rng = random.Random(1)
    shuffled = replace(
        snapshot,
        notices=rng.sample(snapshot.notices, len(snapshot.notices)),
        volunteers=rng.sample(snapshot.volunteers, len(snapshot.volunteers)),
        asked=rng.sample(snapshot.asked, len(snapshot.asked)),
        last_asked=dict(reversed(snapshot.last_asked.items())),
    )
    assert allocate(shuffled, NOW) == allocate(snapshot, NOW)


def _as_planned(plan: Plan) -> list[Planned]:
    return [
        Planned(i, a.notice_id, a.volunteer_id, a.account_id, a.network, a.due_at, a.reason)
        for i, a in enumerate(plan.assignments)
    ]


@given(makers.snapshots())
def test_a_round_without_an_event_changes_nothing(snapshot: Snapshot):
    """A round at the same moment gives the same plan; one half a minute later the same and a little more."""
    plan = allocate(snapshot, NOW)
    kept = replace(snapshot, planned=_as_planned(plan))
    assert allocate(kept, NOW) == plan
    later = NOW + timedelta(seconds=30)
    soon = [a for a in plan.assignments if a.due_at <= later]
    if any(in_quiet_hours(v.limits, later) for v in snapshot.volunteers):
        return  # a boost that is due but was not released before the night waits for the morning
    if any(local_day(v.limits, later) != local_day(v.limits, NOW) for v in snapshot.volunteers):
        return
    again = allocate(kept, later)
    if not soon or snapshot.rules.notice_spacing:
        assert again.assignments[: len(plan.assignments)] == plan.assignments


@given(makers.snapshots())
def test_every_notice_has_a_boost_or_a_reason(snapshot: Snapshot):
    """Each notice is planned for or says why not, never both."""
    plan = allocate(snapshot, NOW)
    served = {a.notice_id for a in plan.assignments}
    assert served | plan.unserved.keys() == {n.id for n in snapshot.notices}
    assert not served & plan.unserved.keys()
    for why in plan.unserved.values():
        assert why["code"] in set(Wait)


@given(makers.snapshots())
def test_taken_turns_went_to_notices_with_no_more(snapshot: Snapshot):
    """Who is told that others have fewer can rely on it: no winner had a higher level than they have."""
    plan = allocate(snapshot, NOW)
    notices = {n.id: n for n in snapshot.notices}
    for notice_id, why in plan.unserved.items():
        if why["code"] == Wait.TURNS_TAKEN:
            level = len(_before(snapshot, notice_id, [])) / notices[notice_id].weight
            assert why["most"] <= level * max(n.weight for n in snapshot.notices)


def test_zero_goes_first():
    """A notice without any boost gets the first turn, whatever the deadlines."""
    calls = [notice(1, deadline=NOW + timedelta(days=1)), notice(2)]
    asked = [Asked(1, 9, NOW - timedelta(hours=5), BoostState.DECLARED)]
    plan = allocate(Snapshot(RULES, calls, [volunteer(1)], asked), NOW)
    assert [a.notice_id for a in plan.assignments][:2] == [2, 1]


def test_a_no_and_a_silence_give_the_place_back():
    """Skipped, expired and cancelled boosts do not count for a notice; the volunteer is not asked again."""
    states = [BoostState.SKIPPED, BoostState.EXPIRED, BoostState.CANCELLED]
    asked = [Asked(1, i + 1, NOW - timedelta(hours=9), state) for i, state in enumerate(states)]
    people = [volunteer(i) for i in range(1, 5)]
    plan = allocate(Snapshot(RULES, [notice(1, demand=1)], people, asked), NOW)
    assert [(a.volunteer_id, a.reason["boosts"]) for a in plan.assignments] == [(4, 0)]


def test_weight_two_counts_half():
    """A notice of weight 2 with one boost goes before one of weight 1 with one boost."""
    calls = [notice(1), notice(2, weight=2)]
    asked = [Asked(n, 9, NOW - timedelta(hours=5), BoostState.DECLARED) for n in (1, 2)]
    plan = allocate(Snapshot(RULES, calls, [volunteer(1)], asked), NOW)
    assert [(a.notice_id, a.reason["level"]) for a in plan.assignments] == [(2, 0.5), (1, 1.0)]


def test_twins_end_within_one():
    """Notices that everybody could take end within one boost of each other."""
    calls = [notice(n) for n in range(1, 8)]
    people = [volunteer(n, spacing_min=30, cap_day=3) for n in range(1, 12)]
    counts = Counter(a.notice_id for a in allocate(Snapshot(RULES, calls, people), NOW).assignments)
    assert len(counts) == 7
    assert max(counts.values()) - min(counts.values()) <= 1


def test_first_asks_of_one_notice_keep_its_spacing():
    """Ten people who join at the same moment share one notice at 20-minute steps, not at once."""
    people = [volunteer(n) for n in range(1, 11)]
    made = allocate(Snapshot(RULES, [notice(1)], people), NOW).assignments
    assert [a.due_at - NOW for a in made] == [timedelta(minutes=20 * n) for n in range(10)]


def test_the_reason_says_what_matched():
    """A volunteer who chose sectors reads the sector; one who takes all does not."""
    calls = [notice(1, sector="B", region="A")]
    people = [volunteer(1, sectors=frozenset("AB")), volunteer(2, regions=frozenset("A"))]
    made = allocate(Snapshot(RULES, calls, people), NOW).assignments
    assert [(a.reason["sector"], a.reason["region"]) for a in made] == [("B", None), (None, "A")]
