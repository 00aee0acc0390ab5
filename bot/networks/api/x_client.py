"""tweepy's catalogue of X's endpoints over our own transport: its `request()` is replaced.

tweepy 4.17's own transport knows no other host, no deadline, and retries without a pause in some cases.
"""

import json as jsons
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tweepy.asynchronous import AsyncClient

from bot.model.calls import Scope
from bot.networks.api.x_answers import Said, trouble
from bot.networks.errors import UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError

BODY_MAX = 2**22
_NOT_NOW = 503
_NO_FIELDS = frozenset({"author_id", "edit_history_post_ids", "referenced_posts"})
"""In the dialect of `post.fields` these are expansions, paid for by what they bring along."""


class _Response:
    """What tweepy asks of an answer."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    async def json(self) -> Mapping[str, Any]:
        """Give the body."""
        return self._body


class XClient(AsyncClient):  # type: ignore[misc]  # tweepy ships no types
    """Calls with one token. `scope` is whose windows it counts in: the app's, or one account's."""

    def __init__(self, token: str, http: Http, base: str, scope: Scope = Scope.APP) -> None:
        super().__init__(bearer_token=token, return_type=dict, wait_on_rate_limit=False)
        self._http = http
        self._base = base
        self.scope = scope
        self.posts = False
        """Ask in the dialect of `post.fields`, where an author costs money; tweepy knows the other only."""

    async def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
    ) -> _Response:
        """Send one request for tweepy, never with OAuth 1.0a.

        Raises:
            NetworkError: one of the four.
            NoAnswerError: see `ask`.
        """
        if user_auth:
            message = "OAuth 1.0a is not used"
            raise TypeError(message)
        return _Response(self.checked(await self.ask(method, route, params, json)).body)

    async def ask(
        self, method: str, route: str, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> Said:
        """Send one request and give the whole answer, whatever its status.

        Raises:
            UnavailableError: nothing was asked, or nothing was lost by not knowing.
            NoAnswerError: a call that changes something may or may not have been heard.
        """
        headers = {"Authorization": f"Bearer {self.bearer_token}"}
        sent = {name: _text(value) for name, value in (params or {}).items()}
        if self.posts and "tweet.fields" in sent:
            sent |= _as_posts(sent.pop("tweet.fields"))
        try:
            answer = await self._http.request(
                method,
                f"{self._base}{route}",
                headers=headers,
                params=sent or None,
                json=json,
                body_max=BODY_MAX,
            )
            return read(answer, changes=method != "GET")
        except NotSentError as error:
            message = f"{urlsplit(self._base).hostname}: {error}"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error
        except NoAnswerError as error:
            if method != "GET":
                raise
            message = f"X gave no whole answer: {error}"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error

    def checked(self, said: Said) -> Said:
        """Let answers through that did what was asked.

        Raises:
            NetworkError: what the others mean.
        """
        if not said.fine:
            raise trouble(said, self.scope, datetime.now(UTC))
        return said


def _text(value: Any) -> str:
    """Write a parameter; tweepy joins lists and leaves tuples as they are."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _as_posts(fields: str) -> dict[str, str]:
    """Ask for the same in the other dialect; of what costs more there, for the author only."""
    names = [name.replace("tweet", "post") for name in fields.split(",")]
    sent = {"post.fields": ",".join(name for name in names if name not in _NO_FIELDS)}
    return sent | ({"expansions": "author_id"} if "author_id" in names else {})


def read(answer: Answer, *, changes: bool) -> Said:
    """Read an answer; `changes` says whether the call had an effect to lose.

    Raises:
        NoAnswerError: X broke on the way, so that nobody knows; or says that it did it, in no JSON object.
    """
    try:
        body = jsons.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    said = Said(answer.status, answer.headers, body if isinstance(body, dict) else {})
    if said.fine and not isinstance(body, dict):
        message = f"X answered {answer.status} with something else than an object"
        raise NoAnswerError(message)
    if changes and answer.status >= 500 and answer.status != _NOT_NOW:  # noqa: PLR2004
        message = f"X answered {answer.status}"
        raise NoAnswerError(message)
    return said
