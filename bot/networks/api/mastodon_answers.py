"""What the answers of Mastodon's API mean. An instance's own words are not repeated: they may hold anybody's.

Sources: mastodon/mastodon app/controllers/api/base_controller.rb (errors), config/initializers/rack_attack.rb
and app/lib/rate_limiter.rb (limits); GoToSocial docs/api/ratelimiting.md and throttling.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.model.calls import Action, Learnt, Scope
from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from bot.networks.http import Answer, NoAnswerError

WINDOW = timedelta(minutes=5)
"""A full window whose end is not said: Mastodon's and GoToSocial's shortest."""
WAIT_MIN, WAIT_MAX = timedelta(seconds=5), timedelta(hours=3)
"""The longest window is that of posts and boosts together."""
OK = 200
_UNAUTHORIZED, _FORBIDDEN, _MISSING, _GONE, _UNPROCESSABLE, _TOO_MANY = 401, 403, 404, 410, 422, 429
_CLIENT = range(400, 500)
_SERVER = 500
BUSY = 503
"""The one 5xx that says that nothing was done: Mastodon's "temporary problem", GoToSocial's throttling."""
_LOST = ("scope", "disabled", "confirm", "pending", "approv", "suspend", "authenticated user")
"""In the reason of a 403 or 422: what only the account's owner can mend, by connecting or logging in anew."""

_STILL = "already exists"
"""Mastodon takes a boost back in the background; boosting anew before that is done is refused."""


class GoneError(RefusedError):
    """There is no such post, or not for this account."""


def trouble(answer: Answer, host: str, scope: Scope, now: datetime) -> NetworkError:
    """Give what an answer that did nothing means; `scope` is what the instance's windows count.

    Only an error in the API's own form speaks of post and token: a page in its place comes from a machine
    before the instance, and nothing follows from it but to come back later.
    """
    code, reason = answer.status, reason_of(answer)
    if code == _TOO_MANY:
        whose = Scope.INSTANCE if reason is None else scope
        return RateLimitedError(f"{host} answered 429: a window is full", opens(answer, now), whose)
    if code in _CLIENT and reason is not None:
        if code == _UNAUTHORIZED or (
            code in {_FORBIDDEN, _UNPROCESSABLE} and any(word in reason for word in _LOST)
        ):
            return AccessLostError(f"{host} answered {code}: the volunteer's access is not accepted")
        if code == _UNPROCESSABLE and _STILL in reason:
            return UnavailableError(f"{host} answered {code}: an earlier boost is still being taken back")
        if code in {_MISSING, _GONE}:
            return GoneError(f"{host} answered {code}: the post is gone or not for this account")
        return RefusedError(f"{host} answered {code}: not allowed")
    until = opens(answer, now) if "retry-after" in answer.headers else None
    return UnavailableError(f"{host} answered {code}", until, Scope.INSTANCE)


def reason_of(answer: Answer) -> str | None:
    """Give the reason of an error in lower case; None when the answer is not in the API's form."""
    try:
        data = answer.json()
    except NoAnswerError:
        return None
    return str(data["error"]).lower() if isinstance(data, dict) and "error" in data else None


def undecided(answer: Answer) -> bool:
    """Whether a change may have been made in spite of this answer: it broke on the way, or behind a proxy."""
    return answer.status >= _SERVER and answer.status != BUSY


def opens(answer: Answer, now: datetime) -> datetime:
    """Give when a full window opens: `Retry-After`, `X-RateLimit-Reset` (ISO 8601), or `WINDOW` from now.

    Spans count from the server's own `Date`, so that a clock that is wrong on either side changes nothing; a
    moment in the past, or none at all, never means "now".
    """
    wait = answer.headers.get("retry-after", "")
    there = _date(answer.headers.get("date", "")) or now
    reset = _iso(answer.headers.get("x-ratelimit-reset", ""))
    if wait.isascii() and wait.isdecimal():
        span = timedelta(seconds=min(int(wait), WAIT_MAX.total_seconds()))
    elif moment := (_date(wait) or reset):
        span = moment - there
    else:
        span = WINDOW
    return now + min(max(span, WAIT_MIN), WAIT_MAX)


def learnt(answer: Answer, action: Action, scope: Scope, now: datetime) -> tuple[Learnt, ...]:
    """Read how many calls are left in the fullest window; nothing from odd headers or one that is over."""
    left, reset = answer.headers.get("x-ratelimit-remaining", ""), answer.headers.get("x-ratelimit-reset", "")
    until, there = _iso(reset), _date(answer.headers.get("date", "")) or now
    if not (left.isascii() and left.isdecimal()) or until is None or until <= there:
        return ()
    return (Learnt(scope, action, int(left), opens(answer, now)),)


def object_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """Read a JSON object with an id.

    Raises:
        NoAnswerError: it is something else, whatever its status.
    """
    data = answer.json()
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        message = f"the answer is not {what}"
        raise NoAnswerError(message)
    return data


def time_of(text: object) -> datetime | None:
    """Read a time of the API as aware UTC; None when it is none."""
    return _iso(text) if isinstance(text, str) else None


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
