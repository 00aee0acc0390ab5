"""Exact answers by other means than the planner's: OR-tools' minimum-cost flow, and trying every plan.

What requests can have together is a polymatroid, and so is what volunteers can give. So a cheapest largest
flow is cheapest for every order-preserving price of the single steps (Edmonds 1971), and the rank of a step,
first what lifts the lowest, is price enough. That this is right is shown where every plan can be tried.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bot.planning.problem import Request, Volunteer, fits

Levels = list[Fraction]
Steps = Sequence[Sequence[tuple[Fraction, Fraction]]]
"""By request or volunteer, what each boost more costs: ascending."""


def best_levels(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> tuple[Levels, int]:
    """Give the leximin of the requests' levels, ascending, and the largest number of boosts."""
    rises = [
        [(Fraction(r.received + k) / r.weight, r.weight) for k in range(min(r.demand, len(volunteers)))]
        for r in requests
    ]
    counts, _ = _cheapest(requests, volunteers, rises, [_free(v.capacity) for v in volunteers])
    levels = [(r.received + n) / r.weight for r, n in zip(requests, counts, strict=True)]
    return sorted(levels), sum(counts)


def least_unevenness(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Fraction:
    """Give the least sum of load^2 / cap of all plans with the largest number of boosts, fair or not."""
    rises = [[(Fraction(2 * k + 1, v.capacity), Fraction(0)) for k in range(v.capacity)] for v in volunteers]
    _, loads = _cheapest(requests, volunteers, [_free(r.demand) for r in requests], rises)
    return unevenness({v.id: n for v, n in zip(volunteers, loads, strict=True)}, volunteers)


def _free(count: int) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(-1), Fraction(0))] * count


def _cheapest(
    requests: Sequence[Request], volunteers: Sequence[Volunteer], rises: Steps, loads: Steps
) -> tuple[list[int], list[int]]:
    """Give the boosts of each request and of each volunteer in the cheapest of the largest plans."""
    rank = {step: n for n, step in enumerate(sorted({step for some in (*rises, *loads) for step in some}))}
    flow, source, sink = (
        SimpleMinCostFlow(),
        len(requests) + len(volunteers),
        len(requests) + len(volunteers) + 1,
    )

    def arcs(steps: Steps, first: int, *, out: bool) -> list[list[int]]:
        """Add an arc for each step of each request or volunteer, from the source or to the sink."""
        return [
            [
                flow.add_arc_with_capacity_and_unit_cost(*((i, sink) if out else (source, i)), 1, rank[step])
                for step in some
            ]
            for i, some in enumerate(steps, start=first)
        ]

    asked, given = arcs(rises, 0, out=False), arcs(loads, len(requests), out=True)
    for i, request in enumerate(requests):
        for j, volunteer in enumerate(volunteers, start=len(requests)):
            if fits(request, volunteer):
                flow.add_arc_with_capacity_and_unit_cost(i, j, 1, 0)
    flow.set_node_supply(source, sum(map(len, rises)))
    flow.set_node_supply(sink, -sum(map(len, rises)))
    assert flow.solve_max_flow_with_min_cost() == flow.OPTIMAL
    counted = [[sum(map(flow.flow, some)) for some in side] for side in (asked, given)]
    return counted[0], counted[1]


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
