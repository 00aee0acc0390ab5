"""When each boost of a round happens: a volunteer's slots, and which boost goes to which of them.

**Slots** are the c = capacity moments of one day that a volunteer's limits leave (FAIRNESS 1.4): with s the
spacing and W the open minutes, the i-th is at the end of the quiet hours + u_(i) * (W - c * s) + i * s, where
u are sorted uniforms of a keyed hash of the volunteer's id. The last lies at least s before the quiet hours,
so the daily and hourly caps, the gap and the quiet hours hold whichever slots are used, across midnight too.
The key is public: anyone gets the same answer from the same document.

**Spread** is a preference: volunteers with the least freedom choose first; each gives its boosts, one by one,
the slot that is farthest from the other boosts of the same request. A second pass looks again, knowing all.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from struct import unpack

from bot.planning.problem import DAY_MIN, Boost, Id, Round, Volunteer, by_id, order

PUBLIC_KEY = b"languette round/1"
_PER_BLOCK = 8
_PASSES = 2
_LOOKED_AT = 24
"""Most slots compared for one boost."""


def slots(volunteer: Volunteer, start: int) -> list[int]:
    """Give a volunteer's slots, as whole minutes of [start, start + 1440), ascending."""
    count, spacing = volunteer.capacity, volunteer.spacing
    free = DAY_MIN - volunteer.quiet_len - count * spacing
    opens = volunteer.quiet_start + volunteer.quiet_len
    shifts = sorted(u * (free + 1) >> 64 for u in _uniforms(volunteer.id, count))
    return sorted(start + (opens + shift + i * spacing - start) % DAY_MIN for i, shift in enumerate(shifts))


def _uniforms(volunteer: Id, count: int) -> list[int]:
    """Give reproducible random numbers below 2^64; 1 and "1" differ, as ids do."""
    name = repr(volunteer).encode("utf-8", "surrogatepass")
    blocks = (blake2b(b"%d|%b" % (i, name), key=PUBLIC_KEY).digest() for i in range(-(-count // _PER_BLOCK)))
    return list(unpack(f"<{count}Q", b"".join(blocks)[: 8 * count]))


def timed(planned: Round, pairs: Mapping[Id, Sequence[Id]], before: Iterable[Boost] = ()) -> list[Boost]:
    """Give every pair a slot of its volunteer's, and the boosts in the order of requests and time.

    Args:
        planned: the round.
        pairs: volunteers by request.
        before: an earlier plan; a pair that had a slot of its volunteer's keeps it.
    """
    given: dict[Id, list[Id]] = {}
    for request in sorted(pairs, key=order):
        for volunteer in pairs[request]:
            given.setdefault(volunteer, []).append(request)
    days: dict[Id, list[int]] = {request: [] for request in pairs}
    busy = sorted((v for v in planned.volunteers if v.id in given), key=lambda v: (v.capacity, by_id(v)))
    times = {volunteer.id: slots(volunteer, planned.start) for volunteer in busy}
    found = []
    for boost in before:
        if boost.request in given.get(boost.volunteer, ()) and boost.at in times[boost.volunteer]:
            given[boost.volunteer].remove(boost.request)
            times[boost.volunteer].remove(boost.at)
            insort(days[boost.request], boost.at)
            found.append(boost)
    chosen: dict[Id, list[int]] = {}
    for _ in range(_PASSES):
        for volunteer, moments in times.items():
            requests = given[volunteer]
            for request, at in zip(requests, chosen.get(volunteer, ()), strict=False):
                days[request].remove(at)
            chosen[volunteer] = _choose(moments, [days[request] for request in requests])
    found += [
        Boost(request, volunteer, at)
        for volunteer, requests in given.items()
        for request, at in zip(requests, chosen[volunteer], strict=True)
    ]
    return sorted(found, key=lambda boost: (order(boost.request), boost.at, order(boost.volunteer)))


def _choose(times: Sequence[int], days: Sequence[list[int]]) -> list[int]:
    """Choose a slot for each boost of one volunteer, and enter it in the day of the boost's request."""
    free = list(times)
    chosen = []
    for day in days:
        at = _farthest(day, free[:: -(-len(free) // _LOOKED_AT)])
        free.remove(at)
        insort(day, at)
        chosen.append(at)
    return chosen


def _farthest(day: Sequence[int], moments: Sequence[int]) -> int:
    """Give the moment with the most minutes to the nearest of a day, which is followed by one like it."""
    best, farthest = -1, moments[0]
    if not day or len(moments) == 1:
        return farthest
    endless = [day[-1] - DAY_MIN, *day, day[0] + DAY_MIN]
    for moment in moments:
        after = bisect_left(endless, moment)
        ahead, behind = endless[after] - moment, moment - endless[after - 1]
        distance = ahead if ahead < behind else behind  # noqa: FURB136  half the time of min()
        if distance > best:
            best, farthest = distance, moment
    return farthest
