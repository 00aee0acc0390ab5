"""The sums of many crash runs."""

from dataclasses import asdict

from tests.faults.found import Found
from tests.faults.summary import COLUMNS, lines


def test_thousands_are_summed_and_what_was_wrong_is_named():
    """Each thousand seeds of a revision have a line, then all together, then what was wrong with which."""
    first = Found(7, acts=["halt at 3", "resume at 4"], kills=["point 5", "in peace before 1.00 s"], boosts=9)
    first.faults = {"lost": 2, "other": 1}
    second = Found(1001, engines=2, boosts=9)
    second.wrong("3 lanes held, 0 calls open")
    head, *rows = [
        line.split("\t") for line in lines(asdict(one) | {"code": "abc"} for one in (first, second))
    ]
    last = ["# seed 1001: 3 lanes held, 0 calls open"]
    assert [row[:2] for row in rows] == [["abc", "0"], ["abc", "1000"], ["all", ""], last]
    assert len(head) == len(rows[0]) == len(COLUMNS) + 2
    low, high, both = (dict(zip(head, row, strict=True)) for row in rows[:3])
    assert (low["halt"], low["kills"], low["fault lost"], low["lost"]) == ("1", "1", "2", "0")
    assert (high["two engines"], high["broken"], both["boosts"]) == ("1", "1", "18")
