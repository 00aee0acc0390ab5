"""Who gets a slot: the real planner, and what people do without one. All keep the volunteers' limits.

`fair` is the planner itself. The others look at every notice that fits and choose by one number: `random`,
`newest` first, `popular` (most boosted first), and `at_once`: newest first and without the spacing of
notices, as retweet bots do.
"""

import random
from abc import ABC, abstractmethod
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model.boost import BoostState
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.plan import Asked, next_free
from bot.model.volunteer import Account, Volunteer
from bot.planning.board import Board, Taker
from bot.planning.fairness import Rules
from bot.planning.rule import circles
from bot.planning.shelves import Kind

_TRIES = 60
"""Notices drawn at random before all of them are shuffled."""
NAMES = ("fair", "random", "newest", "popular", "at_once")


class Given(NamedTuple):
    """The notice that has a slot, and where it is boosted."""

    position: int
    network: str


class Policy(ABC):
    """Gives slots to notices; positions are given in the order of `open`."""

    @abstractmethod
    def open(self, notice: Notice) -> int:
        """A notice begins its round; give its position."""

    @abstractmethod
    def choose(self, volunteer: Volunteer, at: datetime) -> Given | None:
        """Give the notice that has the slot; the volunteer comes with the accounts that may be used now."""

    @abstractmethod
    def take_back(self, position: int, asked_at: datetime) -> None:
        """A volunteer said no, or nothing."""

    @abstractmethod
    def repost(self, position: int, now: datetime) -> int:
        """Its seeker withdraws and sends the same again; give the new position."""


class Fair(Policy):
    """The planner's own board and rule."""

    def __init__(self, rules: Rules) -> None:
        self._board = Board(rules.bounds)
        self._takers: dict[tuple[int, tuple[Account, ...]], Taker] = {}
        self._known: dict[int, set[int]] = defaultdict(set)
        self._asked: dict[int, list[tuple[int, datetime]]] = defaultdict(list)

    def open(self, notice: Notice) -> int:
        """See `Policy`."""
        return self._board.add(notice)

    def choose(self, volunteer: Volunteer, at: datetime) -> Given | None:
        """See `Policy`."""
        taker = self._takers.get((volunteer.id, volunteer.accounts))
        if taker is None:
            taker = self._takers[volunteer.id, volunteer.accounts] = Taker(volunteer)
            taker.asked = self._known[volunteer.id]
        self._board.advance(at)
        choice = self._board.choose(taker)
        if choice is None:
            return None
        standing = self._board.standings[choice.position]
        account = matching_account(standing.notice, volunteer, standing.reached)
        assert isinstance(account, Account), "the shelves and the rule for a pair agree"
        self._board.give(choice.position, at, taker, circles(volunteer, account))
        self._asked[choice.position].append((volunteer.id, at))
        return Given(choice.position, account.network)

    def take_back(self, position: int, asked_at: datetime) -> None:
        """See `Policy`."""
        self._board.take_back(position, asked_at)

    def repost(self, position: int, now: datetime) -> int:
        """Sending again takes the rest of the round: boosts, volunteers asked and deadline go along."""
        old = self._board.standings[position]
        self._board.remove(position)
        before = [
            Asked(
                old.notice.id,
                who,
                at,
                BoostState.DECLARED if at in old.times else BoostState.SKIPPED,
                carried=True,
            )
            for who, at in self._asked[position]
        ]
        rest = old.notice.demand - (len(old.times) - old.carried)
        again = replace(old.notice, opened_at=now, demand=rest, reached=old.reached)
        new = self._board.add(again, before)
        self._asked[new] = list(self._asked[position])
        for who, _ in self._asked[new]:
            self._known[who].add(new)
        return new


class Naive(Policy):
    """Goes through all notices in an order of its own; `spacing` None: everybody at once."""

    def __init__(self, name: str, spacing: timedelta | None, day_max: int, seed: int) -> None:
        self._name, self._spacing, self._day_max = name, spacing, day_max
        self._rng = random.Random(f"{seed} {name}")  # noqa: S311  a simulation, not a secret
        self._notices: list[Notice] = []
        self._times: list[list[datetime]] = []
        self._free: list[datetime] = []
        self._order: list[tuple[int, int]] = []
        """Notices below their demand, as (number, position), ascending."""
        self._ends: deque[int] = deque()
        self._fits: dict[tuple[int, tuple[Account, ...], Kind], str | None] = {}
        """Where a volunteer with these accounts can boost a notice of this kind."""
        self._asked: dict[int, set[int]] = defaultdict(set)

    def open(self, notice: Notice) -> int:
        """See `Policy`."""
        position = len(self._notices)
        self._notices.append(notice)
        self._times.append([])
        assert notice.opened_at is not None, "an active notice has been opened"
        self._free.append(notice.opened_at)
        self._ends.append(position)
        insort(self._order, (self._number(position), position))
        return position

    def choose(self, volunteer: Volunteer, at: datetime) -> Given | None:
        """See `Policy`."""
        while self._ends and self._over(self._ends[0], at):
            self._drop(self._ends.popleft())
        asked = self._asked[volunteer.id]
        for position in self._candidates():
            if position in asked or self._free[position] > at:
                continue
            if network := self._where(volunteer, position):
                asked.add(position)
                self._change(position, lambda times: insort(times, at))
                return Given(position, network)
        return None

    def take_back(self, position: int, asked_at: datetime) -> None:
        """See `Policy`."""
        self._change(position, lambda times: times.remove(asked_at))

    def repost(self, position: int, now: datetime) -> int:
        """Sending again begins at the beginning: nobody remembers."""
        old = self._notices[position]
        self._drop(position)
        assert old.deadline is not None, "an active notice has a deadline"
        assert old.opened_at is not None, "an active notice has been opened"
        return self.open(replace(old, opened_at=now, deadline=now + (old.deadline - old.opened_at)))

    def _candidates(self) -> Iterator[int]:
        """Give the notices in the order of this policy."""
        if self._name == "random":
            for _ in range(_TRIES if self._order else 0):
                yield self._rng.choice(self._order)[1]
            yield from (position for _, position in self._rng.sample(self._order, len(self._order)))
        else:
            yield from [position for _, position in self._order]

    def _number(self, position: int) -> int:
        """Give what a notice is sorted by."""
        return -len(self._times[position]) if self._name == "popular" else -position

    def _change(self, position: int, what: Callable[[list[datetime]], object]) -> None:
        """Change a notice's boosts, its place in the order, and from when it is free."""
        notice, times = self._notices[position], self._times[position]
        self._drop(position)
        what(times)
        assert notice.opened_at is not None, "an active notice has been opened"
        if len(times) >= notice.demand or self._over(position, notice.opened_at):
            return
        insort(self._order, (self._number(position), position))
        if self._spacing is not None:
            free = next_free(times, self._spacing, self._day_max) or notice.opened_at
            self._free[position] = max(notice.opened_at, free)

    def _drop(self, position: int) -> None:
        entry = (self._number(position), position)
        place = bisect_left(self._order, entry)
        if place < len(self._order) and self._order[place] == entry:
            del self._order[place]

    def _over(self, position: int, at: datetime) -> bool:
        deadline = self._notices[position].deadline
        return deadline is None or deadline <= at

    def _where(self, volunteer: Volunteer, position: int) -> str | None:
        """Give the network on which a volunteer can boost a notice; None: it does not fit."""
        notice = self._notices[position]
        kind = (notice.networks, notice.lang, notice.sector, notice.region)
        key = (volunteer.id, volunteer.accounts, kind)
        if key not in self._fits:
            account = matching_account(notice, volunteer)
            self._fits[key] = account.network if isinstance(account, Account) else None
        return self._fits[key]


def make(name: str, rules: Rules, seed: int) -> Policy:
    """Make a policy of `NAMES`."""
    if name == "fair":
        return Fair(rules)
    return Naive(name, None if name == "at_once" else rules.notice_spacing, rules.notice_day_max, seed)
