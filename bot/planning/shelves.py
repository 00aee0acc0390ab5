"""Notices in the order of their ranks, found by what a volunteer takes.

Each notice stands on four shelves: by its sector or any, by its region or any, within its networks and
language. A volunteer looks only at the shelves of what they take, and on each only at the first notices; so a
decision costs about the same whatever the number of notices and volunteers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from bot.planning.rule import BRIDGE, Rank

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

    __slots__ = ("ranks", "rows", "size")

    def __init__(self) -> None:
        self.ranks: list[Rank] = []
        self.rows: dict[Rank, list[int]] = {}
        self.size = 0

    def add(self, rank: Rank, position: int) -> None:
        """Put a notice on the shelf."""
        row = self.rows.get(rank)
        if row is None:
            insort(self.ranks, rank)
            row = self.rows[rank] = []
        insort(row, position)
        self.size += 1

    def remove(self, rank: Rank, position: int) -> None:
        """Take a notice from the shelf it stands on."""
        row = self.rows[rank]
        del row[bisect_left(row, position)]
        if not row:
            del self.rows[rank]
            del self.ranks[bisect_left(self.ranks, rank)]
        self.size -= 1


class Shelves:
    """All the shelves. A notice stands on those of its kind or on none."""

    def __init__(self) -> None:
        self._shelves: dict[tuple[frozenset[str], str, str | None, str | None], Shelf] = {}
        self._of_kind: dict[Kind, tuple[Shelf, ...]] = {}
        self._of_taste: dict[Taste, tuple[Shelf, ...]] = {}
        self._networks: set[frozenset[str]] = set()
        self.version = 0
        """Changes when a shelf is added: what `of` gave before lacks it."""

    def add(self, kind: Kind, rank: Rank, position: int) -> None:
        """Put a notice on its shelves."""
        for shelf in self._for_kind(kind):
            shelf.add(rank, position)

    def remove(self, kind: Kind, rank: Rank, position: int) -> None:
        """Take a notice from its shelves."""
        for shelf in self._for_kind(kind):
            shelf.remove(rank, position)

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

    def _for_kind(self, kind: Kind) -> tuple[Shelf, ...]:
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
    """The first notices for a volunteer: all of one rank, ascending."""

    rank: Rank
    positions: list[int]


def head(shelves: Iterable[Shelf], but: set[int], above: Rank | None = None) -> Head | None:
    """Give the first notices on several shelves together, at most `BRIDGE` of each shelf.

    Args:
        shelves: of one taste.
        but: positions to leave out.
        above: look only at higher ranks.
    """
    least: Rank | None = None
    rows: list[list[int]] = []
    for shelf in shelves:
        for rank in shelf.ranks:
            if least is not None and rank > least:
                break
            if above is not None and rank <= above:
                continue
            row = shelf.rows[rank]
            if row[0] in but and but.issuperset(row):
                continue
            if rank == least:
                rows.append(row)
            else:
                least, rows = rank, [row]
            break
    if least is None:
        return None
    found = _first(rows[0], but)
    for row in rows[1:]:
        found += _first(row, but)
    if len(rows) > 1:
        found.sort()
    return Head(least, found)


def _first(row: list[int], but: set[int]) -> list[int]:
    first = [position for position in row[:BRIDGE] if position not in but]
    if len(first) < BRIDGE < len(row):
        for position in row[BRIDGE:]:
            if position not in but:
                first.append(position)
                if len(first) == BRIDGE:
                    break
    return first
