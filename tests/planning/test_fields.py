"""Each check gives what may be used and refuses the rest by name and place."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bot.planning import fields
from bot.planning.fields import (
    DocumentError,
    a_name,
    an_id,
    each,
    finite,
    or_null,
    parse,
    record,
    set_of,
    whole,
)

GOOD: list[tuple[Callable[[], fields.Check], Any, Any]] = [
    (lambda: whole(2, 5), 2, 2),
    (lambda: whole(2, 5), 5, 5),
    (lambda: whole(2), fields.WHOLE_MAX, fields.WHOLE_MAX),
    (lambda: or_null(whole(2, 5)), None, None),
    (lambda: or_null(whole(2, 5)), 3, 3),
    (lambda: set_of(whole(0, 9)), [3, 1, 3], frozenset({1, 3})),
    (lambda: set_of(whole(0, 9)), [], frozenset()),
    (lambda: set_of(whole(0, 9), empty="say null"), [1], frozenset({1})),
    (
        lambda: record("a thing", {"n": whole(0, 9), "name": a_name}),
        {"name": "a", "n": 1},
        {"n": 1, "name": "a"},
    ),
    (lambda: lambda value: each(a_name, value), ["a", "b"], ["a", "b"]),
    (lambda: an_id, "a", "a"),
    (lambda: an_id, 0, 0),
    (lambda: a_name, "a", "a"),
    (lambda: finite, 3, Decimal(3)),
    (lambda: finite, Decimal("0.1"), Decimal("0.1")),
    (lambda: finite, Decimal("Infinity"), None),
    (lambda: finite, True, None),
    (lambda: finite, "3", None),
]
BAD: list[tuple[Callable[[], fields.Check], Any, str]] = [
    (lambda: whole(2, 5), 1, "The input must be a whole number from 2 to 5, not 1."),
    (lambda: whole(2, 5), 6, "The input must be a whole number from 2 to 5, not 6."),
    (
        lambda: whole(2),
        fields.WHOLE_MAX + 1,
        "The input must be a whole number from 2 to 1000000000, not 1000000001.",
    ),
    (lambda: whole(0, 1), True, "The input must be a whole number from 0 to 1, not true."),
    (lambda: or_null(whole(2, 5)), 1, "The input must be a whole number from 2 to 5, not 1."),
    (lambda: set_of(whole(0, 9)), [1, 10], "[1] must be a whole number from 0 to 9, not 10."),
    (lambda: set_of(whole(0, 9)), "12", 'The input must be a list, not "12".'),
    (lambda: set_of(whole(0, 9), empty="say null"), [], "The input is empty: say null."),
    (lambda: record("a thing", {"n": whole(0, 9)}), [], "The input must be an object, not []."),
    (lambda: record("a thing", {"n": whole(0, 9)}), {}, "n is missing."),
    (lambda: record("a thing", {"n": whole(0, 9)}), {"n": 1, 'o"': 1}, 'o\\" is no field of a thing.'),
    (
        lambda: record("a thing", {"n": whole(0, 9)}),
        {"n": 1, "o" * 61: 1},
        f"{'o' * 60} is no field of a thing.",
    ),
    (
        lambda: record("a thing", {"n": whole(0, 9)}),
        {"n": -1},
        "n must be a whole number from 0 to 9, not -1.",
    ),
    (
        lambda: record("a thing", {"n": set_of(record("an item", {"id": an_id}))}),
        {"n": [{"id": None}]},
        "n[0].id must be a text or a whole number, not null.",
    ),
    (lambda: an_id, "", 'The input must be a text or a whole number, not "".'),
    (lambda: an_id, False, "The input must be a text or a whole number, not false."),
    (lambda: a_name, "", 'The input must be a text that is not empty, not "".'),
    (lambda: a_name, 3, "The input must be a text that is not empty, not 3."),
    (lambda: a_name, [3] * 40, f"The input must be a text that is not empty, not [{'3, ' * 19}3,…."),
]


@pytest.mark.parametrize(("check", "value", "found"), GOOD)
def test_what_may_be_used(check: Callable[[], fields.Check], value: object, found: object):
    """It is given as the program wants it."""
    assert check()(value) == found


@pytest.mark.parametrize(("check", "value", "said"), BAD)
def test_what_is_refused(check: Callable[[], fields.Check], value: object, said: str):
    """The error says where it stands, what it should be, and what it is."""
    with pytest.raises(DocumentError) as error:
        check()(value)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"a": [0.1, 1, "b"]}', {"a": [Decimal("0.1"), 1, "b"]}),
        (b"9" * fields.DIGITS_MAX, int("9" * fields.DIGITS_MAX)),
        (b"9" * (fields.DIGITS_MAX + 1), Decimal("9" * (fields.DIGITS_MAX + 1))),
        (b"-Infinity", Decimal("-Infinity")),
        (b"1e9999999999999999999", Decimal("Infinity")),
    ],
)
def test_numbers_are_as_they_are_written(data: bytes, found: object):
    """A decimal loses nothing, and a whole number of too many digits is no whole number."""
    read = parse(data)
    assert (read, type(read)) == (found, type(found))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b"[1,",
            "The input is not JSON: Expecting value: line 1 column 4 (char 3).",
        ),
        (b'"\xff"', "The input is not JSON: byte 1 is not utf-8."),
        (b"[" * 200_000, "The input is nested too deeply."),
    ],
)
def test_what_is_no_json(data: bytes, said: str):
    """It is said where the reading stopped."""
    with pytest.raises(DocumentError) as error:
        parse(data)
    assert str(error.value) == said


def test_a_name_given_twice_is_refused_where_it_stands():
    """Which of the two was meant cannot be known; what stands there once is taken."""
    found = parse(b'{"a": 1, "b": 2, "a": 1}')
    assert found["b"] == 2
    with pytest.raises(DocumentError) as error:
        record("a thing", {"b": whole(0, 9), "a": whole(0, 9)})(found)
    assert str(error.value) == "a is given twice."
