"""What stays of the plan before: a forecast that people read must not turn over whenever something happens.

The slot-time rule alone gives a good plan that one event changes at dozens of places: who loses a turn takes
another one, from somebody who takes the next. So a walk keeps the pairs of the plan before, in the order in
which each volunteer had them, and lets the rule change at most `changes` of them, the soonest first. Two
things always go through: what is no longer possible, and a turn for somebody without any boost (P2). Where
those need more than is left, the walk begins again with fewer changes for everybody else, as often as that
happens: more than `changes` pairs change only when turns for people without any boost alone need more. The
rest waits for the next event; when the slot comes, the rule alone decides (`bot.planning.ask`). What was
asked is in no plan any more, so it never changes (O4).
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.planning.board import Board, Choice, Taker

CHANGES = 6
"""Pairs that may change for each event, besides those of the notice or volunteer that it is about."""

PATIENCE = timedelta(minutes=30)
"""How much later than planned a pair may come because its notice was boosted just before."""


class Pick(NamedTuple):
    """What a turn gets: a notice; or nothing before `again` (None: never)."""

    choice: Choice | None
    again: datetime | None = None
    kept: bool = False
    """The plan before had it, and the rule alone would have chosen another."""


class Kept:
    """The plan before, during one walk.

    Args:
        board: that of the walk.
        changes: how many pairs the rule may change; None: all.
        most: how many may change together with those that people without any boost need.
    """

    def __init__(self, board: Board, changes: int | None, most: int) -> None:
        self._board = board
        self._all = self._left = changes
        self._most = most
        self._forced = 0
        """Pairs that gave way to somebody without any boost when no change was left."""
        self._queues: dict[int, deque[tuple[datetime, int]]] = defaultdict(deque)
        self._coming: Counter[int] = Counter()
        """By notice, the pairs of it that the walk has not come to yet."""

    @property
    def less(self) -> int | None:
        """Fewer changes for another walk, as these and the forced ones are too many; None: they are not."""
        if not self._all or self._left is None or self._all - self._left + self._forced <= self._most:
            return None
        return max(0, min(self._all - 1, self._most - self._forced))

    def expect(self, who: int, taker: Taker, planned: Iterable[tuple[datetime, int]]) -> None:
        """Note what a volunteer had: when each notice (its position) was due, ascending."""
        if self._left is None:
            return
        for due, position in planned:
            if self._board.possible(taker, position):
                self._queues[who].append((due, position))
                self._coming[position] += 1

    def pick(self, who: int, taker: Taker, at: datetime) -> Pick:
        """Give what the turn of a volunteer (`who`) gets at `at`."""
        due, kept = self._next(who, taker)
        choice = self._fill(taker, at) if kept is None else self._board.choose(taker)
        if kept is None or due is None:
            return Pick(choice, self._board.next_free(taker) if choice is None else None)
        free = self._board.standings[kept].free
        if choice is not None and (choice.position == kept or self._gives_way(choice, kept, at)):
            self._pop(who)
            return Pick(choice)
        if free <= at:
            self._pop(who)
            return Pick(self._board.choice(kept), kept=True)
        if choice is None or free <= max(due, at) + PATIENCE:
            return Pick(None, free)
        self._pop(who)
        return Pick(choice)

    def _next(self, who: int, taker: Taker) -> tuple[datetime | None, int | None]:
        """Give the first of a volunteer's pairs that is still possible."""
        queue = self._queues.get(who)
        while queue:
            due, position = queue[0]
            if self._board.possible(taker, position):
                return due, position
            self._pop(who)
        return None, None

    def _pop(self, who: int) -> None:
        _, position = self._queues[who].popleft()
        self._coming[position] -= 1

    def _gives_way(self, choice: Choice, kept: int, at: datetime) -> bool:
        """Say if the rule's choice takes the turn of a pair, and count the change."""
        lost = 1 + self._full(choice.position, at)
        first = not choice.rank.boosted and self._board.standings[kept].rank.boosted > 0
        return self._spend(lost) or (first and self._force(lost))

    def _fill(self, taker: Taker, at: datetime) -> Choice | None:
        """Choose for a turn that the plan before did not have, without costing others what they had."""
        passed: set[int] = set()
        choice = self._board.choose(taker)
        while (
            choice is not None
            and self._full(choice.position, at)
            and not self._spend(1)
            and not (choice.rank.boosted == 0 and self._force(1))
        ):
            passed.add(choice.position)
            taker.asked.add(choice.position)
            choice = self._board.choose(taker)
        taker.asked -= passed
        return choice

    def _full(self, position: int, at: datetime) -> bool:
        """Say if one more for a notice leaves one of its pairs over."""
        return self._board.room(position, at) <= self._coming[position]

    def _force(self, changes: int) -> bool:
        self._forced += changes
        return True

    def _spend(self, changes: int) -> bool:
        if self._left is None:
            return True
        if self._left < changes:
            return False
        self._left -= changes
        return True
