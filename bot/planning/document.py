"""A round as data: one JSON document in, one out, no database. The format: docs/reference/round.md.

Nothing is guessed: what is missing, unknown, repeated, of another type or out of bounds is refused by name.
"""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar

from bot.errors import UsageError
from bot.planning.certificate import certificates, in_words
from bot.planning.exact import allocate
from bot.planning.problem import DAY_MIN, Id, Request, Round, Volunteer
from bot.planning.spread import timed

WHOLE_MAX = 1_000_000_000
WEIGHT_MIN, WEIGHT_MAX = Decimal("0.001"), Decimal(1_000_000)
_DIGITS_MAX = 30
_SHOWN_MAX = 60
_REPEATED = object()

Check = Callable[[Any], Any]
Item = TypeVar("Item", Request, Volunteer)


class DocumentError(UsageError):
    """The document cannot be used; `str(error)` names the field and says what is wrong with it."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"{path.lstrip('.') or 'The input'} {fault}.")
        self._path = path
        self._fault = fault

    def within(self, step: str) -> "DocumentError":
        """Give the same error as seen from one level higher; a step is `.name` or `[index]`."""
        return DocumentError(step + self._path, self._fault)


def answer(data: bytes, *, with_certificates: bool = False) -> str:
    """Plan the round of a document and give the document with the plan.

    Raises:
        DocumentError: the document cannot be used.
    """
    planned = read(data)
    pairs = allocate(planned.requests, planned.volunteers)
    boosts = timed(planned, pairs)
    found: dict[str, Any] = {"assignments": [boost._asdict() for boost in boosts]}
    if with_certificates:
        found["certificates"] = [
            {**certificate._asdict(), "words": in_words(planned, pairs, certificate)}
            for certificate in certificates(planned.requests, planned.volunteers, pairs)
        ]
    return json.dumps(found)


def read(data: bytes) -> Round:
    """Read a document.

    Raises:
        DocumentError: it cannot be used.
    """
    try:
        fields = _record("the document", _DOCUMENT)(_parse(data))
    except RecursionError:
        raise DocumentError("", "is nested too deeply") from None
    return Round(fields["horizon"], tuple(fields["requests"]), tuple(fields["volunteers"]))


def _parse(data: bytes) -> Any:
    try:
        return json.loads(
            data,
            parse_int=lambda text: int(text) if len(text) <= _DIGITS_MAX else Decimal(text),
            parse_float=_decimal,
            parse_constant=Decimal,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise DocumentError("", f"is not JSON: {error}") from None
    except UnicodeDecodeError as error:
        raise DocumentError("", f"is not JSON: byte {error.start} is not {error.encoding}") from None


def _decimal(text: str) -> Decimal:
    """Keep 0.1 as it is written; what no Decimal can hold becomes infinite, and is refused as such."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object whose repeated names are marked: the check that knows their path refuses them."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.update({name: _REPEATED for name in found if names.count(name) > 1})
    return found


def _bad(value: Any, rule: str) -> DocumentError:
    if value is _REPEATED:
        return DocumentError("", "is given twice")
    shown = json.dumps(value, default=str)
    if len(shown) > _SHOWN_MAX:
        shown = f"{shown[:_SHOWN_MAX]}…"
    return DocumentError("", f"must be {rule}, not {shown}")


def _record(what: str, checks: dict[str, Check]) -> Check:
    """Make the check of an object that has exactly these fields."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _bad(value, "an object")
        for name in value:
            if name not in checks:
                raise DocumentError("." + json.dumps(name)[1:-1][:_SHOWN_MAX], f"is no field of {what}")
        found: dict[str, Any] = {}
        for name in checks:
            if name not in value:
                raise DocumentError("." + name, "is missing")
        try:
            for name, rule in checks.items():
                found[name] = rule(value[name])
        except DocumentError as error:
            raise error.within("." + name) from None
        return found

    return check


def _each(rule: Check, values: Any) -> list[Any]:
    """Check a list, item by item."""
    if not isinstance(values, list):
        raise _bad(values, "a list")
    found = []
    try:
        for value in values:
            found.append(rule(value))  # noqa: PERF401  its length says where it failed
    except DocumentError as error:
        place = f"[{len(found)}]"
        raise error.within(place) from None
    return found


def _items(kind: Callable[..., Item], checks: dict[str, Check], what: str) -> Check:
    """Make the check of a list of requests or volunteers, each with an id of its own."""
    record = _record(what, checks)

    def check(value: Any) -> list[Item]:
        found = [kind(**fields) for fields in _each(record, value)]
        first: dict[Id, int] = {}
        for i, item in enumerate(found):
            if first.setdefault(item.id, i) != i:
                place = f"[{i}].id"
                raise DocumentError(place, f"repeats the id of number {first[item.id]}")
        return found

    return check


def _set(rule: Check, *, empty: str | None = None) -> Check:
    """Make the check of a list that means a set; `empty` says what to do instead of leaving it empty."""

    def check(value: Any) -> frozenset[Any]:
        found = frozenset(_each(rule, value))
        if empty and not found:
            raise DocumentError("", f"is empty: {empty}")
        return found

    return check


def _or_null(rule: Check) -> Check:
    return lambda value: None if value is None else rule(value)


def _id(value: Any) -> Id:
    if type(value) is int or (isinstance(value, str) and value):
        found: Id = value
        return found
    raise _bad(value, "a text or a whole number")


def _name(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise _bad(value, "a text that is not empty")


def _whole(low: int, high: int = WHOLE_MAX) -> Check:
    def check(value: Any) -> int:
        if type(value) is int and low <= value <= high:
            return value
        raise _bad(value, f"a whole number from {low} to {high}")

    return check


def _weight(value: Any) -> Fraction:
    number = _number(value)
    if (
        number is None
        or not WEIGHT_MIN <= number <= WEIGHT_MAX
        or len(number.as_tuple().digits) > _DIGITS_MAX
    ):
        raise _bad(value, f"a number from {WEIGHT_MIN} to {WEIGHT_MAX}, of at most {_DIGITS_MAX} digits")
    return Fraction(number)


def _followers(value: Any) -> float:
    number = _number(value)
    if number is None or not 0 <= number <= WHOLE_MAX:
        raise _bad(value, f"a number from 0 to {WHOLE_MAX}")
    return float(number)


def _number(value: Any) -> Decimal | None:
    """Give a finite number as it is written; None for anything else."""
    if type(value) is int:
        return Decimal(value)
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _horizon(value: Any) -> int:
    """Read [start, start + 1440] and give the start."""
    ends = _each(_whole(0), value)
    if len(ends) != 2 or ends[1] - ends[0] != DAY_MIN:  # noqa: PLR2004  a start and an end
        raise _bad(value, f"one day, like [0, {DAY_MIN}]")
    return int(ends[0])


def _volunteer(*, network: str, **fields: Any) -> Volunteer:
    """Make a volunteer, who has one network in a document."""
    return Volunteer(networks=frozenset((network,)), **fields)


_REQUEST: dict[str, Check] = {
    "id": _id,
    "seeker": _id,
    "networks": _set(_name, empty="name at least one network"),
    "lang": _name,
    "tags": _set(_name, empty="name at least one tag"),
    "region": _or_null(_name),
    "weight": _weight,
    "demand": _whole(0),
    "received": _whole(0),
    "boosted_by": _set(_id),
}
_VOLUNTEER: dict[str, Check] = {
    "id": _id,
    "network": _name,
    "langs": _set(_name, empty="name at least one language"),
    "topics": _or_null(_set(_name, empty="name at least one topic, or write null for all")),
    "regions": _or_null(_set(_name, empty="name at least one region, or write null for all")),
    "cap_day": _whole(0),
    "cap_hour": _whole(1),
    "min_gap": _whole(0),
    "quiet_start": _whole(0, DAY_MIN - 1),
    "quiet_len": _whole(0, DAY_MIN),
    "followers": _followers,
}
_DOCUMENT: dict[str, Check] = {
    "horizon": _horizon,
    "requests": _items(Request, _REQUEST, "a request"),
    "volunteers": _items(_volunteer, _VOLUNTEER, "a volunteer"),
}
