"""Calls to one instance with a volunteer's token: what comes back is JSON that did it, or an error."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.model.calls import Scope
from bot.networks.api.mastodon_answers import OK, time_of, trouble, undecided
from bot.networks.connect.mastodon_key import Key
from bot.networks.errors import UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError

BODY_MAX = 2 * 2**20
"""Bytes of an answer: a page of forty long posts with their authors."""

TRIES_S = (0.0, 0.1, 0.3, 0.9, 1.5)
"""Seconds before each try to take something away, until it is seen to be gone: GoToSocial answers first and
deletes then, and of a post boosted twice one call takes one boost away."""
PAGE, PAGES = 40, 10
"""How far back an account's own posts are read."""


def host_of(key: Key) -> str:
    """Name the instance in a sentence for the operator."""
    return urlsplit(key.base).netloc


def scope_of(key: Key) -> Scope:
    """Give what the instance's windows count: Mastodon's each account, GoToSocial's each address."""
    return Scope.ACCOUNT if key.idempotent else Scope.INSTANCE


class Client:
    """Mastodon's REST API. Each call is one request, and none is tried again."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def read(
        self, key: Key, path: str, params: Mapping[str, str] | None = None, *, deadline_s: float | None = None
    ) -> Any:
        """Give the JSON of an answer. Reading has no effect, so no answer means: ask again.

        Raises:
            NetworkError: one of the four.
        """
        try:
            answer = await self._send("GET", key, path, params=params, deadline_s=deadline_s)
            if answer.status == OK:
                return answer.json()
        except NoAnswerError as error:
            message = f"{host_of(key)} gave no whole answer"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error
        raise trouble(answer, host_of(key), scope_of(key), datetime.now(UTC))

    async def own(self, key: Key, since: datetime, pages: int = PAGES) -> AsyncIterator[Mapping[str, Any]]:
        """Give what the account posted and boosted since a moment, the newest first, on so many pages.

        Raises:
            NetworkError: one of the four.
        """
        params = {"limit": str(PAGE), "exclude_replies": "true"}
        for _ in range(pages):
            rows = await self.read(key, f"v1/accounts/{key.account_id}/statuses", params)
            page = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            for row in page:
                at = time_of(row.get("created_at"))
                if at is None or at < since:
                    return
                yield row
            if len(page) < PAGE:
                return
            params["max_id"] = str(page[-1].get("id"))

    async def change(
        self,
        key: Key,
        path: str,
        *,
        method: str = "POST",
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a change and give the answer that says it was made.

        Raises:
            NetworkError: it was not made.
            NoAnswerError: nobody knows: no whole answer, or one from a server that broke on the way.
        """
        answer = await self._send(method, key, path, form=form, headers=headers)
        if answer.status == OK:
            return answer
        if undecided(answer):
            message = f"{host_of(key)} answered {answer.status}, which proves nothing"
            raise NoAnswerError(message)
        raise trouble(answer, host_of(key), scope_of(key), datetime.now(UTC))

    async def _send(
        self, method: str, key: Key, path: str, *, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Answer:
        try:
            return await self._http.request(
                method,
                f"{key.base}/api/{path}",
                headers={"Authorization": f"Bearer {key.access}", **(headers or {})},
                body_max=BODY_MAX,
                **values,
            )
        except NotSentError as error:
            message = f"{host_of(key)} cannot be reached"
            raise UnavailableError(message, scope=Scope.INSTANCE) from error
