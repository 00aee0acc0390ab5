"""The notices as slots are given away: how many boosts each has, where it stands, from when it is free."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from types import MappingProxyType
from typing import NamedTuple

from bot.model.match import region_of
from bot.model.notice import Notice
from bot.model.plan import Asked, next_free
from bot.model.volunteer import Volunteer
from bot.planning.rule import BRIDGE, Pull, Rank, bridge, circles, least_apart, rank, spacing_after, weight_of
from bot.planning.shelves import Kind, Shelf, Shelves, Taste, head, oldest

DAY = timedelta(hours=24)


class Bounds(NamedTuple):
    """What the collective sets for every notice, and how much deadlines weigh.

    `seed` is the secret of the slots, `spacing` the least time between two boosts of one notice (a quarter
    more or less), `day_max` the most of them in any 24 hours, `apart` by network the least time between two
    boosts of a notice that has a post there; `bridge`: of equals, whoever gains new circles goes first.
    """

    seed: bytes
    spacing: timedelta
    day_max: int
    pull: Pull
    apart: Mapping[str, timedelta] = MappingProxyType({})
    bridge: bool = True


class Choice(NamedTuple):
    """The notice a slot goes to; positions are those of the board's notices."""

    position: int
    boosts: int
    rank: Rank


class Rivals(NamedTuple):
    """What else could have had the slot."""

    candidates: int
    """Notices that fit the volunteer and were free, the chosen one included."""
    runner_up: int | None
    rank: Rank | None
    """The runner-up's."""


class Standing:
    """One notice on the board."""

    __slots__ = (
        "carried",
        "free",
        "kind",
        "notice",
        "over",
        "pull",
        "rank",
        "reached",
        "shelves",
        "shown",
        "times",
    )

    def __init__(self, notice: Notice, boosts: Iterable[Asked], pull: Pull) -> None:
        assert notice.opened_at is not None, "an active notice has been opened"
        assert notice.deadline is not None, "an active notice has a deadline"
        counted = [boost for boost in boosts if boost.counted]
        self.notice = notice
        self.kind: Kind = (notice.networks, notice.lang, notice.sector, region_of(notice))
        self.times = sorted(boost.at for boost in counted)
        """When it was boosted or asked for, earlier notices of its seeker included."""
        self.carried = sum(boost.carried for boost in counted)
        """How many of them belong to earlier notices: they count for the level, not for the demand."""
        self.pull = weight_of(notice.deadline, pull)
        self.reached = notice.reached
        self.free = notice.opened_at
        self.rank = Rank(0, 0, 0)
        self.shelves: tuple[Shelf, ...] = ()
        self.shown = False
        self.over = False

    @property
    def room(self) -> int:
        """How many more boosts it may have."""
        return 0 if self.over else self.notice.demand - (len(self.times) - self.carried)

    @property
    def wants(self) -> bool:
        """Whether it may have more boosts."""
        return self.room > 0


class Taker:
    """A volunteer before the board. `asked` are the positions of notices they were asked for before."""

    __slots__ = ("asked", "circles", "shelves", "taste", "version")

    def __init__(self, volunteer: Volunteer, asked: Iterable[int] = ()) -> None:
        self.taste = Taste(
            frozenset(account.network for account in volunteer.accounts),
            volunteer.languages,
            volunteer.sectors,
            volunteer.regions,
        )
        self.circles = circles(volunteer)
        self.asked = set(asked)
        self.shelves: tuple[Shelf, ...] = ()
        self.version = -1
        """That of the shelves when `shelves` was looked up."""

    def seen_as(self, volunteer: Volunteer) -> "Taker":
        """Give the same person with other accounts; both share what they were asked for."""
        found = Taker(volunteer)
        found.asked = self.asked
        return found


class Board:
    """Notices that change as slots are given away. Times only go forward; a position is a notice for good."""

    def __init__(self, bounds: Bounds) -> None:
        self.standings: list[Standing] = []
        self._bounds = bounds
        self._shelves = Shelves()
        self._releases: list[tuple[datetime, int]] = []
        """When held notices get free, ascending; an entry that a later boost has overtaken is passed over."""
        self._ends: list[tuple[datetime, int]] = []

    def add(self, notice: Notice, boosts: Iterable[Asked] = ()) -> int:
        """Put an active notice on the board and give its position; older notices are added first.

        Args:
            notice: with `opened_at` and `deadline`.
            boosts: all that were asked for its seeker; those that do not count are ignored.
        """
        position = len(self.standings)
        standing = Standing(notice, boosts, self._bounds.pull)
        standing.shelves = self._shelves.for_kind(standing.kind)
        self.standings.append(standing)
        assert notice.deadline is not None, "an active notice has a deadline"
        heappush(self._ends, (notice.deadline, position))
        self._offer(position)
        return position

    def remove(self, position: int) -> None:
        """Take a notice off for good: it has ended."""
        self._hide(position)
        self.standings[position].over = True

    def advance(self, moment: datetime) -> None:
        """Go forward to `moment`: notices get free, others end."""
        come = bisect_left(self._releases, (moment, len(self.standings)))
        for at, position in self._releases[:come]:
            standing = self.standings[position]
            if not standing.shown and standing.wants and standing.free == at:
                self._show(position)
        del self._releases[:come]
        while self._ends and self._ends[0][0] <= moment:
            self.remove(heappop(self._ends)[1])

    def choose(self, taker: Taker) -> Choice | None:
        """Give the notice that goes first for a volunteer, if any is free now."""
        first = head(self._shelves_of(taker), taker.asked)
        if first is None:
            return None
        if first.rank.boosted and self._bounds.bridge:
            equals = oldest(first.rows, taker.asked, BRIDGE)
            position = bridge([(p, self.standings[p].reached) for p in equals], taker.circles)
        else:
            position = oldest(first.rows, taker.asked, 1)[0]
        return Choice(position, len(self.standings[position].times), first.rank)

    def possible(self, taker: Taker, position: int) -> bool:
        """Say whether a volunteer may still be asked for a notice, now or when it gets free."""
        standing = self.standings[position]
        return standing.wants and position not in taker.asked and self._fits(standing.kind, taker.taste)

    def room(self, position: int, moment: datetime) -> int:
        """Give how many more boosts a notice may have in the 24 hours around `moment`."""
        standing = self.standings[position]
        today = len(standing.times) - bisect_right(standing.times, moment - DAY)
        return min(standing.room, self._bounds.day_max - today)

    def choice(self, position: int) -> Choice:
        """Give a notice that is free now as a choice, whatever goes first."""
        standing = self.standings[position]
        return Choice(position, len(standing.times), standing.rank)

    def rivals(self, taker: Taker, choice: Choice) -> Rivals:
        """Say what else could have had the slot; asked before it is given."""
        shelves = self._shelves_of(taker)
        known = sum(
            standing.shown and self._fits(standing.kind, taker.taste)
            for standing in map(self.standings.__getitem__, taker.asked)
        )
        candidates = sum(shelf.size for shelf in shelves) - known
        others = {*taker.asked, choice.position}
        second = head(shelves, others)
        if second is None:
            return Rivals(candidates, None, None)
        return Rivals(candidates, oldest(second.rows, others, 1)[0], second.rank)

    def next_free(self, taker: Taker) -> datetime | None:
        """Give the moment when the first held notice that fits a volunteer gets free; None: never."""
        for at, position in self._releases:
            standing = self.standings[position]
            if (
                position not in taker.asked
                and standing.free == at
                and standing.wants
                and self._fits(standing.kind, taker.taste)
            ):
                return at
        return None

    def give(
        self, position: int, moment: datetime, taker: Taker, opened: frozenset[str] = frozenset()
    ) -> None:
        """Note that a notice gets a boost at `moment` by this volunteer, and which circles that opens."""
        self._hide(position)
        standing = self.standings[position]
        insort(standing.times, moment)
        standing.reached |= opened
        taker.asked.add(position)
        self._offer(position)

    def take_back(self, position: int, moment: datetime) -> None:
        """Note that a boost given at `moment` does not count any more: a no, or no answer."""
        self._hide(position)
        self.standings[position].times.remove(moment)
        self._offer(position)

    def _shelves_of(self, taker: Taker) -> tuple[Shelf, ...]:
        if taker.version != self._shelves.version:
            taker.shelves, taker.version = self._shelves.of(taker.taste), self._shelves.version
        return taker.shelves

    @staticmethod
    def _fits(kind: Kind, taste: Taste) -> bool:
        networks, lang, sector, region = kind
        return (
            (not networks or not networks.isdisjoint(taste.networks))
            and lang in taste.languages
            and (sector is None or taste.sectors is None or sector in taste.sectors)
            and (region is None or taste.regions is None or region in taste.regions)
        )

    def _offer(self, position: int) -> None:
        """Put a notice on its shelves, now or when it gets free."""
        standing = self.standings[position]
        notice, boosts = standing.notice, len(standing.times)
        if not standing.wants:
            return
        standing.rank = rank(boosts, notice.weight, standing.pull, notice.scarcity)
        gap = spacing_after(self._bounds.seed, notice.id, boosts, self._bounds.spacing)
        if self._bounds.apart:
            gap = max(gap, least_apart(notice.networks, self._bounds.apart))
        after_last = next_free(standing.times, gap, self._bounds.day_max)
        opened = notice.opened_at
        assert opened is not None, "an active notice has been opened"
        standing.free = opened if after_last is None or after_last < opened else after_last
        insort(self._releases, (standing.free, position))

    def _show(self, position: int) -> None:
        standing = self.standings[position]
        for shelf in standing.shelves:
            shelf.add(standing.rank, position)
        standing.shown = True

    def _hide(self, position: int) -> None:
        standing = self.standings[position]
        if standing.shown:
            for shelf in standing.shelves:
                shelf.remove(standing.rank, position)
            standing.shown = False
