"""What an answer of a PDS or authorization server means: one of the four errors, and what its headers say."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.model.calls import Action, Learnt, Scope
from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from bot.networks.http import Answer, NoAnswerError

OK, BAD, UNAUTHORIZED, TOO_MANY, SERVER, COME_BACK = 200, 400, 401, 429, 500, 503
PUT_POINTS = 2
"""Price of a write in an account's points; a deletion costs one (docs.bsky.app, rate-limits)."""
CALLS_MOST = 5
"""Calls that one action may take at one host: three pages of reposts, a write, the same with a nonce."""
_HOST_WINDOW_S = "300"
"""The window of the limit by IP address; an account's are an hour and a day."""
_LONGEST = timedelta(days=1)
_DIGITS = 10
_LOST = frozenset(
    {
        "AccountDeactivated",
        "AccountNotFound",
        "AccountSuspended",
        "AccountTakedown",
        "AuthMissing",
        "AuthenticationRequired",
        "ExpiredToken",
        "InvalidToken",
        "ScopeMissingError",
        "invalid_client",
        "invalid_grant",
        "invalid_token",
        "unauthorized_client",
    }
)
_OURS = frozenset({"invalid_client_metadata", "invalid_dpop_proof", "use_dpop_nonce"})
"""The grant is good, what we say with it is not: our clock is wrong, our site cannot be read just now."""


def is_success(answer: Answer) -> bool:
    """Whether it says yes."""
    return OK <= answer.status < OK + 100


def body(answer: Answer) -> Mapping[str, Any]:
    """Read the answer's JSON object.

    Raises:
        NoAnswerError: it is none.
    """
    found = answer.json()
    if not isinstance(found, dict):
        message = "the answer is no JSON object"
        raise NoAnswerError(message)
    return found


def error_of(answer: Answer) -> str:
    """Give the code that a refusal carries, empty when it carries none."""
    try:
        return str(body(answer).get("error", ""))
    except NoAnswerError:
        return ""


def problem(answer: Answer, url: str, *, writes: bool = False) -> NetworkError | NoAnswerError:
    """Give what an answer that is no success means. `writes`: the call could have had an effect."""
    status, code = answer.status, error_of(answer)
    why = f"{urlsplit(url).hostname} answered {status} {code}".strip()
    if status == TOO_MANY or code == "RateLimitExceeded":
        return RateLimitedError(why, reset_of(answer), _scope(answer) or Scope.INSTANCE)
    if status == COME_BACK:
        return UnavailableError(why, reset_of(answer), Scope.INSTANCE)
    if status >= SERVER and writes:
        return NoAnswerError(why)  # it may have broken after it had written
    return _refusal(why, status, code)


def _refusal(why: str, status: int, code: str) -> NetworkError:
    """Give what a refusal means; without a code it is not the PDS's, but of something before it."""
    if code in _OURS:
        return UnavailableError(
            f"{why}: look at this machine's clock and the site's address", None, Scope.APP
        )
    if code in _LOST or status == UNAUTHORIZED:
        return AccessLostError(why)
    if BAD <= status < SERVER and code:
        return RefusedError(why)
    return UnavailableError(why, scope=Scope.INSTANCE)


def reset_of(answer: Answer) -> datetime | None:
    """Give when the window opens again, aware UTC and at most a day ahead; None when that is not said."""
    now = datetime.now(UTC)
    after, reset = _number(answer, "retry-after"), _number(answer, "ratelimit-reset")
    if after is not None:
        until = now + min(timedelta(seconds=after), _LONGEST)
    else:
        until = datetime.fromtimestamp(reset or 0, UTC)
    return min(until, now + _LONGEST) if until > now else None


def learnt(answer: Answer, action: Action) -> tuple[Learnt, ...]:
    """Give what the headers of a write say: they describe the window that is nearest to its end."""
    left, until, scope = _number(answer, "ratelimit-remaining"), reset_of(answer), _scope(answer)
    if left is None or until is None or scope is None:
        return ()
    calls = left // (PUT_POINTS if scope is Scope.ACCOUNT else CALLS_MOST)
    return (Learnt(scope, action, calls, until),)


def _number(answer: Answer, header: str) -> int | None:
    """Read a header as a whole number of at most ten digits; None when it is none."""
    text = answer.headers.get(header, "")
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _scope(answer: Answer) -> Scope | None:
    """Give what the window counts together, by its length; None without a policy, `3000;w=300`."""
    _, _, seconds = answer.headers.get("ratelimit-policy", "").partition(";w=")
    if not seconds.isdecimal():
        return None
    return Scope.INSTANCE if seconds == _HOST_WINDOW_S else Scope.ACCOUNT
