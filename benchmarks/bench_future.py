"""The rule at the slot, which knows nothing of tomorrow, beside the best plan of one who knows all.

The clairvoyant sees every slot and every notice of the run before it begins, and raises the lowest along
augmenting paths (as `bot.planning.exact` does for one round) over slots instead of volunteers: so nobody
can do better for those with the fewest. Both play without the spacing of notices.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from benchmarks import goals, live
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.volunteer import Account
from bot.simulation.collective import Collective, Scenario, arrivals, invented


class World(NamedTuple):
    """A collective, and the share of places of the sorted vector to be at most one below the optimum's."""

    supply: float
    volunteers: int
    demand: int
    least: float


WORLDS = (
    World(0.2, 50, 12, 0.99),
    World(1.0, 300, 20, 0.99),  # that of `bench_days`
    World(1.0, 200, 20, 0.99),
    World(1.0, 50, 12, 0.99),
    World(3.0, 50, 12, 0.95),
)
ZEROS_MORE = 1.02
TOTAL = 0.99


def run() -> list[tuple[str, str, str]]:
    """Play six weeks at three supplies, and compare the notices whose rounds end within them."""
    rows = []
    for supply, volunteers, demand, least in WORLDS:
        scenario = Scenario(
            volunteers=volunteers,
            days=42,
            supply=supply,
            demand=demand,
            refusals=0,
            silence=0,
            spacing_min=0,
            day_max=1_000,
        )
        collective = invented(scenario)
        notices = list(live.ended(scenario, arrivals(scenario, collective)))
        mine = sorted(live.boosts(scenario, collective, notices))
        best = sorted(Clairvoyant(scenario, collective, notices).counts())
        near = sum(own >= other - 1 for own, other in zip(mine, best, strict=True)) / len(best)
        share = sum(mine) / sum(best)
        zeros = f"zeros {mine.count(0)}, optimum {best.count(0)}"
        figure = f"{zeros}; {near:.1%} of places within 1; total {share:.2%}"
        name = f"supply {supply:g}, {volunteers} volunteers"
        rows.append((name, figure, f"{len(best):,} notices that want {demand}, {sum(best):,} boosts"))
        asked = f"{name}: zeros ≤ optimum + 2 %, ≥ {least:.0%} of places within 1, total ≥ 99 %"
        met = mine.count(0) <= ZEROS_MORE * best.count(0) and near >= least and share >= TOTAL
        goals.note("G6", asked, figure, met, why="the price of serving early: docs/decisions/0087")
    return rows


class _Step(NamedTuple):
    """A notice in search of a slot; `of`: it gives up this volunteer's and may take another of theirs."""

    notice: int
    of: int | None
    before: "_Step | None"
    taken: int
    """The slot by which the search came here, which the step before would take; -1 at the start."""


class Clairvoyant:
    """The leximin over a whole run: which slot goes to which notice, each volunteer once for each notice."""

    def __init__(self, scenario: Scenario, collective: Collective, notices: Sequence[Notice]) -> None:
        self._demand = scenario.demand
        slots = [(at, who) for at, who, _ in live.slots(scenario, collective)]
        self._owner = [who for _, who in slots]
        self._holder: list[int | None] = [None] * len(slots)
        self._dead = [False] * len(slots)
        """Slots from which no free one can be reached any more."""
        self._pairs: list[set[int]] = [set() for _ in notices]
        """By notice: the volunteers who have given it a slot."""
        of_volunteer: dict[int, list[int]] = defaultdict(list)
        for number, (_, who) in enumerate(slots):
            of_volunteer[who].append(number)
        self._offers: list[dict[int, list[int]]] = [
            {
                v.id: [s for s in of_volunteer[v.id] if notice.created_at <= slots[s][0] < _end(notice)]
                for v in collective.volunteers
                if isinstance(matching_account(notice, v), Account)
            }
            for notice in notices
        ]

    def counts(self) -> list[int]:
        """Raise the lowest until nobody can be raised; give the boosts of each notice."""
        found = [0] * len(self._pairs)
        heap = [(0, notice) for notice in range(len(found))]
        heapify(heap)
        while heap:
            count, notice = heap[0]
            if count < self._demand and self._raise(notice):
                found[notice] += 1
                heapreplace(heap, (count + 1, notice))
            else:
                heappop(heap)
        return found

    def _raise(self, notice: int) -> bool:
        """Give a notice one more slot, along a shortest augmenting path."""
        queue = [_Step(notice, None, None, -1)]
        asked, seen = {notice}, set[int]()
        for step in queue:
            offers, own = self._offers[step.notice], self._pairs[step.notice]
            givers = [who for who in offers if who not in own] if step.of is None else [step.of]
            for slot in (s for who in givers for s in offers[who]):
                if self._dead[slot] or slot in seen:
                    continue
                seen.add(slot)
                holder = self._holder[slot]
                if holder is None:
                    self._take(step, slot)
                    return True
                queue.append(_Step(holder, self._owner[slot], step, slot))
            if step.of is not None and step.notice not in asked:
                asked.add(step.notice)
                queue.append(step._replace(of=None))
        for slot in seen:
            self._dead[slot] = True
        return False

    def _take(self, step: _Step | None, slot: int) -> None:
        """Let everybody on the path take the slot that the step after it gives up."""
        gained = []
        while step is not None:
            gained.append((step.notice, slot))
            if step.before is not None:
                self._pairs[step.notice].remove(self._owner[step.taken])
            step, slot = step.before, step.taken
        for notice, new in gained:
            self._holder[new] = notice
            self._pairs[notice].add(self._owner[new])


def _end(notice: Notice) -> datetime:
    assert notice.deadline is not None, "an active notice has a deadline"
    return notice.deadline
