"""Exact answers by other means than the planner's: minimum-cost flow, and trying every plan.

Costs are whole numbers of any length, so that "first this, then that" and fractions lose nothing.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from itertools import combinations
from math import lcm

from bot.planning.problem import Request, Volunteer, fits

Levels = list[Fraction]


class Flow:
    """A network of arcs with room and cost; `solve` sends the cheapest maximal flow (primal-dual method)."""

    def __init__(self, nodes: int) -> None:
        self.arcs: list[list[int]] = [[] for _ in range(nodes)]
        self.ends: list[int] = []
        self.room: list[int] = []
        self.costs: list[int] = []

    def arc(self, tail: int, head: int, room: int, cost: int = 0) -> int:
        """Add an arc and give its number; the next number is its reverse."""
        number = len(self.ends)
        for node, end, left, price in ((tail, head, room, cost), (head, tail, 0, -cost)):
            self.arcs[node].append(len(self.ends))
            self.ends.append(end)
            self.room.append(left)
            self.costs.append(price)
        return number

    def solve(self, source: int, sink: int) -> int:
        """Send all that can be sent, as cheaply as possible; give the amount."""
        potential = self._bellman_ford(source)
        sent = 0
        while True:
            distance = self._dijkstra(source, potential)
            if distance[sink] is None:
                return sent
            worst = max(d for d in distance if d is not None)
            potential = [p + (worst if d is None else d) for p, d in zip(potential, distance, strict=True)]
            while passed := self._pass(source, sink, potential):
                sent += passed

    def _pass(self, source: int, sink: int, potential: Sequence[int]) -> int:
        """Send along shortest paths, leaving out every node found to lead nowhere."""
        seen: set[int] = set()
        sent = 0
        while self._augment(source, sink, potential, seen):
            sent += 1
        return sent

    def _bellman_ford(self, source: int) -> list[int]:
        found: list[int | None] = [None] * len(self.arcs)
        found[source] = 0
        changed = True
        while changed:
            changed = False
            for node, arcs in enumerate(self.arcs):
                here = found[node]
                for arc in arcs if here is not None else ():
                    there = found[self.ends[arc]]
                    if self.room[arc] and (there is None or here + self.costs[arc] < there):
                        found[self.ends[arc]] = here + self.costs[arc]
                        changed = True
        return [0 if distance is None else distance for distance in found]

    def _dijkstra(self, source: int, potential: Sequence[int]) -> list[int | None]:
        found: list[int | None] = [None] * len(self.arcs)
        heap = [(0, source)]
        while heap:
            here, node = heappop(heap)
            if found[node] is not None:
                continue
            found[node] = here
            for arc in self.arcs[node]:
                end = self.ends[arc]
                if self.room[arc] and found[end] is None:
                    heappush(heap, (here + self.costs[arc] + potential[node] - potential[end], end))
        return found

    def _augment(self, node: int, sink: int, potential: Sequence[int], seen: set[int]) -> bool:
        """Send one more along arcs on shortest paths."""
        if node == sink:
            return True
        seen.add(node)
        for arc in self.arcs[node]:
            end = self.ends[arc]
            shortest = self.costs[arc] + potential[node] == potential[end]
            if self.room[arc] and shortest and end not in seen and self._augment(end, sink, potential, seen):
                self.room[arc] -= 1
                self.room[arc ^ 1] += 1
                seen.discard(node)
                return True
        return False


def best_levels(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> tuple[Levels, int]:
    """Give the leximin of the requests' levels, ascending, and the largest number of boosts.

    A step from level a by 1 / weight is worth B^-(rank of (a, weight)) with B above the number of requests:
    what lifts the lowest is worth more than everything that lifts higher ones.
    """
    steps = {
        (Fraction(r.received + k) / r.weight, r.weight)
        for r in requests
        for k in range(min(r.demand, len(volunteers)))
    }
    rank = {step: n for n, step in enumerate(sorted(steps, reverse=True))}
    base = len(requests) + 1
    flow, source, sink = _pairs(requests, volunteers)
    rises = [
        [
            flow.arc(source, i, 1, -(base ** rank[Fraction(r.received + k) / r.weight, r.weight]))
            for k in range(min(r.demand, len(volunteers)))
        ]
        for i, r in enumerate(requests)
    ]
    for j, volunteer in enumerate(volunteers):
        flow.arc(len(requests) + j, sink, volunteer.capacity)
    total = flow.solve(source, sink)
    levels = [
        (r.received + sum(not flow.room[arc] for arc in arcs)) / r.weight
        for r, arcs in zip(requests, rises, strict=True)
    ]
    return sorted(levels), total


def least_unevenness(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Fraction:
    """Give the least sum of load^2 / cap of all plans with the largest number of boosts, fair or not."""
    scale = lcm(*(volunteer.capacity or 1 for volunteer in volunteers))
    flow, source, sink = _pairs(requests, volunteers)
    for i, request in enumerate(requests):
        flow.arc(source, i, request.demand)
    loads = [
        [
            flow.arc(len(requests) + j, sink, 1, (2 * k + 1) * scale // volunteer.capacity)
            for k in range(volunteer.capacity)
        ]
        for j, volunteer in enumerate(volunteers)
    ]
    flow.solve(source, sink)
    costs = [flow.costs[arc] for arcs in loads for arc in arcs if not flow.room[arc]]
    return Fraction(sum(costs), scale)


def _pairs(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> tuple[Flow, int, int]:
    """Make a network with an arc for every pair that fits; requests first, then volunteers, source, sink."""
    flow = Flow(len(requests) + len(volunteers) + 2)
    for i, request in enumerate(requests):
        for j, volunteer in enumerate(volunteers):
            if fits(request, volunteer):
                flow.arc(i, len(requests) + j, 1)
    return flow, len(requests) + len(volunteers), len(requests) + len(volunteers) + 1


def unevenness(loads: dict[object, int], volunteers: Sequence[Volunteer]) -> Fraction:
    """Give the sum of load^2 / cap."""
    return sum((Fraction(loads.get(v.id, 0) ** 2, v.capacity) for v in volunteers if v.capacity), Fraction())


def every_plan(
    requests: Sequence[Request], volunteers: Sequence[Volunteer]
) -> Iterator[tuple[Levels, int, Fraction]]:
    """Try every set of pairs of a tiny round; give levels (ascending), number of boosts and unevenness."""
    pairs = [(i, j) for i, r in enumerate(requests) for j, v in enumerate(volunteers) if fits(r, v)]
    for size in range(len(pairs) + 1):
        for chosen in combinations(pairs, size):
            new = [sum(i == k for i, _ in chosen) for k in range(len(requests))]
            load = [sum(j == k for _, j in chosen) for k in range(len(volunteers))]
            if any(n > r.demand for n, r in zip(new, requests, strict=True)):
                continue
            if any(n > v.capacity for n, v in zip(load, volunteers, strict=True)):
                continue
            levels = sorted((r.received + n) / r.weight for r, n in zip(requests, new, strict=True))
            yield (
                levels,
                size,
                unevenness({v.id: n for v, n in zip(volunteers, load, strict=True)}, volunteers),
            )
