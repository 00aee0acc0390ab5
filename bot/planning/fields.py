"""Check JSON field by field: what cannot be used is refused by name. Pure.

A check takes a value and gives it back as the program wants it, or raises an error that knows where it stood.
"""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.errors import UsageError
from bot.planning.problem import Id

WHOLE_MAX = 1_000_000_000
DIGITS_MAX = 30
_SHOWN_MAX = 60
_REPEATED = object()

Check = Callable[[Any], Any]


class DocumentError(UsageError):
    """The document cannot be used; `str(error)` names the field and says what is wrong with it."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(f"{path.lstrip('.') or 'The input'} {fault}.")
        self._path = path
        self._fault = fault

    def within(self, step: str) -> "DocumentError":
        """Give the same error as seen from one level higher; a step is `.name` or `[index]`."""
        return DocumentError(step + self._path, self._fault)


def parse(data: bytes) -> Any:
    """Read JSON. Numbers are whole, or decimals as they are written.

    Raises:
        DocumentError: it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(
            data,
            parse_int=lambda text: int(text) if len(text) <= DIGITS_MAX else Decimal(text),
            parse_float=_decimal,
            parse_constant=Decimal,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise DocumentError("", f"is not JSON: {error}") from None
    except RecursionError:
        raise DocumentError("", "is nested too deeply") from None
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


def bad(value: Any, rule: str) -> DocumentError:
    """Say what a value should have been."""
    if value is _REPEATED:
        return DocumentError("", "is given twice")
    shown = json.dumps(value, default=str)
    if len(shown) > _SHOWN_MAX:
        shown = f"{shown[:_SHOWN_MAX]}…"
    return DocumentError("", f"must be {rule}, not {shown}")


def record(what: str, checks: dict[str, Check]) -> Check:
    """Make the check of an object that has exactly these fields."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise bad(value, "an object")
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


def each(rule: Check, values: Any) -> list[Any]:
    """Check a list, item by item."""
    if not isinstance(values, list):
        raise bad(values, "a list")
    found = []
    try:
        for value in values:
            found.append(rule(value))  # noqa: PERF401  its length says where it failed
    except DocumentError as error:
        place = f"[{len(found)}]"
        raise error.within(place) from None
    return found


def set_of(rule: Check, *, empty: str | None = None) -> Check:
    """Make the check of a list that means a set; `empty` says what to do instead of leaving it empty."""

    def check(value: Any) -> frozenset[Any]:
        found = frozenset(each(rule, value))
        if empty and not found:
            raise DocumentError("", f"is empty: {empty}")
        return found

    return check


def or_null(rule: Check) -> Check:
    """Let a check pass null, too."""
    return lambda value: None if value is None else rule(value)


def an_id(value: Any) -> Id:
    """Check a text or a whole number."""
    if type(value) is int or (isinstance(value, str) and value):
        found: Id = value
        return found
    raise bad(value, "a text or a whole number")


def a_name(value: Any) -> str:
    """Check a text that is not empty."""
    if isinstance(value, str) and value:
        return value
    raise bad(value, "a text that is not empty")


def whole(low: int, high: int = WHOLE_MAX) -> Check:
    """Make the check of a whole number."""

    def check(value: Any) -> int:
        if type(value) is int and low <= value <= high:
            return value
        raise bad(value, f"a whole number from {low} to {high}")

    return check


def finite(value: Any) -> Decimal | None:
    """Give a finite number as it is written; None for anything else."""
    if type(value) is int:
        return Decimal(value)
    return value if isinstance(value, Decimal) and value.is_finite() else None
