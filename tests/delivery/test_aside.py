"""One item that fails stops itself alone; a database that fails as a whole stops everything."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from bot.delivery.aside import found_at, is_whole, sift
from bot.errors import DataError, UnreadableError


class Work:
    """Does items, but for those that fail; keeps what was done and put aside."""

    def __init__(self, bad: dict[int, Exception], unfit: dict[int, Exception] | None = None) -> None:
        self.bad, self.unfit = bad, unfit or {}
        self.tried: list[list[int]] = []
        self.done: list[int] = []
        self.aside: list[tuple[int, Exception]] = []

    async def do(self, items: Sequence[int]) -> None:
        """All or nothing, like a transaction."""
        self.tried.append(list(items))
        for item in items:
            if item in self.bad:
                raise self.bad[item]
        self.done += items

    async def put_aside(self, item: int, error: Exception) -> None:
        """Keep what failed."""
        if item in self.unfit:
            raise self.unfit[item]
        self.aside.append((item, error))

    def sift(self, items: Sequence[int]) -> int:
        """Do all."""
        return asyncio.run(sift(items, self.do, self.put_aside))


def test_all_at_once_when_nothing_fails():
    """One piece of work for all items, none for no item."""
    work = Work({})
    assert (work.sift([1, 2, 3]), work.sift([])) == (3, 0)
    assert (work.tried, work.aside) == ([[1, 2, 3]], [])


def test_what_fails_alone_is_put_aside_with_its_error():
    """The rest is done, in order; halves find the two in as few tries as halves can."""
    bad = {3: ValueError("three"), 4: UnreadableError("four")}
    work = Work(bad)
    assert work.sift([1, 2, 3, 4, 5]) == 5
    assert work.done == [1, 2, 5]
    assert work.aside == list(bad.items())
    assert work.tried == [[1, 2, 3, 4, 5], [1, 2], [3, 4, 5], [3], [4, 5], [4], [5]]


def test_what_cannot_even_be_put_aside_is_not_dealt_with():
    """It is logged by place, and the others go on."""
    work = Work({2: ValueError("two")}, unfit={2: KeyError("name of a person")})
    with capture_logs() as logs:
        assert work.sift([1, 2, 3]) == 2
    assert work.done == [1, 3]
    assert [(line["event"], line["log_level"], line["error"]) for line in logs] == [
        ("not_put_aside", "error", "KeyError")
    ]
    assert "person" not in str(logs)


@pytest.mark.parametrize("where", ["the work", "putting aside"])
def test_a_broken_database_stops_everything(where: str):
    """Nothing is put aside for what is no fault of an item's."""
    whole = DataError("the disk is full")
    work = Work({2: whole}) if where == "the work" else Work({2: ValueError()}, unfit={2: whole})
    with pytest.raises(DataError) as raised:
        work.sift([1, 2, 3])
    assert raised.value is whole
    assert not work.aside


def test_one_value_that_is_no_text_is_not_the_whole_database():
    """Its row is put aside like any other that fails."""
    assert is_whole(DataError("full"))
    assert not is_whole(UnreadableError("one value"))
    assert not is_whole(ValueError())


def test_an_error_is_named_by_place():
    """The last line of ours that it passed, also when a damaged value is what caused it."""
    work = Work({1: ValueError("name of a person")})
    assert work.sift([1]) == 1
    error = work.aside[0][1]
    told = found_at(error)
    assert told["error"] == "ValueError"
    assert told["at"].startswith("aside.py:")
    assert told["at"].endswith(" sift")
    wrapped = UnreadableError("a value")
    wrapped.__cause__ = error
    assert found_at(wrapped) == {"error": "UnreadableError", "at": told["at"]}
