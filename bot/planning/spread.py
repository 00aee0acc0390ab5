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
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from bot.planning.problem import DAY_MIN, Boost, Id, Round, Volunteer, by_id, order

PUBLIC_KEY = b"languette round/1"
_PASSES = 2
_LOOKED_AT = 24
"""Most slots compared for one boost."""


def slots(volunteer: Volunteer, start: int) -> list[int]:
    """Give a volunteer's slots, as whole minutes of [start, start + 1440), ascending."""
    count, spacing = volunteer.capacity, volunteer.spacing
    free = DAY_MIN - volunteer.quiet_len - count * spacing
    opens = volunteer.quiet_start + volunteer.quiet_len
    shifts = sorted(_uniform(volunteer.id, i) * (free + 1) >> 64 for i in range(count))
    return sorted(start + (opens + shift + i * spacing - start) % DAY_MIN for i, shift in enumerate(shifts))


def _uniform(volunteer: Id, i: int) -> int:
    """Give 64 reproducible random bits as a number; 1 and "1" differ, as ids do."""
    text = f"{volunteer!r}|{i}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, key=PUBLIC_KEY, digest_size=8).digest())


def timed(planned: Round, pairs: Mapping[Id, Sequence[Id]]) -> list[Boost]:
    """Give every pair a slot of its volunteer's, and the boosts in the order of requests and time.

    Args:
        planned: the round.
        pairs: volunteers by request; nobody has more than their capacity.
    """
    given: dict[Id, list[Id]] = {}
    for request in sorted(pairs, key=lambda r: (-len(pairs[r]), *order(r))):
        for volunteer in pairs[request]:
            given.setdefault(volunteer, []).append(request)
    days: dict[Id, list[int]] = {request: [] for request in pairs}
    chosen: dict[Id, list[int]] = {}
    busy = sorted((v for v in planned.volunteers if v.id in given), key=lambda v: (v.capacity, by_id(v)))
    times = {volunteer.id: slots(volunteer, planned.start) for volunteer in busy}
    for _ in range(_PASSES):
        for volunteer, moments in times.items():
            requests = given[volunteer]
            for request, at in zip(requests, chosen.get(volunteer, ()), strict=False):
                days[request].remove(at)
            chosen[volunteer] = _choose(moments, [days[request] for request in requests])
    found = [
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
        stride = -(-len(free) // _LOOKED_AT)
        at = max(free[::stride], key=lambda moment: _distance(day, moment))
        free.remove(at)
        insort(day, at)
        chosen.append(at)
    return chosen


def _distance(day: Sequence[int], moment: int) -> int:
    """Give the minutes to the nearest boost of a request's day, which is followed by one like it."""
    if not day:
        return DAY_MIN
    after = bisect_left(day, moment)
    ahead = day[after] - moment if after < len(day) else day[0] + DAY_MIN - moment
    behind = moment - day[after - 1] if after else moment - day[-1] + DAY_MIN
    return min(ahead, behind)
