"""The exact round: leximin for those who ask, then even loads for those who give.

First as few people as possible have 0 boosts, then as few as possible have at most 1, then at most 2, …
Two stages, one procedure. **Raise the lowest**: take whoever stands lowest and give them one more; when all
that could serve them is taken, look for an *exchange path* (somebody hands theirs over and takes another
instead, and so on, until the last of them finds something free). Whoever cannot be raised now never can.

1. Requests rise by level, (received + new) / weight; at the same level the smaller weight first, because one
   boost lifts it further. What can be reached together is a polymatroid, so raising the lowest gives the
   leximin of all plans, and with it the largest total.
2. Volunteers rise by (2 * load + 1) / cap, what one more adds to the sum of load^2 / cap. Every request has
   exactly the boosts of stage 1 to give away; so all are placed, and the sum is the least there is.

Why raising the lowest is exact: Federgruen and Groenevelt 1986 (greedy on polymatroids); Harvey, Ladner,
Lovasz and Tamir 2006 (exchange paths); Frank and Murota 2018 (decreasing minimality).

Sets are integers: bit i stands for the i-th item, so thousands of candidates are intersected at once. Levels
are compared as whole numbers, without rounding. Equals come in the order of their ids, and what is free is
taken from the volunteer with the fewest choices; so the plan does not depend on the order of the input.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from bot.planning.masks import for_requests, for_volunteers, low_bits
from bot.planning.problem import Id, Request, Volunteer, by_id

Pairs = dict[Id, list[Id]]


def allocate(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Pairs:
    """Give every request its volunteers, both in the order of their ids.

    Each pair fits and occurs once; no request gets more than its demand, no volunteer more than its capacity.
    """
    requests, volunteers = sorted(requests, key=by_id), sorted(volunteers, key=by_id)
    calls = for_volunteers(requests, volunteers)
    rank = sorted(range(len(volunteers)), key=lambda j: calls[j].bit_count())
    volunteers, calls = [volunteers[j] for j in rank], [calls[j] for j in rank]
    offers = for_requests(requests, volunteers)

    caps = [volunteer.capacity for volunteer in volunteers]
    first = _Market(offers, caps)
    counts = first.fill([_rise_of_request(request) for request in requests])
    before = [sum(1 << i for i in takers) for takers in first.takers]
    second = _Market(calls, counts, before)
    loads = second.fill([Rise(1, 2, max(cap, 1), cap) for cap in caps])
    assert sum(loads) == sum(counts), "what one plan places, the evenest plan places too"

    return {
        request.id: [v.id for v in sorted((volunteers[j] for j in takers), key=by_id)]
        for request, takers in zip(requests, second.takers, strict=True)
    }


class Rise(NamedTuple):
    """How one taker rises: with n, its level is (start + n * step) / over, and n is at most `most`."""

    start: int
    step: int
    over: int
    most: int


def _rise_of_request(request: Request) -> Rise:
    over, step = request.weight.as_integer_ratio()
    return Rise(request.received * step, step, over, request.demand)


def _scale(rises: Sequence[Rise]) -> int:
    """Give a factor that turns levels and steps into whole numbers of the same order.

    Two different fractions are at least 1 / max(over)^2 apart: multiplied by that square and rounded down
    they stay different, and equal ones stay equal.
    """
    return max((rise.over for rise in rises), default=1) ** 2


class _Market:
    """Takers and givers, who may take from whom, and who has taken what. A giver gives each taker once.

    Args:
        offers: by taker, the givers that fit.
        room: by giver, how many it may give.
        liked: by taker, the givers to try first; spares exchanges when a plan is already known.
    """

    def __init__(self, offers: Sequence[int], room: Sequence[int], liked: Sequence[int] = ()) -> None:
        self.takers: list[dict[int, None]] = [{} for _ in room]
        """By giver: who has taken from it. A dict, because a set promises no order."""
        self._open = list(offers)
        """By taker: givers that it may still take from."""
        self._room = list(room)
        self._liked = liked or [0] * len(offers)
        self._free = sum(1 << j for j, left in enumerate(room) if left > 0)
        self._alive = (1 << len(room)) - 1
        """Givers from which a free one may be reached; the others are taken for good."""

    def fill(self, rises: Sequence[Rise]) -> list[int]:
        """Raise the lowest until nobody can be raised; give how many each taker has."""
        scale = _scale(rises)
        counts = [0] * len(rises)
        heap = [(r.start * scale // r.over, -r.step * scale // r.over, i) for i, r in enumerate(rises)]
        heapify(heap)
        while heap:
            _, slow, i = heap[0]
            start, step, over, most = rises[i]
            if counts[i] < most and self._raise(i):
                counts[i] += 1
                heapreplace(heap, ((start + counts[i] * step) * scale // over, slow, i))
            else:
                heappop(heap)
        return counts

    def _raise(self, taker: int) -> bool:
        """Give a taker one more, by exchange if need be."""
        spare = self._open[taker] & self._free
        if spare:
            self._take(taker, spare & self._liked[taker] or spare)
            return True
        return self._exchange(taker)

    def _exchange(self, start: int) -> bool:
        """Find the shortest exchange path from a taker to something free, and go along it."""
        unseen = self._alive
        came: dict[int, tuple[int, int]] = {start: (start, -1)}
        queue = [start]
        for taker in queue:
            fresh = self._open[taker] & unseen
            unseen ^= fresh
            for giver in low_bits(fresh):
                for holder in self.takers[giver]:
                    if holder in came:
                        continue
                    came[holder] = (taker, giver)
                    spare = self._open[holder] & self._free
                    if spare:
                        self._take(holder, spare)
                        self._hand_over(holder, came)
                        return True
                    queue.append(holder)
        self._alive = unseen
        return False

    def _take(self, taker: int, spare: int) -> None:
        """Take from the first of the free givers: the one with the fewest choices."""
        low = spare & -spare
        giver = low.bit_length() - 1
        self.takers[giver][taker] = None
        self._open[taker] ^= low
        self._room[giver] -= 1
        if not self._room[giver]:
            self._free ^= low

    def _hand_over(self, holder: int, came: dict[int, tuple[int, int]]) -> None:
        """Let everybody on the path hand over to the one before."""
        taker, giver = came[holder]
        while giver >= 0:
            bit = 1 << giver
            del self.takers[giver][holder]
            self.takers[giver][taker] = None
            self._open[holder] ^= bit
            self._open[taker] ^= bit
            holder = taker
            taker, giver = came[holder]
