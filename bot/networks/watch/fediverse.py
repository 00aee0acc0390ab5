"""Watching Mastodon and its kin: the timeline of a hashtag on one instance, read forward page by page.

Contract: mastodon/documentation methods/timelines.md; `min_id` gives the page right after the cursor, where
`since_id` would skip what lies between. Ids are strings that count on their own instance only.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.model.found import Batch, FoundPost
from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from bot.networks.http import Answer, Http, NoAnswerError, NotSentError
from bot.networks.watch.base import Wanted
from bot.networks.watch.statuses import found_in

PAGE = 40
"""Posts of a page, the most that Mastodon gives."""
PAGES = 20
"""Pages read in one go; the rest follows at once, after what was read is stored."""
JITTER = 0.2
"""Part of the interval by which a read may come earlier or later, so that instances are not read in step."""
NOTHING_YET = "-"
"""Cursor of a hashtag that had no post at all when it was first read."""
_OK, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER = 200, 401, 403, 429, 500
_WAIT = timedelta(seconds=60)
_WAIT_MIN, _WAIT_MAX = timedelta(seconds=5), timedelta(hours=1)


class Instance:
    """See `bot.networks.watch.base.Source`: one instance, all wanted hashtags. `base` is `https://piaille.fr`."""

    network = "mastodon"

    def __init__(self, wanted: Wanted, http: Http, base: str, every_s: float, token: str = "") -> None:
        self._wanted = wanted
        self._http = http
        self._base = base
        self._every_s = every_s
        self._token = token
        self.host = urlsplit(base).netloc
        self.name = f"mastodon:{self.host}"

    async def batches(self, cursor: str) -> AsyncGenerator[Batch]:
        """Read every hashtag to its newest post, then wait; a hashtag read for the first time begins now."""
        places = _places(cursor)
        while True:
            for tag in sorted(self._wanted.tags):
                async for posts, read in self._forward(tag, places):
                    yield Batch(posts, json.dumps(places), read=read)
            await asyncio.sleep(self._every_s * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311  no secret

    async def _forward(
        self, tag: str, places: dict[str, str]
    ) -> AsyncGenerator[tuple[tuple[FoundPost, ...], int]]:
        """Give page after page and move the hashtag's place; a page that is not full is the last."""
        for _ in range(PAGES):
            place = places.get(tag, "")
            statuses, newest = await self._page(tag, "" if place == NOTHING_YET else place)
            places[tag] = newest or place or NOTHING_YET
            posts = [found_in(status, self._wanted, self.host) for status in statuses] if place else []
            yield tuple(post for post in posts if post), len(statuses)
            if len(statuses) < PAGE or not place or places[tag] == place:
                return

    async def _page(self, tag: str, after: str) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Give the posts right after a place and the newest place among them."""
        params = {"limit": str(PAGE)} | ({"min_id": after} if after else {})
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"{self._base}/api/v1/timelines/tag/{quote(tag, safe='')}"
        try:
            answer = await self._http.request("GET", url, params=params, headers=headers, body_max=4 * 2**20)
            data = answer.json() if answer.status == _OK else None
        except (NotSentError, NoAnswerError) as error:
            message = f"{self.host}: {error}"
            raise UnavailableError(message) from error
        if not isinstance(data, list):
            raise trouble(answer, self.host, has_token=bool(self._token))
        statuses = [
            status for status in data if isinstance(status, dict) and isinstance(status.get("id"), str)
        ]
        return statuses, _newest(answer, statuses)


def trouble(answer: Answer, host: str, *, has_token: bool) -> NetworkError:
    """Give what an answer without posts means."""
    code = answer.status
    if code == _TOO_MANY:
        return RateLimitedError(f"{host} answered 429: its window is full", _opens(answer, datetime.now(UTC)))
    if code in {_UNAUTHORIZED, _FORBIDDEN}:
        if has_token:
            return AccessLostError(f"{host} answered {code}: the token in `mastodon_tokens` is not accepted")
        return RefusedError(f"{host} answered {code}: it shows hashtags to members only; give a token")
    if code >= _SERVER or code == _OK:
        return UnavailableError(f"{host} answered {code} without posts")
    return RefusedError(f"{host} answered {code} to its timeline of a hashtag")


def _opens(answer: Answer, now: datetime) -> datetime:
    """Give when a full window opens: `X-RateLimit-Reset` (ISO 8601), `Retry-After`, or a minute from now."""
    until = now + _WAIT
    wait = answer.headers.get("retry-after", "")
    reset = answer.headers.get("x-ratelimit-reset", "")
    if wait.isdecimal():
        until = now + timedelta(seconds=min(int(wait), 3600))
    elif reset:
        try:
            told = datetime.fromisoformat(reset)
            until = told if told.tzinfo else told.replace(tzinfo=UTC)
        except ValueError:
            until = now + _WAIT
    return min(max(until, now + _WAIT_MIN), now + _WAIT_MAX)


def _newest(answer: Answer, statuses: Sequence[Mapping[str, Any]]) -> str:
    """Give the newest id: `min_id` of the link "prev", else the first of the page; pages are newest first."""
    for part in answer.headers.get("link", "").split(","):
        address, _, relation = part.partition(";")
        if 'rel="prev"' in relation:
            found = parse_qs(urlsplit(address.strip(" <>")).query).get("min_id", [""])[0]
            if found:
                return found
    return str(statuses[0]["id"]) if statuses else ""


def _places(cursor: str) -> dict[str, str]:
    """Read what a batch's cursor says: the place by hashtag."""
    try:
        data = json.loads(cursor or "{}")
    except ValueError:
        data = {}
    return {str(tag): str(place) for tag, place in data.items()} if isinstance(data, dict) else {}
