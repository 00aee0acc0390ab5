"""A round as data: one JSON document in, one out, no database. The format: docs/reference/round.md.

Nothing is guessed: what is missing, unknown, repeated, of another type or out of bounds is refused by name.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from bot.planning.certificate import certificates, in_words
from bot.planning.exact import Pairs, allocate, repair
from bot.planning.fields import (
    DIGITS_MAX,
    WHOLE_MAX,
    Check,
    DocumentError,
    a_name,
    an_id,
    bad,
    each,
    finite,
    or_null,
    parse,
    record,
    set_of,
    whole,
)
from bot.planning.problem import DAY_MIN, Boost, Id, Request, Round, Volunteer
from bot.planning.reach import widen
from bot.planning.spread import timed

WEIGHT_MIN, WEIGHT_MAX = Decimal("0.001"), Decimal(1_000_000)
Item = TypeVar("Item", Request, Volunteer)


def answer(
    data: bytes,
    *,
    with_certificates: bool = False,
    reach: bool = False,
    before: bytes | None = None,
    changes: int | None = None,
) -> str:
    """Plan the round of a document and give the document with the plan.

    Args:
        data: the document.
        with_certificates: add why nobody could get more.
        reach: prefer who reaches most people to even loads.
        before: an earlier answer, of which as much as can be stays; not together with `reach`.
        changes: how many other pairs of it may change; None: any number. With a bound the plan may be less
            than the best, and has no certificates.

    Raises:
        DocumentError: the document or the earlier answer cannot be used.
    """
    planned = read(data)
    earlier = _earlier(before) if before is not None else []
    pairs = _pairs(planned, earlier if before is not None else None, changes, reach=reach)
    boosts = timed(planned, pairs, earlier)
    found: dict[str, Any] = {"assignments": [boost._asdict() for boost in boosts]}
    if with_certificates:
        found["certificates"] = [
            {**certificate._asdict(), "words": in_words(planned, pairs, certificate)}
            for certificate in certificates(planned.requests, planned.volunteers, pairs)
        ]
    return json.dumps(found)


def _pairs(planned: Round, before: list[Boost] | None, changes: int | None, *, reach: bool) -> Pairs:
    if before is not None:
        had: Pairs = {}
        for boost in before:
            had.setdefault(boost.request, []).append(boost.volunteer)
        return repair(planned.requests, planned.volunteers, had, changes)
    pairs = allocate(planned.requests, planned.volunteers)
    return widen(planned.requests, planned.volunteers, pairs) if reach else pairs


def _earlier(data: bytes) -> list[Boost]:
    """Read an earlier answer. Errors name it as `before`."""
    try:
        found = parse(data)
        if isinstance(found, dict):
            found.pop("certificates", None)
        return [Boost(**boost) for boost in record("an answer", _ANSWER)(found)["assignments"]]
    except DocumentError as error:
        raise error.within("before") from None


def read(data: bytes) -> Round:
    """Read a document.

    Raises:
        DocumentError: it cannot be used.
    """
    fields = record("the document", _DOCUMENT)(parse(data))
    return Round(fields["horizon"], tuple(fields["requests"]), tuple(fields["volunteers"]))


def _items(kind: Callable[..., Item], checks: dict[str, Check], what: str) -> Check:
    """Make the check of a list of requests or volunteers, each with an id of its own."""
    one = record(what, checks)

    def check(value: Any) -> list[Item]:
        found = [kind(**fields) for fields in each(one, value)]
        first: dict[Id, int] = {}
        for i, item in enumerate(found):
            if first.setdefault(item.id, i) != i:
                place = f"[{i}].id"
                raise DocumentError(place, f"repeats the id of number {first[item.id]}")
        return found

    return check


def _weight(value: Any) -> Fraction:
    number = finite(value)
    if number is None or not WEIGHT_MIN <= number <= WEIGHT_MAX or len(number.as_tuple().digits) > DIGITS_MAX:
        raise bad(value, f"a number from {WEIGHT_MIN} to {WEIGHT_MAX}, of at most {DIGITS_MAX} digits")
    return Fraction(number)


def _followers(value: Any) -> float:
    number = finite(value)
    if number is None or not 0 <= number <= WHOLE_MAX:
        raise bad(value, f"a number from 0 to {WHOLE_MAX}")
    return float(number)


def _horizon(value: Any) -> int:
    """Read [start, start + 1440] and give the start."""
    ends = each(whole(0), value)
    if len(ends) != 2 or ends[1] - ends[0] != DAY_MIN:  # noqa: PLR2004  a start and an end
        raise bad(value, f"one day, like [0, {DAY_MIN}]")
    return int(ends[0])


def _volunteer(*, network: str, **fields: Any) -> Volunteer:
    """Make a volunteer, who has one network in a document."""
    return Volunteer(networks=frozenset((network,)), **fields)


_REQUEST: dict[str, Check] = {
    "id": an_id,
    "seeker": an_id,
    "networks": set_of(a_name, empty="name at least one network"),
    "lang": a_name,
    "tags": set_of(a_name, empty="name at least one tag"),
    "region": or_null(a_name),
    "weight": _weight,
    "demand": whole(0),
    "received": whole(0),
    "boosted_by": set_of(an_id),
}
_VOLUNTEER: dict[str, Check] = {
    "id": an_id,
    "network": a_name,
    "langs": set_of(a_name, empty="name at least one language"),
    "topics": or_null(set_of(a_name, empty="name at least one topic, or write null for all")),
    "regions": or_null(set_of(a_name, empty="name at least one region, or write null for all")),
    "cap_day": whole(0),
    "cap_hour": whole(1),
    "min_gap": whole(0),
    "quiet_start": whole(0, DAY_MIN - 1),
    "quiet_len": whole(0, DAY_MIN),
    "followers": _followers,
}
_DOCUMENT: dict[str, Check] = {
    "horizon": _horizon,
    "requests": _items(Request, _REQUEST, "a request"),
    "volunteers": _items(_volunteer, _VOLUNTEER, "a volunteer"),
}
_BOOST = record("an assignment", {"request": an_id, "volunteer": an_id, "at": whole(0)})
_ANSWER: dict[str, Check] = {"assignments": lambda value: each(_BOOST, value)}
