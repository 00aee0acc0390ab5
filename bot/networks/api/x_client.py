"""tweepy's catalogue of X's endpoints over our own transport: its `request()` is replaced.

tweepy 4.17's own transport knows no other host, no deadline, and retries without a pause in some cases.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tweepy.asynchronous import AsyncClient

from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError

_OK, _UNAUTHORIZED, _PAYMENT, _FORBIDDEN, _TOO_MANY, _SERVER = 200, 401, 402, 403, 429, 500
NO_CREDITS = timedelta(minutes=45)
SPEND_CAP = timedelta(hours=6)
"""The end of a spending limit's cycle is not said: look again four times a day."""
_WINDOW = timedelta(seconds=60)
_WAIT_MIN = timedelta(seconds=5)


class _Response:
    """What tweepy asks of an answer."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    async def json(self) -> Mapping[str, Any]:
        """Give the body."""
        return self._body


class XClient(AsyncClient):  # type: ignore[misc]  # tweepy ships no types
    """Reads with an app's bearer token. Every answer that is no 200 is one of the four errors."""

    def __init__(self, token: str, http: Http, base: str) -> None:
        super().__init__(bearer_token=token, return_type=dict, wait_on_rate_limit=False)
        self._http = http
        self._base = base
        self.posts = False
        """Ask in the dialect of `post.fields`; tweepy itself writes `tweet.fields` only."""

    async def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
    ) -> _Response:
        """Send one request, never with OAuth 1.0a.

        Raises:
            NetworkError: one of the four.
        """
        if user_auth:
            message = "OAuth 1.0a is not used"
            raise TypeError(message)
        headers = {"Authorization": f"Bearer {self.bearer_token}"}
        sent = {name: str(value) for name, value in (params or {}).items()}
        if self.posts and "tweet.fields" in sent:
            sent["post.fields"] = sent.pop("tweet.fields").replace("tweet", "post")
        try:
            answer = await self._http.request(
                method, f"{self._base}{route}", headers=headers, params=sent, json=json, body_max=2**22
            )
            body = answer.json()
        except NotSentError as error:
            message = f"{urlsplit(self._base).hostname}: {error}"
            raise UnavailableError(message) from error
        except NoAnswerError as error:
            message = f"X gave no whole answer: {error}"
            raise UnavailableError(message) from error
        if not isinstance(body, dict):
            message = f"X answered {answer.status} with something else than an object"
            raise UnavailableError(message)
        if answer.status != _OK:
            raise trouble(answer, body, datetime.now(UTC))
        return _Response(body)


def trouble(answer: Answer, body: Mapping[str, Any], now: datetime) -> NetworkError:  # noqa: PLR0911  a table
    """Give what an answer that is no 200 means; X's own words are not repeated."""
    code = answer.status
    kind = str(body.get("type") or "").rpartition("/")[2]
    title = str(body.get("title") or "")
    if code == _PAYMENT or title == "CreditsDepleted" or kind == "credits":
        return RateLimitedError("X answered 402: the account has no credits left", now + NO_CREDITS)
    if kind in {"spend-cap-reached", "usage-capped"} or title == "SpendCapReached":
        return RateLimitedError("X's own spending limit for this month is reached", now + SPEND_CAP)
    if code == _TOO_MANY:
        return RateLimitedError("X answered 429: a window is full", opens(answer.headers, now))
    if code == _UNAUTHORIZED:
        return AccessLostError("X answered 401: `x_bearer_token` is not accepted")
    if code == _FORBIDDEN:
        return RefusedError(f"X answered 403 {kind}: the app may not read this".replace("  ", " "))
    if code >= _SERVER:
        return UnavailableError(f"X answered {code}")
    return RefusedError(f"X answered {code} {kind}: it did not understand the question")


def opens(headers: Mapping[str, str], now: datetime) -> datetime:
    """Give when the window opens that is really used up: a daily one may be, while the short one is not.

    A reset in the past or none at all never means "now".
    """
    resets = [
        int(headers[f"x-{who}-limit-24hour-reset"])
        for who in ("app", "user")
        if headers.get(f"x-{who}-limit-24hour-remaining") == "0"
        and headers.get(f"x-{who}-limit-24hour-reset", "").isdecimal()
    ]
    short = headers.get("x-rate-limit-reset", "")
    if short.isdecimal() and (headers.get("x-rate-limit-remaining", "0") == "0" or not resets):
        resets.append(int(short))
    until = datetime.fromtimestamp(max(resets), UTC) if resets else now + _WINDOW
    return min(max(until, now + _WAIT_MIN), now + timedelta(days=1, minutes=1))
