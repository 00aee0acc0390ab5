"""The allocation keeps every hard constraint, follows its rule, and explains itself."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import example, given

from bot.model.boost import BoostState
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import account_for
from bot.model.notice import Notice
from bot.model.plan import Asked, Planned, Wait
from bot.model.volunteer import Account, Volunteer
from bot.planning.fairness import Assignment, Plan, Snapshot, allocate
from bot.planning.rule import BRIDGE, JITTER, circles, rank, spacing_after, weight_of
from tests.planning import makers
from tests.planning.makers import NOW, RULES, notice, volunteer

PULL = RULES.bounds.pull


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
        assert one.account_id in {a.id for a in person.accounts if a.network == one.network}
        assert not call.networks or one.network in call.networks
        assert NOW <= one.due_at < NOW + snapshot.rules.horizon
        assert not in_quiet_hours(person.limits, one.due_at)
        before = [at for at in _before(snapshot, call.id, plan.assignments[:i]) if at <= one.due_at]
        assert all(one.due_at - at >= (1 - JITTER) * snapshot.rules.notice_spacing for at in before)
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
    """Every turn goes where a scan of all notices from the definitions puts it (replayed turn by turn)."""
    plan = allocate(snapshot, NOW)
    people = {v.id: v for v in snapshot.volunteers}
    reached = {call.id: call.reached for call in snapshot.notices}
    asked = {(a.notice_id, a.volunteer_id) for a in snapshot.asked}
    for i, one in enumerate(plan.assignments):
        person = people[one.volunteer_id]
        ranked = []
        for call in snapshot.notices:
            before = _before(snapshot, call.id, plan.assignments[:i])
            if (call.id, person.id) not in asked and _free(snapshot, call, person, before, one.due_at):
                weight = weight_of(call.deadline, PULL)
                found = rank(len(before), call.weight, weight, plan.scarcity[call.id])
                ranked.append((found, call.opened_at, call.id))
        ranked.sort()
        equals = [n for found, _, n in ranked if found == ranked[0][0]][:BRIDGE]
        chosen = equals[0]
        if ranked[0][0].boosted:
            chosen = max(equals, key=lambda n: len(circles(person) - reached[n]))
        assert chosen == one.notice_id
        assert one.reason["candidates"] == len(ranked)
        assert one.reason["rank"] == list(ranked[0][0])
        others = [n for _, _, n in ranked if n != chosen]
        runner_up = one.reason["runner_up"]
        assert (runner_up["notice"] if runner_up else None) == (others[0] if others else None)
        account = next(a for a in person.accounts if a.id == one.account_id)
        reached[chosen] |= circles(person, account)
        asked.add((chosen, person.id))


def _free(snapshot: Snapshot, call: Notice, person: Volunteer, before: list[datetime], at: datetime) -> bool:
    """Whether a notice may have a boost by this volunteer at `at`, its own limits included."""
    rules = snapshot.rules
    gap = spacing_after(rules.seed, call.id, len(before), rules.notice_spacing)
    return (
        isinstance(account_for(call, person, at, asked=False), Account)
        and len(before) < call.demand
        and not (before and at - before[-1] < gap)
        and sum(at - earlier < timedelta(hours=24) for earlier in before) < rules.notice_day_max
    )


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
@example(Snapshot(RULES, [notice(n) for n in (1, 2, 3)], [volunteer(1, cap_day=2)]))
def test_taken_turns_of_a_notice_at_zero_went_to_others_at_zero(snapshot: Snapshot):
    """Who has no boost and is told that the turns were taken: nobody who took them had one (P2)."""
    plan = allocate(snapshot, NOW)
    for notice_id, why in plan.unserved.items():
        if why["code"] == Wait.TURNS_TAKEN and not _before(snapshot, notice_id, []):
            assert why["most"] == 0


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
    """A notice of weight 2 with two boosts goes before one of weight 1 with two."""
    calls = [notice(1), notice(2, weight=2)]
    asked = [
        Asked(n, 8 + i, NOW - timedelta(hours=5 + i), BoostState.DECLARED) for n in (1, 2) for i in range(2)
    ]
    plan = allocate(Snapshot(RULES, calls, [volunteer(1)], asked), NOW)
    assert [a.notice_id for a in plan.assignments] == [2, 1]
    first, second = (a.reason["rank"][1] for a in plan.assignments)
    assert second - first == 1


def test_earlier_notices_of_a_seeker_count_for_the_level():
    """Boosts carried over put a notice behind one without any; its own demand is still whole."""
    calls = [notice(1, demand=2), notice(2)]
    earlier = [Asked(1, 9, NOW - timedelta(days=5), BoostState.DECLARED, carried=True)]
    people = [volunteer(n) for n in (1, 2, 9)]
    made = allocate(Snapshot(RULES, calls, people, earlier), NOW).assignments
    assert made[0].notice_id == 2
    assert Counter(a.notice_id for a in made)[1] == 2
    assert (1, 9) not in {(a.notice_id, a.volunteer_id) for a in made}


def test_an_early_deadline_weighs_like_fewer_boosts():
    """Of two notices with as many boosts, the one whose round ends long before goes first."""
    calls = [notice(1), notice(2, deadline=NOW + timedelta(days=1))]
    asked = [Asked(n, 9, NOW - timedelta(hours=5), BoostState.DECLARED) for n in (1, 2)]
    made = allocate(Snapshot(RULES, calls, [volunteer(1)], asked), NOW).assignments
    assert made[0].notice_id == 2


def test_the_scarcest_goes_first_among_equals():
    """A notice that few can take has their slots; everybody's notice waits for the others."""
    calls = [notice(1), notice(2, ("bluesky",))]
    people = [volunteer(1, ("x", "bluesky")), *(volunteer(n) for n in range(2, 9))]
    made = allocate(Snapshot(RULES, calls, people), NOW).assignments
    assert next(a for a in made if a.volunteer_id == 1).notice_id == 2


def test_a_new_circle_decides_among_equals():
    """With as many boosts each, a volunteer goes to the notice that does not know their circles yet."""
    here = frozenset({"region:A", "lang:fr", "place:x:"})
    calls = [notice(1, reached=here), notice(2, reached=here - {"region:A"})]
    asked = [Asked(n, 9, NOW - timedelta(hours=5), BoostState.DECLARED) for n in (1, 2)]
    people = [volunteer(1, regions=frozenset("A"))]
    made = allocate(Snapshot(RULES, calls, people, asked), NOW).assignments
    assert made[0].notice_id == 2


def test_the_account_in_a_new_place_is_used():
    """Of a volunteer's accounts, the one where the notice was not boosted yet carries it."""
    call = notice(1, (), reached=frozenset({"place:x:"}))
    made = allocate(Snapshot(RULES, [call], [volunteer(1, ("x", "bluesky"))]), NOW).assignments
    assert made[0].network == "bluesky"


def test_twins_end_within_one():
    """Notices that everybody could take end within one boost of each other."""
    calls = [notice(n) for n in range(1, 8)]
    people = [volunteer(n, spacing_min=30, cap_day=3) for n in range(1, 12)]
    counts = Counter(a.notice_id for a in allocate(Snapshot(RULES, calls, people), NOW).assignments)
    assert len(counts) == 7
    assert max(counts.values()) - min(counts.values()) <= 1


def test_first_asks_of_one_notice_keep_its_spacing():
    """Ten people who join at the same moment share one notice at steps of 15 to 25 minutes, not at once."""
    people = [volunteer(n) for n in range(1, 11)]
    made = allocate(Snapshot(RULES, [notice(1)], people), NOW).assignments
    steps = [later.due_at - earlier.due_at for earlier, later in pairwise(made)]
    assert len(steps) == 9
    assert all(timedelta(minutes=15) <= step <= timedelta(minutes=25) for step in steps)
    assert len(set(steps)) == 9


def test_the_reason_says_what_matched():
    """A volunteer who chose sectors reads the sector; one who takes all does not."""
    calls = [notice(1, sector="B", region="A")]
    people = [volunteer(1, sectors=frozenset("AB")), volunteer(2, regions=frozenset("A"))]
    made = allocate(Snapshot(RULES, calls, people), NOW).assignments
    assert [(a.reason["sector"], a.reason["region"]) for a in made] == [("B", None), (None, "A")]


@given(makers.snapshots())
def test_sending_again_is_as_if_nothing_had_been_sent(snapshot: Snapshot):
    """A notice taken back and sent again, its boosts carried over, gets what the first would (I10, P10)."""
    if not snapshot.notices:
        return
    rules = replace(snapshot.rules, notice_spacing=timedelta(0))  # its jitter depends on the number
    people = [replace(v, accounts=v.accounts[:1]) for v in snapshot.volunteers]  # so does the account
    first = snapshot.notices[-1]
    own = [one for one in snapshot.asked if one.notice_id == first.id]
    rest = max(0, first.demand - sum(one.counted for one in own))
    again = replace(first, id=first.id + 1000, demand=rest)
    carried = [
        one._replace(notice_id=again.id, carried=True) if one in own else one for one in snapshot.asked
    ]
    kept = allocate(replace(snapshot, rules=rules, volunteers=people), NOW)
    calls = [*snapshot.notices[:-1], again]
    sent = allocate(replace(snapshot, rules=rules, volunteers=people, notices=calls, asked=carried), NOW)
    named = [(a.notice_id % 1000, a.volunteer_id, a.due_at) for a in sent.assignments]
    assert named == [(a.notice_id, a.volunteer_id, a.due_at) for a in kept.assignments]
