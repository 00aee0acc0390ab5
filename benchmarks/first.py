"""The least waits for a first boost that anybody could reach who knows all notices and slots in advance.

The slots are those that the volunteers' settings give (FAIRNESS.md 1.4); none lies in their quiet hours.
Within x hours of their coming at most as many people can have a boost as a maximum matching of people and
slots has pairs; so a share of them waits at least as long as the least x at which that is enough.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from benchmarks import live
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.volunteer import Account
from bot.simulation.collective import START, Collective, Scenario, arrivals

HOUR = timedelta(hours=1)
EXACT = 0.05
"""Hours to which a bound is found."""


def bounds(scenario: Scenario, collective: Collective, shares: Sequence[float]) -> list[float]:
    """Give, for each share of the people, the hours within which at best so many have a first boost.

    Counted are those whom `bot.simulation.figures` counts: who came when the system had settled, and whose
    round ends within the run.
    """
    settled = START + min(scenario.life, timedelta(days=scenario.days) / 4)
    notices = [n for n in live.ended(scenario, arrivals(scenario, collective)) if n.created_at >= settled]
    times: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for number, (at, who, _) in enumerate(live.slots(scenario, collective)):
        times[who].append((at, number))
    known: dict[tuple[object, ...], list[int]] = {}
    for one in notices:
        kind = (one.networks, one.lang, one.sector, one.region)
        if kind not in known:
            people = collective.volunteers
            known[kind] = [v.id for v in people if isinstance(matching_account(one, v), Account)]

    def within(hours: float) -> int:
        return _matched([_offers(one, hours * HOUR, known, times) for one in notices])

    return [_least(within, share * len(notices), scenario.life / HOUR) for share in shares]


def _least(within: Callable[[float], int], people: float, most: float) -> float:
    """Give the least hours within which more than so many people can have a boost."""
    low, high = 0.0, most
    while high - low > EXACT:
        middle = (low + high) / 2
        low, high = (low, middle) if within(middle) > people else (middle, high)
    return low


def _offers(
    notice: Notice,
    span: timedelta,
    known: dict[tuple[object, ...], list[int]],
    times: dict[int, list[tuple[datetime, int]]],
) -> list[int]:
    """Give the slots that fit a notice within a span of its coming, the soonest first."""
    begin, end = notice.created_at, notice.created_at + span
    found: list[tuple[datetime, int]] = []
    for who in known[notice.networks, notice.lang, notice.sector, notice.region]:
        own = times[who]
        found += own[bisect_left(own, (begin, -1)) : bisect_right(own, (end, 1 << 60))]
    return [number for _, number in sorted(found)]


def _matched(offers: Sequence[Sequence[int]]) -> int:
    """Give the size of a maximum matching, by shortest augmenting paths."""
    holder: dict[int, int] = {}
    held: dict[int, int] = {}
    dead = set[int]()
    for start in range(len(offers)):
        came: dict[int, int] = {}
        queue, free = [start], -1
        for one in queue:
            for slot in offers[one]:
                if slot in came or slot in dead:
                    continue
                came[slot] = one
                if slot not in holder:
                    free = slot
                    break
                queue.append(holder[slot])
            if free >= 0:
                break
        if free < 0:
            dead |= came.keys()  # nothing free can be reached from there any more
            continue
        while free >= 0:
            one = came[free]
            before = held.get(one, -1)
            holder[free], held[one] = one, free
            free = before if one != start else -1
    return len(held)
