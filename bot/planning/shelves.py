"""Notices in the order of their ranks, found by what a volunteer takes.

Each notice stands on four shelves: by its sector or any, by its region or any, within its networks and
language. A volunteer looks only at the shelves of what they take, and on each only at the first notices; so a
decision costs about the same whatever the number of notices and volunteers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from bot.planning.rule import Rank

_ALL = "*"
Kind = tuple[frozenset[str], str, str | None, str | None]
"""What a notice asks for: networks (empty: any), language, sector and region (None: any)."""


class Taste(NamedTuple):
    """What a volunteer takes; None stands for all."""

    networks: frozenset[str]
    languages: frozenset[str]
    sectors: frozenset[str] | None
    regions: frozenset[str] | None


class Shelf:
    """Positions by rank, and within a rank ascending."""

    __slots__ = ("ranks", "rows", "size", "top")

    def __init__(self) -> None:
        self.ranks: list[Rank] = []
        self.rows: dict[Rank, list[int]] = {}
        self.size = 0
        self.top: tuple[Rank, list[int]] | None = None
        """The first row, at hand."""

    def add(self, rank: Rank, position: int) -> None:
        """Put a notice on the shelf."""
        row = self.rows.get(rank)
        if row is None:
            insort(self.ranks, rank)
            row = self.rows[rank] = []
            self._find_top()
        insort(row, position)
        self.size += 1

    def remove(self, rank: Rank, position: int) -> None:
        """Take a notice from the shelf it stands on."""
        row = self.rows[rank]
        del row[bisect_left(row, position)]
        if not row:
            del self.rows[rank]
            del self.ranks[bisect_left(self.ranks, rank)]
            self._find_top()
        self.size -= 1

    def _find_top(self) -> None:
        self.top = (self.ranks[0], self.rows[self.ranks[0]]) if self.ranks else None

    def first(self, but: set[int]) -> tuple[Rank, list[int]] | None:
        """Give the first row in which something is left, `but` left out."""
        for rank in self.ranks:
            if not but.issuperset(self.rows[rank]):
                return rank, self.rows[rank]
        return None


class Shelves:
    """All the shelves there are; they are made as kinds of notices come."""

    def __init__(self) -> None:
        self._shelves: dict[tuple[frozenset[str], str, str | None, str | None], Shelf] = {}
        self._of_kind: dict[Kind, tuple[Shelf, ...]] = {}
        self._of_taste: dict[Taste, tuple[Shelf, ...]] = {}
        self._networks: set[frozenset[str]] = set()
        self.version = 0
        """Changes when a shelf is added: what `of` gave before lacks it."""

    def of(self, taste: Taste) -> tuple[Shelf, ...]:
        """Give the shelves of what a volunteer takes; each notice that fits stands on exactly one."""
        found = self._of_taste.get(taste)
        if found is None:
            found = self._of_taste[taste] = tuple(
                self._shelves[key] for key in self._keys(taste) if key in self._shelves
            )
        return found

    def _keys(self, taste: Taste) -> Iterator[Kind]:
        networks = sorted((n for n in self._networks if not n or n & taste.networks), key=sorted)
        sectors = (_ALL,) if taste.sectors is None else (None, *sorted(taste.sectors))
        regions = (_ALL,) if taste.regions is None else (None, *sorted(taste.regions))
        return product(networks, sorted(taste.languages), sectors, regions) if taste.networks else iter(())

    def for_kind(self, kind: Kind) -> tuple[Shelf, ...]:
        """Give the four shelves on which a notice of this kind stands."""
        found = self._of_kind.get(kind)
        if found is None:
            networks, lang, sector, region = kind
            keys = product((networks,), (lang,), (sector, _ALL), (region, _ALL))
            found = tuple(self._shelves.setdefault(key, Shelf()) for key in keys)
            self._of_kind[kind] = found
            self._networks.add(networks)
            self._of_taste.clear()
            self.version += 1
        return found


class Head(NamedTuple):
    """Where a volunteer's first notices stand: the least rank, and the rows of that rank, at least one."""

    rank: Rank
    rows: list[list[int]]


def head(shelves: Iterable[Shelf], but: set[int]) -> Head | None:
    """Find the first notices on several shelves together.

    Args:
        shelves: of one taste.
        but: positions to leave out.
    """
    least: Rank | None = None
    rows: list[list[int]] = []
    for shelf in shelves:
        top = shelf.top
        if top is None or (least is not None and top[0] > least):
            continue
        if top[1][0] in but:
            top = shelf.first(but)
            if top is None or (least is not None and top[0] > least):
                continue
        if top[0] == least:
            rows.append(top[1])
        else:
            least, rows = top[0], [top[1]]
    return None if least is None else Head(least, rows)


def oldest(rows: Iterable[list[int]], but: set[int], count: int) -> list[int]:
    """Give the first `count` positions of several rows together, ascending, `but` left out."""
    found = []
    for row in rows:
        left = count
        for position in row:
            if position not in but:
                found.append(position)
                left -= 1
                if not left:
                    break
    found.sort()
    return found[:count]
