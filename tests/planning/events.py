"""A collective of about 200 notices to which one thing after another happens; for tests of stable plans."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from bot.model.boost import BoostState
from bot.model.plan import Asked, Planned
from bot.planning.fairness import Plan, Snapshot, allocate
from bot.simulation.collective import START, Scenario, arrivals, invented
from bot.simulation.run import rules_of

Pair = tuple[int, int]
KINDS = ("comes", "ends", "joins", "pauses", "declines")
STEP = timedelta(minutes=5)


class Event(NamedTuple):
    """One thing that happened, and the plans before and after it."""

    kind: str
    own: Callable[[Pair], bool]
    """Whether a pair is one of the notice or volunteer that the event is about."""
    before: Plan
    after: Plan


def pairs(plan: Plan) -> set[Pair]:
    """Give the pairs of a plan: notice and volunteer."""
    return {(one.notice_id, one.volunteer_id) for one in plan.assignments}


def planned(plan: Plan) -> list[Planned]:
    """Give a plan as the next round finds it."""
    return [
        Planned(i, a.notice_id, a.volunteer_id, a.account_id, a.network, a.due_at, a.reason)
        for i, a in enumerate(plan.assignments)
    ]


class Life:
    """A collective that has been running for a week."""

    def __init__(self, volunteers: int, supply: float, seed: int) -> None:
        self.rng = random.Random(seed)
        scenario = Scenario(volunteers=volunteers, supply=supply, days=20, seed=seed)
        collective = invented(scenario)
        self.rules, self.life = rules_of(scenario), scenario.life
        self.people = {person.id: person for person in collective.volunteers}
        self.asked: list[Asked] = []
        self.last: dict[int, object] = {}
        self.now = START + timedelta(days=1)
        all_notices = list(arrivals(scenario, collective))
        while self.now < START + timedelta(days=8):
            self.notices = [n for n in all_notices if n.opened_at <= self.now < n.deadline]
            plan = self.plan(None, None)
            self.now += timedelta(hours=8)
            self.ask(plan)
        self.coming = [n for n in all_notices if n.opened_at > self.now]

    def plan(self, before: Plan | None, changes: int | None) -> Plan:
        """Plan."""
        going = [notice for notice in self.notices if notice.deadline > self.now]
        people, kept = list(self.people.values()), planned(before) if before else ()
        return allocate(
            Snapshot(self.rules, going, people, list(self.asked), dict(self.last), kept, changes), self.now
        )

    def ask(self, plan: Plan) -> None:
        """Ask what has come due; one of seven says no."""
        for one in plan.assignments:
            if one.due_at <= self.now:
                state = BoostState.SKIPPED if self.rng.random() < 1 / 7 else BoostState.DECLARED
                self.asked.append(Asked(one.notice_id, one.volunteer_id, one.due_at, state))
                self.last[one.volunteer_id] = one.due_at

    def event(self, before: Plan, changes: int | None) -> Event:
        """Let five minutes pass and one thing happen."""
        self.now += STEP
        self.ask(before)
        before = self.plan(before, 0)
        kind = self.rng.choice(KINDS)
        own = getattr(self, f"_{kind}")()
        return Event(kind, own, before, self.plan(before, changes))

    def _comes(self) -> Callable[[Pair], bool]:
        new = replace(self.coming.pop(0), opened_at=self.now, deadline=self.now + self.life)
        self.notices.append(new)
        return lambda pair: pair[0] == new.id

    def _ends(self) -> Callable[[Pair], bool]:
        gone = self.notices.pop(self.rng.randrange(len(self.notices)))
        return lambda pair: pair[0] == gone.id

    def _joins(self) -> Callable[[Pair], bool]:
        new = replace(self.rng.choice(list(self.people.values())), id=max(self.people) + 1)
        self.people[new.id] = new
        return lambda pair: pair[1] == new.id

    def _pauses(self) -> Callable[[Pair], bool]:
        gone = self.rng.choice(list(self.people))
        del self.people[gone]
        return lambda pair: pair[1] == gone

    def _declines(self) -> Callable[[Pair], bool]:
        going = {notice.id for notice in self.notices}
        recent = [i for i, one in enumerate(self.asked) if one.counted and one.notice_id in going][-60:]
        i = self.rng.choice(recent)
        self.asked[i] = self.asked[i]._replace(state=BoostState.SKIPPED)
        return lambda pair: pair == self.asked[i][:2]


def changed(event: Event) -> tuple[int, int]:
    """Count the pairs of others that the plan lost, and the new turns for notices without any boost."""
    before, after = pairs(event.before), pairs(event.after)
    lost = sum(not event.own(pair) for pair in before - after)
    first = sum(
        not one.reason["rank"][0] and (one.notice_id, one.volunteer_id) not in before
        for one in event.after.assignments
    )
    return lost, first


def by_kind(found: list[Event]) -> dict[str, list[int]]:
    """Give the lost pairs of others by kind of event, ascending."""
    lost = defaultdict[str, list[int]](list)
    for event in found:
        lost[event.kind].append(changed(event)[0])
    return {kind: sorted(values) for kind, values in lost.items()}
