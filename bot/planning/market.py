"""Takers who rise level by level, and givers they take from: the one procedure behind both stages of a round.

**Raise the lowest**: take whoever stands lowest and give them one more; when all that could serve them is
taken, look for an *exchange path* (somebody hands theirs over and takes another instead, and so on, until the
last of them finds something free). Whoever cannot be raised now never can. To mend a plan that something
happened to, a path may also end with somebody who stands so high that they can lose one.

Sets are integers: bit i stands for the i-th item, so thousands of candidates are intersected at once. Levels
are compared as whole numbers, without rounding.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

from bot.planning.masks import low_bits


class Rise(NamedTuple):
    """How one taker rises: with n, its level is (start + n * step) / over, and n is at most `most`."""

    start: int
    step: int
    over: int
    most: int


def _scale(rises: Sequence[Rise]) -> int:
    """Give a factor that turns levels and steps into whole numbers of the same order.

    Two different fractions are at least 1 / max(over)^2 apart: multiplied by that square and rounded down
    they stay different, and equal ones stay equal.
    """
    return max((rise.over for rise in rises), default=1) ** 2


class Market:
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
        self._before = [0] * len(offers)
        self.left: int | None = None
        """Pairs of the plan before that `mend` may still take away; None: any number."""

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

    def keep(self, taken: Sequence[int]) -> None:
        """Start from a plan: by taker, the givers it has taken from. Each must fit and have room."""
        for taker, givers in enumerate(taken):
            for giver in low_bits(givers):
                self.takers[giver][taker] = None
                self._room[giver] -= 1
            self._open[taker] &= ~givers
        self._free = sum(1 << j for j, left in enumerate(self._room) if left > 0)
        self._before = list(taken)

    def mend(self, rises: Sequence[Rise], changes: int | None = None) -> list[int]:
        """Raise the lowest from where they stand, at the cost of who stands higher; give how many each has.

        The result is as good as that of `fill`, along the shortest paths, so that most of the plan stays.

        Args:
            rises: by taker.
            changes: the most pairs of the plan before that may be taken away; None: any number. With a
                bound the lowest go first, and the rest is left as it is.
        """
        scale = _scale(rises)
        counts = [0] * len(rises)
        for holders in self.takers:
            for holder in holders:
                counts[holder] += 1
        ladder = _Ladder(rises, counts, scale)
        heap = [ladder.up(i) for i in range(len(rises))]
        heapify(heap)
        self.left = changes
        while heap:
            level, slow, taker = heappop(heap)
            if counts[taker] >= rises[taker].most or (level, slow, taker) != ladder.up(taker):
                continue
            spare = self._open[taker] & self._free
            if spare:
                self._take(taker, spare)
            else:
                loser = self._shift(taker, ladder)
                if loser is None:
                    continue
                if loser >= 0:
                    counts[loser] -= 1
                    heappush(heap, ladder.up(loser))
            counts[taker] += 1
            heappush(heap, ladder.up(taker))
        return counts

    def _shift(self, start: int, ladder: "_Ladder") -> int | None:
        """Go along the shortest path to something free, or to somebody who can lose one.

        Returns:
            Who lost one; -1 when it was free; None when there is no path.
        """
        least = ladder.up(start)[:2]
        came: dict[int, tuple[int, int]] = {start: (start, -1)}
        unseen, layer, passed = self._alive, [start], False
        while layer:
            found: list[int] = []
            for taker in layer:
                fresh = self._open[taker] & unseen
                unseen ^= fresh
                for giver in low_bits(fresh):
                    for holder in self.takers[giver]:
                        if holder not in came:
                            came[holder] = (taker, giver)
                            found.append(holder)
            ends = [(True, 0, 0, -h) for h in found if self._open[h] & self._free]
            ends += [(False, *ladder.down(h)) for h in found if ladder.down(h)[:2] > least]
            for free, _, _, number in sorted(ends, reverse=True):
                if self._spend(-number, came):
                    if free:
                        self._take(-number, self._open[-number] & self._free)
                    self._hand_over(-number, came)
                    return -1 if free else -number
                passed = True
            layer = found
        if not passed:
            self._alive = unseen
        return None

    def _spend(self, holder: int, came: dict[int, tuple[int, int]]) -> bool:
        """Say if the pairs that a path takes away may change, and count them."""
        if self.left is None:
            return True
        lost = 0
        taker, giver = came[holder]
        while giver >= 0:
            lost += self._before[holder] >> giver & 1
            holder = taker
            taker, giver = came[holder]
        if lost > self.left:
            return False
        self.left -= lost
        return True


class _Ladder:
    """Where takers stand: on the way up with one more, on the way down with one less."""

    def __init__(self, rises: Sequence[Rise], counts: Sequence[int], scale: int) -> None:
        self._rises, self._counts, self._scale = rises, counts, scale

    def up(self, taker: int) -> tuple[int, int, int]:
        """Give the place from which a taker rises; the lowest goes first, then who rises fastest."""
        start, step, over, _ = self._rises[taker]
        level = (start + self._counts[taker] * step) * self._scale // over
        return level, -step * self._scale // over, taker

    def down(self, taker: int) -> tuple[int, int, int]:
        """Give the place to which a taker would fall; who falls to the highest place loses first."""
        start, step, over, _ = self._rises[taker]
        level = (start + (self._counts[taker] - 1) * step) * self._scale // over
        return level, -step * self._scale // over, -taker
