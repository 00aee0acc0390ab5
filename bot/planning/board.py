"""The notices during one walk through the turns: how many boosts each has, and from when it is free again."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model.notice import Notice
from bot.model.plan import Asked, next_free


class Choice(NamedTuple):
    """The notice a turn goes to; positions are those of the board's notices."""

    position: int
    boosts: int
    level: float
    candidates: int
    """Notices that fit the volunteer and could have had this turn, the chosen one included."""
    runner_up: int | None
    runner_up_level: float | None


class Board:
    """Notices that change as turns are given away. Times only go forward.

    Args:
        notices: active, in the order in which they are preferred among equals.
        asked: every boost ever asked for them; others are ignored.
        spacing: least time between two boosts of one notice.
        day_max: most boosts of one notice in any 24 hours.
    """

    def __init__(
        self, notices: Sequence[Notice], asked: Iterable[Asked], spacing: timedelta, day_max: int
    ) -> None:
        self.notices = notices
        self._spacing, self._day_max = spacing, day_max
        self._times = _counted_times(notices, asked)
        self._wanting = 0
        self._levels: dict[float, int] = defaultdict(int)
        self._order: list[float] = []
        self._held = 0
        self._releases: list[tuple[datetime, int]] = []
        self._ends: list[tuple[datetime, int]] = []
        for i, notice in enumerate(notices):
            assert notice.opened_at is not None, "an active notice has been opened"
            assert notice.deadline is not None, "an active notice has a deadline"
            if len(self._times[i]) < notice.demand:
                self._wanting |= 1 << i
                self._put(i)
            insort(self._ends, (notice.deadline, i))
            self._hold(i, self.free_from(i))

    def boosts(self, position: int) -> int:
        """Count the boosts of a notice: done, waited for, and given in this walk."""
        return len(self._times[position])

    def level(self, position: int) -> float:
        """Give a notice's boosts over its weight: the lowest level goes first."""
        return self.boosts(position) / self.notices[position].weight

    def free_from(self, position: int) -> datetime:
        """Give the moment from which a notice may have its next boost."""
        opened = self.notices[position].opened_at
        assert opened is not None, "an active notice has been opened"
        after_last = next_free(self._times[position], self._spacing, self._day_max)
        return opened if after_last is None else max(opened, after_last)

    def advance(self, moment: datetime) -> None:
        """Go forward to `moment`: notices get free, others end."""
        while self._releases and self._releases[0][0] <= moment:
            self._held &= ~(1 << self._releases.pop(0)[1])
        while self._ends and self._ends[0][0] <= moment:
            self._wanting &= ~(1 << self._ends.pop(0)[1])

    def choose(self, fitting: int) -> Choice | None:
        """Give the notice that has the least among the bit set `fitting`, if any is free now."""
        free = fitting & self._wanting & ~self._held
        if not free:
            return None
        first_two = self._lowest_two(free)
        chosen, level = first_two[0]
        runner_up, runner_up_level = first_two[1] if len(first_two) > 1 else (None, None)
        return Choice(chosen, self.boosts(chosen), level, free.bit_count(), runner_up, runner_up_level)

    def next_free(self, fitting: int) -> datetime | None:
        """Give the moment when the first of the held notices in `fitting` gets free; None: never."""
        fitting &= self._wanting
        if not fitting:
            return None
        return next((moment for moment, i in self._releases if fitting >> i & 1), None)

    def give(self, position: int, moment: datetime) -> None:
        """Note that a notice gets a boost at `moment`."""
        bit = 1 << position
        self._levels[self.level(position)] &= ~bit
        insort(self._times[position], moment)
        if self.boosts(position) >= self.notices[position].demand:
            self._wanting &= ~bit
            return
        self._put(position)
        free = self.free_from(position)
        if free > moment:
            self._hold(position, free)

    def _lowest_two(self, free: int) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for level in self._order:
            left = self._levels[level] & free
            while left:
                low = left & -left
                found.append((low.bit_length() - 1, level))
                if len(found) == 2:  # noqa: PLR2004  the chosen one and the runner-up
                    return found
                left ^= low
        return found

    def _put(self, position: int) -> None:
        level = self.level(position)
        if level not in self._levels:
            insort(self._order, level)
        self._levels[level] |= 1 << position

    def _hold(self, position: int, until: datetime) -> None:
        self._held |= 1 << position
        insort(self._releases, (until, position))


def _counted_times(notices: Sequence[Notice], asked: Iterable[Asked]) -> list[list[datetime]]:
    times: dict[int, list[datetime]] = {notice.id: [] for notice in notices}
    for boost in asked:
        if boost.counted and boost.notice_id in times:
            times[boost.notice_id].append(boost.at)
    return [sorted(times[notice.id]) for notice in notices]
