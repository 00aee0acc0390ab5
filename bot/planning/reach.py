"""The exact round's other second stage: as many boosts for each request as before, by those who reach most.

Where volunteers have slots to spare, whom a request is given to decides how many people see it (FAIRNESS 1.3,
O2'). Pairs are fixed one by one, the best first:

    score = gain * (1 - load / cap),  gain = new people / (people reached so far + 1000)

So who has the larger audience goes first, is spared the more of their slots are used, and counts for less
where people have been reached already. The counts of the first stage never change: a pair is fixed only when
everybody else can keep as many, by exchange paths over what is not fixed yet.

**New people.** A volunteer's followers are spread evenly over the circles they declared: network, languages,
topics, regions ("all" is one circle). A circle holds as many people as all volunteers of the round have
followers there, and a boost meets each of them by chance, so a share of its people that has been reached is a
share of the boost that is not new. Nothing is known of who really follows whom, and nothing is asked.

Sources: Nemhauser, Wolsey and Fisher 1978 (greedy on coverage); Mehta, Saberi, Vazirani and Vazirani 2007
(less for accounts that are nearly used up).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heapreplace

from bot.planning.exact import Pairs
from bot.planning.masks import for_requests, low_bits
from bot.planning.problem import Id, Request, Volunteer, by_id

KNOWN = 1000
"""People whom anybody is taken to reach at first: the first hundred new ones matter more than the next."""


def widen(requests: Sequence[Request], volunteers: Sequence[Volunteer], pairs: Pairs) -> Pairs:
    """Give every request as many volunteers as in `pairs`, those who reach the most people.

    Args:
        requests: of the round; who is in `boosted_by` has reached their followers.
        volunteers: of the round.
        pairs: volunteers by request, as `exact.allocate` gives them.
    """
    requests, volunteers = sorted(requests, key=by_id), sorted(volunteers, key=by_id)
    place = {volunteer.id: j for j, volunteer in enumerate(volunteers)}
    given = [sum(1 << place[name] for name in pairs[request.id]) for request in requests]
    caps = [volunteer.capacity for volunteer in volunteers]
    plan = _Plan(for_requests(requests, volunteers), given, caps)
    audience = Audience(volunteers)
    seen = [audience.seen(request.boosted_by) for request in requests]

    def score(i: int, j: int) -> float:
        left = 1 - plan.load[j] / caps[j]
        return audience.gain(seen[i], j) * left if left else 0.0

    heap = [
        (-score(i, j), i, j)
        for i, offer in enumerate(plan.offers)
        if given[i]
        for j in low_bits(offer)
        if caps[j]
    ]
    heapify(heap)
    while heap:
        told, i, j = heap[0]
        now = -score(i, j) if plan.wants(i) else told
        if now > told:  # scores only fall, so the first that is still true is the best
            heapreplace(heap, (now, i, j))
            continue
        heappop(heap)
        if plan.wants(i) and plan.fix(i, j):
            audience.see(seen[i], j)
    return {
        request.id: [volunteers[j].id for j in low_bits(mask)]
        for request, mask in zip(requests, plan.given, strict=True)
    }


class Seen:
    """What a request has reached: people in all, and by circle."""

    __slots__ = ("circles", "people")

    def __init__(self) -> None:
        self.people = 0.0
        self.circles: dict[str, float] = {}


class Audience:
    """Who the followers of a round's volunteers are taken to be."""

    def __init__(self, volunteers: Sequence[Volunteer]) -> None:
        self._place = {volunteer.id: j for j, volunteer in enumerate(volunteers)}
        self._circles = [_circles(volunteer) for volunteer in volunteers]
        self._each = [
            volunteer.followers / len(own) for volunteer, own in zip(volunteers, self._circles, strict=True)
        ]
        self._people: defaultdict[str, float] = defaultdict(float)
        for own, each in zip(self._circles, self._each, strict=True):
            for circle in own:
                self._people[circle] += each

    def seen(self, volunteers: Iterable[Id]) -> Seen:
        """Give what boosts by these volunteers have reached; who is not in the round is left out."""
        found = Seen()
        for j in sorted(self._place[name] for name in volunteers if name in self._place):
            self.see(found, j)
        return found

    def gain(self, seen: Seen, j: int) -> float:
        """Give what a boost by the j-th volunteer is worth: new people, the less the more were reached."""
        each, people, before = self._each[j], self._people, seen.circles
        if not each:
            return 0.0
        new = 0.0
        for circle in self._circles[j]:
            new += 1 - before[circle] / people[circle] if circle in before else 1
        return each * new / (seen.people + KNOWN)

    def see(self, seen: Seen, j: int) -> None:
        """Note a boost by the j-th volunteer."""
        each = self._each[j]
        for circle in self._circles[j] if each else ():
            reached = seen.circles.get(circle, 0.0)
            new = each * (1 - reached / self._people[circle])
            seen.circles[circle] = reached + new
            seen.people += new


def _circles(volunteer: Volunteer) -> tuple[str, ...]:
    topics = ("*",) if volunteer.topics is None else sorted(volunteer.topics)
    regions = ("*",) if volunteer.regions is None else sorted(volunteer.regions)
    return (
        *(f"network:{name}" for name in sorted(volunteer.networks)),
        *(f"lang:{name}" for name in sorted(volunteer.langs)),
        *(f"topic:{name}" for name in topics),
        *(f"region:{name}" for name in regions),
    )


class _Plan:
    """A plan whose pairs are fixed one by one; what is not fixed may still move. By request, bit sets."""

    def __init__(self, offers: Sequence[int], given: Sequence[int], caps: Sequence[int]) -> None:
        self.offers, self.given = offers, list(given)
        self.load = [0] * len(caps)
        """By volunteer, the pairs that are fixed."""
        self._loose = list(given)
        self._holders = [0] * len(caps)
        """By volunteer, the requests that hold them loosely."""
        self._room = list(caps)
        for i, mask in enumerate(given):
            for j in low_bits(mask):
                self._holders[j] |= 1 << i
                self._room[j] -= 1
        self._free = sum(1 << j for j, left in enumerate(self._room) if left > 0)

    def wants(self, i: int) -> bool:
        """Whether a request has pairs that are not fixed."""
        return self._loose[i] != 0

    def fix(self, i: int, j: int) -> bool:
        """Fix a pair, if everybody can keep as many as they have."""
        if not self._loose[i] >> j & 1 and (self.given[i] >> j & 1 or not self._make_room(i, j)):
            return False
        self._loose[i] ^= 1 << j
        self._holders[j] ^= 1 << i
        self.load[j] += 1
        return True

    def _make_room(self, i: int, j: int) -> bool:
        """Let a request hold a volunteer loosely instead of one it holds now."""
        if self._free >> j & 1:
            self._drop(i, self._loose[i])
            self._take(i, j)
            return True
        came: dict[int, tuple[int, int]] = {}
        queue: list[int] = []
        unseen = ~(1 << j)
        self._call(j, -1, came, queue)
        ends = self._free | self._loose[i]
        for k in queue:
            if k == i:
                continue
            open_ = self.offers[k] & ~self.given[k]
            if open_ & ends:
                self._go_along(i, k, open_, came)
                return True
            fresh = open_ & unseen
            unseen &= ~fresh
            for giver in low_bits(fresh):
                self._call(giver, k, came, queue)
        return False

    def _call(self, giver: int, asker: int, came: dict[int, tuple[int, int]], queue: list[int]) -> None:
        """Note who could hand a volunteer over to an asker."""
        for holder in low_bits(self._holders[giver]):
            if holder not in came:
                came[holder] = (giver, asker)
                queue.append(holder)

    def _go_along(self, i: int, k: int, open_: int, came: dict[int, tuple[int, int]]) -> None:
        """Move everybody on the path by one, so that the request `i` takes the first volunteer of it."""
        end = open_ & self._free
        self._drop(i, self._loose[i] if end else self._loose[i] & open_)
        free = (end or open_) & self._free
        taken = (free & -free).bit_length() - 1
        while k >= 0:
            giver, asker = came[k]
            self._drop(k, 1 << giver)
            self._take(k, taken)
            taken, k = giver, asker
        self._take(i, taken)

    def _drop(self, i: int, some: int) -> None:
        """Let a request give up the first of `some` that it holds loosely."""
        low = some & -some
        j = low.bit_length() - 1
        self.given[i] ^= low
        self._loose[i] ^= low
        self._holders[j] ^= 1 << i
        self._room[j] += 1
        self._free |= low

    def _take(self, i: int, j: int) -> None:
        self.given[i] ^= 1 << j
        self._loose[i] ^= 1 << j
        self._holders[j] ^= 1 << i
        self._room[j] -= 1
        if not self._room[j]:
            self._free ^= 1 << j
