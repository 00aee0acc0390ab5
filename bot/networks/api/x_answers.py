"""What X's answers mean: both forms of its problems, its windows, its money. X's own words are not repeated.

Sources: docs.x.com, x-api/fundamentals/rate-limits and response-codes; what others saw is marked "seen".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.calls import Action, Learnt, Scope
from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)

NO_CREDITS = timedelta(minutes=45)
SPEND_CAP = timedelta(hours=6)
"""The end of a spending limit's cycle is not said: look again four times a day."""
NOT_ENROLLED = timedelta(hours=6)
"""Only the operator can change what the app may do."""
WINDOW = timedelta(seconds=60)
"""A full window whose end is not said."""
WAIT_MIN = timedelta(seconds=5)
_WAIT_MAX = timedelta(days=1, minutes=1)
_BAD, _UNAUTHORIZED, _PAYMENT, _FORBIDDEN, _MISSING, _TOO_MANY, _SERVER = 400, 401, 402, 403, 404, 429, 500
_NOT_ENROLLED = frozenset({"client-forbidden", "unsupported-authentication"})
_ALREADY = ("already retweeted", "already reposted")
GONE = frozenset({"resource-not-found", "not-authorized-for-resource"})
"""Of a problem with a post: deleted, or protected from whoever asks."""


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer. `body` is empty where X sent no JSON object, as its HTML pages are."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def fine(self) -> bool:
        """Whether it did what was asked; even then `errors` may say that a part was not."""
        return 200 <= self.status < 300  # noqa: PLR2004

    @property
    def problems(self) -> list[Mapping[str, Any]]:
        """The problem itself, then those that it lists."""
        listed = self.body.get("errors")
        more = listed if isinstance(listed, list) else ()
        return [self.body, *(one for one in more if isinstance(one, dict))]

    @property
    def kind(self) -> str:
        """The first problem's type without its host, which may be api.x.com or api.twitter.com."""
        return next((kind for one in self.problems if (kind := kind_of(one))), "")


def kind_of(problem: Mapping[str, Any]) -> str:
    """Give the last part of a problem's type: `resource-not-found`."""
    return str(problem.get("type") or "").rpartition("/")[2]


def already(said: Said) -> bool:
    """Whether X says that this account had boosted the post before (seen: 400 with a sentence only)."""
    words = " ".join(str(one.get(key) or "") for one in said.problems for key in ("message", "detail"))
    return said.status == _BAD and any(one in words.lower() for one in _ALREADY)


def trouble(said: Said, scope: Scope, now: datetime) -> NetworkError:  # noqa: PLR0911  a table
    """Give what an answer that did nothing means; `scope` is whose windows the token counts in."""
    code, kind = said.status, said.kind
    titles = {str(one.get("title") or "") for one in said.problems}
    if code == _PAYMENT or "CreditsDepleted" in titles or kind == "credits":
        why = "X answered 402: the account has no credits left"
        return RateLimitedError(why, now + NO_CREDITS, Scope.APP)
    if kind in {"spend-cap-reached", "usage-capped"} or "SpendCapReached" in titles:
        why = "X's own spending limit for this month is reached"
        return RateLimitedError(why, now + SPEND_CAP, Scope.APP)
    if code == _TOO_MANY:
        until, whose = exhausted(said.headers, scope, now)
        return RateLimitedError("X answered 429: a window is full", until, whose)
    if code == _UNAUTHORIZED:
        whose_token = "`x_bearer_token`" if scope is Scope.APP else "the volunteer's access"
        return AccessLostError(f"X answered 401: {whose_token} is not accepted", scope=scope)
    if kind in _NOT_ENROLLED:
        return RefusedError(
            f"X answered {code} {kind}: the app may not do this", now + NOT_ENROLLED, Scope.APP
        )
    if code == _FORBIDDEN:
        return RefusedError(f"X answered 403 {kind}: not allowed".replace("  ", " "), scope=scope)
    if code == _MISSING or kind in GONE:
        return RefusedError("X answered that the post is gone or not for this account", scope=scope)
    if code >= _SERVER:
        return UnavailableError(f"X answered {code}", scope=Scope.INSTANCE)
    return RefusedError(f"X answered {code} {kind}: it did not understand the question", scope=scope)


def exhausted(headers: Mapping[str, str], scope: Scope, now: datetime) -> tuple[datetime, Scope]:
    """Give when the window that is really used up opens, and whose it is.

    A daily one may be full while the short one is not (seen: then the short one's reset lies in the past). A
    reset in the past, or none at all, never means "now".
    """
    ends = {
        whose: _moment(headers.get(f"{name}-reset", ""), now)
        for name, whose in _DAILY.items()
        if headers.get(f"{name}-remaining") == "0"
    }
    full = {whose: end for whose, end in ends.items() if end is not None}
    short = _moment(headers.get("x-rate-limit-reset", ""), now)
    if short is not None and (headers.get("x-rate-limit-remaining", "0") == "0" or not full):
        full[scope] = max(short, full.get(scope, short))
    if not full:
        return now + WINDOW, scope
    whose = max(full, key=lambda one: full[one])
    return max(full[whose], now + WAIT_MIN), whose


def learnt(headers: Mapping[str, str], action: Action, scope: Scope, now: datetime) -> tuple[Learnt, ...]:
    """Read how many calls are left; of two windows of one scope give the one with fewer.

    That one is never too many: until it ends the other has room for as many. One that is over tells nothing.
    """
    found: dict[Scope, Learnt] = {}
    for name, whose in {"x-rate-limit": scope, **_DAILY}.items():
        left, until = headers.get(f"{name}-remaining", ""), _moment(headers.get(f"{name}-reset", ""), now)
        if left.isdecimal() and until is not None and until > now:
            one = Learnt(whose, action, int(left), until)
            found[whose] = min(
                found.get(whose, one), one, key=lambda known: (known.left, -known.until.timestamp())
            )
    return tuple(found.values())


_DAILY = {"x-app-limit-24hour": Scope.APP, "x-user-limit-24hour": Scope.ACCOUNT}


def _moment(seconds: str, now: datetime) -> datetime | None:
    """Read a Unix time, at most a day from now; None for anything else."""
    if not seconds.isdecimal():
        return None
    latest = now + _WAIT_MAX
    return datetime.fromtimestamp(min(int(seconds), int(latest.timestamp())), UTC)
