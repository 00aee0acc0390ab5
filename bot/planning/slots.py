"""When a volunteer may be asked: slots from their own limits alone, and turns from slots and history.

**Slots.** A local day gets c = min(cap, floor(W / s)) slots, with s the spacing in minutes (at least 1) and
W the minutes outside quiet hours: the i-th at open + u_(i) * (W - c * s) + i * s, counted on the minutes
outside quiet hours, where u are sorted uniforms of a keyed hash of (secret, volunteer, date, i). So cap,
spacing and quiet hours hold by construction, an outsider cannot foresee a time, and an audit can derive it
again. Where quiet hours leave less than one spacing (W < s), the day still has one slot: such days lie far
enough apart, and a volunteer who says yes once a day must not be forgotten.

**Turns.** The k-th ask of a local day may come from its k-th slot on, at least a spacing after the last ask,
outside quiet hours. This adds two things to the bare slots:

- a slot of today that passed unused may be used later the same local day: nothing matched at the time, or the
  daemon was down, and a volunteer who boosts by hand should not miss a turn for that;
- a volunteer who was never asked may be asked at once: they just joined and are looking at their page.

Neither can break a limit, because the cap counts what was asked that local day, whatever came of it, and the
spacing counts from the last ask, in real minutes.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from bot.model.day import DAY_MIN, awake, local_day, next_day, on_the_wall, spacing, steady
from bot.model.volunteer import Limits


def day_slots(seed: bytes, volunteer_id: int, limits: Limits, day: date) -> list[datetime]:
    """Give the slots of one local day, ascending, aware UTC.

    Fewer than the rule gives on a day when the clock jumps forward: a slot in the hour that is skipped, or
    closer in real minutes to the one before than the spacing, falls out.

    Args:
        seed: the installation's secret for slots.
        volunteer_id: whose.
        limits: the volunteer's.
        day: a date on the volunteer's calendar.
    """
    moments = on_the_wall(limits, day, _wall_slots(seed, volunteer_id, limits, day))
    if steady(limits, day):
        return [moment for moment in moments if moment is not None]
    yesterday = day - timedelta(days=1)
    last = _wall_slots(seed, volunteer_id, limits, yesterday)[-1:]
    befores = [*(on_the_wall(limits, yesterday, last) or [None]), *moments]
    return [
        moment
        for before, moment in pairwise(befores)
        if moment is not None and (before is None or moment - before >= spacing(limits))
    ]


def slots_a_day(limits: Limits) -> int:
    """Count the slots of a day on which the clock does not jump."""
    return _layout(limits)[1]


def _layout(limits: Limits) -> tuple[list[tuple[int, int]], int, int]:
    """Give the open ranges of a day, how many slots they hold and the spacing (minutes)."""
    open_ranges = _open_ranges(limits)
    s = max(1, limits.spacing_min)
    w = sum(end - start for start, end in open_ranges)
    if w < s:  # one range only, so that the slots of two days are never closer than the quiet hours are long
        last = open_ranges[-1:]
        return last, min(1, limits.cap_day, sum(end - start for start, end in last)), 0
    return open_ranges, min(limits.cap_day, w // s), s


def _wall_slots(seed: bytes, volunteer_id: int, limits: Limits, day: date) -> list[int]:
    """Give the slots as seconds after midnight on the wall."""
    open_ranges, count, s = _layout(limits)
    w = sum(end - start for start, end in open_ranges)
    # Whole seconds, rounded before the spacings are added: so the spacings stay exact.
    free = w * 60 - count * s * 60
    offsets = sorted(uniform * free >> 64 for uniform in _uniforms(seed, volunteer_id, day, count))
    return [_second_of_day(open_ranges, offset + i * s * 60) for i, offset in enumerate(offsets)]


def _uniforms(seed: bytes, volunteer_id: int, day: date, count: int) -> Iterator[int]:
    """Give, for each slot of a day, 64 keyed, reproducible random bits as a number."""
    of_day = keyed(seed).copy()
    of_day.update(f"{volunteer_id}|{day.isoformat()}|".encode())
    for i in range(count):
        one = of_day.copy()
        one.update(b"%d" % i)
        yield int.from_bytes(one.digest())


@lru_cache(maxsize=4)
def keyed(seed: bytes) -> "hashlib.blake2b":
    """Give the keyed hash of 8 bytes that moments are drawn with, empty; copy it before use."""
    return hashlib.blake2b(key=seed, digest_size=8)


def _open_ranges(limits: Limits) -> list[tuple[int, int]]:
    """Give the minutes of a day outside quiet hours as half-open ranges, ascending."""
    start = limits.quiet_start_min % DAY_MIN
    end = start + limits.quiet_len_min
    if limits.quiet_len_min == 0:
        ranges = [(0, DAY_MIN)]
    elif end <= DAY_MIN:
        ranges = [(0, start), (end, DAY_MIN)]
    else:
        ranges = [(end - DAY_MIN, start)]
    return [(a, b) for a, b in ranges if a < b]


def _second_of_day(open_ranges: list[tuple[int, int]], second: int) -> int:
    """Turn seconds counted on open minutes into seconds after midnight."""
    for start, end in open_ranges:
        length = (end - start) * 60
        if second < length:
            return start * 60 + second
        second -= length
    message = "a slot lies inside its day"
    raise AssertionError(message)


class Turn(NamedTuple):
    """A moment when a volunteer may be asked, and the slot it uses up (earlier, or the same)."""

    at: datetime
    slot: datetime


class Turns:
    """One volunteer's turns. `take` notes an ask; nothing else changes.

    Args:
        seed: the installation's secret for slots.
        volunteer_id: whose.
        limits: the volunteer's.
        asked: moments of asks, at least all of the present local day.
        last: the last ask ever; None when there was none.
    """

    def __init__(
        self,
        seed: bytes,
        volunteer_id: int,
        limits: Limits,
        asked: Iterable[datetime] = (),
        last: datetime | None = None,
    ) -> None:
        self._seed = seed
        self._id = volunteer_id
        self._limits = limits
        self._days: dict[date, list[datetime]] = {}
        self._used = Counter(local_day(limits, moment) for moment in asked)
        self._last = last
        self._spacing = spacing(limits)

    def first(self, since: datetime, until: datetime) -> Turn | None:
        """Give the first turn in [since, until), if any."""
        at = since if self._last is None else max(since, self._last + self._spacing)
        while at < until:
            at, day = awake(self._limits, at)
            slots = self._slots(day)
            used = self._used[day]
            if used < len(slots):
                turn = at if self._last is None else max(at, slots[used])
                return Turn(turn, min(turn, slots[used])) if turn < until else None
            at = next_day(self._limits, at)
        return None

    def take_all(self, since: datetime, until: datetime) -> list[datetime]:
        """Take every turn in [since, until) as soon as it comes, and give them."""
        found = []
        while turn := self.first(since, until):
            since = turn.at
            self.take(since)
            found.append(since)
        return found

    def take(self, at: datetime) -> None:
        """Note that the volunteer is asked at `at`."""
        self._used[local_day(self._limits, at)] += 1
        self._last = at

    def _slots(self, day: date) -> list[datetime]:
        if day not in self._days:
            self._days[day] = day_slots(self._seed, self._id, self._limits, day)
        return self._days[day]
