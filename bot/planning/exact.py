"""The exact round: leximin for those who ask, then even loads for those who give.

First as few people as possible have 0 boosts, then as few as possible have at most 1, then at most 2, …
Two stages, one procedure (`bot.planning.market`): raise the lowest, by exchange paths where all is taken.

1. Requests rise by level, (received + new) / weight; at the same level the smaller weight first, because one
   boost lifts it further. What can be reached together is a polymatroid, so raising the lowest gives the
   leximin of all plans, and with it the largest total.
2. Volunteers rise by (2 * load + 1) / cap, what one more adds to the sum of load^2 / cap. Every request has
   exactly the boosts of stage 1 to give away; so all are placed, and the sum is the least there is.

Why raising the lowest is exact: Federgruen and Groenevelt 1986 (greedy on polymatroids); Harvey, Ladner,
Lovasz and Tamir 2006 (exchange paths); Frank and Murota 2018 (decreasing minimality).

Equals come in the order of their ids, and what is free is taken from the volunteer with the fewest choices;
so the plan does not depend on the order of the input.
"""

from collections.abc import Mapping, Sequence

from bot.planning.market import Market, Rise
from bot.planning.masks import for_requests, for_volunteers
from bot.planning.problem import Id, Request, Volunteer, by_id

Pairs = dict[Id, list[Id]]


def allocate(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Pairs:
    """Give every request its volunteers, both in the order of their ids.

    Each pair fits and occurs once; no request gets more than its demand, no volunteer more than its capacity.
    """
    table = _Table(requests, volunteers)
    first = Market(table.offers, table.caps)
    counts = first.fill(table.rises)
    second = Market(table.calls, counts, _taken(first.takers))
    loads = second.fill(table.loads)
    assert sum(loads) == sum(counts), "what one plan places, the evenest plan places too"
    return table.pairs(second.takers)


def repair(
    requests: Sequence[Request],
    volunteers: Sequence[Volunteer],
    before: Mapping[Id, Sequence[Id]],
    changes: int | None = None,
) -> Pairs:
    """Mend a plan after something happened: as good as `allocate`, with as much of the plan as can stay.

    What does not fit any more, or is above a demand or a capacity, is dropped first. Then the lowest are
    raised and loads are evened out along shortest exchange paths.

    Args:
        requests: as they are now.
        volunteers: as they are now.
        before: volunteers by request, as an earlier call gave them; who is gone may still be in it.
        changes: the most other pairs of `before` that may be taken away, for the lowest first. A plan that is
            bound by it may be less than the best; the next call goes on from there.
    """
    table = _Table(requests, volunteers)
    first = Market(table.offers, table.caps)
    kept = table.still(before)
    first.keep(kept)
    counts = first.mend(table.rises, changes)
    second = Market(table.calls, counts)
    second.keep(_taken(first.takers))
    second.mend(table.loads, first.left)
    return table.pairs(second.takers)


class _Table:
    """A round as numbers: requests by id; volunteers with the fewest choices first.

    `offers` and `calls` say who fits: by request and by volunteer. `rises` and `loads` say how both rise.
    """

    def __init__(self, requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> None:
        self.requests, volunteers = sorted(requests, key=by_id), sorted(volunteers, key=by_id)
        calls = for_volunteers(self.requests, volunteers)
        rank = sorted(range(len(volunteers)), key=lambda j: calls[j].bit_count())
        self.volunteers, self.calls = [volunteers[j] for j in rank], [calls[j] for j in rank]
        self.offers = for_requests(self.requests, self.volunteers)
        self.caps = [volunteer.capacity for volunteer in self.volunteers]
        self.rises = [_rise_of_request(request) for request in self.requests]
        self.loads = [Rise(1, 2, max(cap, 1), cap) for cap in self.caps]

    def pairs(self, takers: Sequence[Mapping[int, None]]) -> Pairs:
        """Give a plan (by request, the volunteers who take it) by ids."""
        return {
            request.id: [v.id for v in sorted((self.volunteers[j] for j in taking), key=by_id)]
            for request, taking in zip(self.requests, takers, strict=True)
        }

    def still(self, before: Mapping[Id, Sequence[Id]]) -> list[int]:
        """Give, by request, the volunteers of an earlier plan who are still possible.

        Of what is too much, the highest lose first.
        """
        place = {volunteer.id: j for j, volunteer in enumerate(self.volunteers)}
        room = list(self.caps)
        kept = [0] * len(self.requests)
        had = {i: before.get(request.id, ()) for i, request in enumerate(self.requests)}
        for i in sorted(
            had, key=lambda i: (self.requests[i].received + len(had[i])) / self.requests[i].weight
        ):
            for j in [place[name] for name in had[i] if name in place][: self.requests[i].demand]:
                if room[j] and self.offers[i] >> j & 1 and not kept[i] >> j & 1:
                    kept[i] |= 1 << j
                    room[j] -= 1
        return kept


def _rise_of_request(request: Request) -> Rise:
    over, step = request.weight.as_integer_ratio()
    return Rise(request.received * step, step, over, request.demand)


def _taken(takers: Sequence[Mapping[int, None]]) -> list[int]:
    """Turn a plan around: by giver, its takers as a bit set."""
    return [sum(1 << i for i in taking) for taking in takers]
