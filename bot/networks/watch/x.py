"""Watching X: recent search for the hashtags, mentions of the collective's account. Each post costs money.

Contract: docs.x.com, x-api/posts/search and users/mentions, both dialects of fields (`tweet.*`, `post.*`). X
drops a field that it does not know without a word, so the first post of a page is looked at.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog

from bot.model.found import Batch, FoundAuthor, FoundPost, Missed
from bot.model.notice import PostRef
from bot.model.tags import tag_of, tags_in
from bot.networks.api.x_client import XClient
from bot.networks.errors import RateLimitedError, RefusedError
from bot.networks.watch.base import Purse, Reserved, Wanted

log = structlog.get_logger()

What = Literal["search", "mentions"]
QUERY_MAX = 512
PAGE_MIN, PAGE_MAX = 10, 100
LOOKBACK = timedelta(days=7) - timedelta(minutes=5)
JITTER = 0.2
_EPOCH_MS = 1_288_834_974_657
"""From which X's numbers count their milliseconds (2010-11-04)."""
_LAG = timedelta(seconds=30)
"""X's search ends this long before now."""
_FIELDS = (
    "author_id",
    "created_at",
    "lang",
    "referenced_tweets",
    "possibly_sensitive",
    "entities",
    "edit_history_tweet_ids",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on. `since` is the watermark; the rest is of a walk down the pages, not over yet."""

    since: str = ""
    start: str = ""
    """Without a watermark: the moment from which on posts are read (ISO 8601)."""
    newest: str = ""
    """The newest post of the walk: the next watermark."""
    until: str = ""
    """The oldest post of the walk so far: the rest is older."""
    read_at: str = ""

    def __str__(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})


def read_place(cursor: str) -> Place:
    """Read what `str(place)` wrote; an empty place for anything else."""
    try:
        return Place(**json.loads(cursor or "{}"))
    except (ValueError, TypeError):
        return Place()


def query_of(wanted: Wanted) -> str:
    """Give the search for these hashtags; X takes at most `QUERY_MAX` characters."""
    tags = " OR ".join(f"#{tag}" for tag in sorted(wanted.tags))
    return f"({tags}) -is:retweet -is:reply -is:quote -is:nullcast"


class XSource:
    """See `bot.networks.watch.base.Source`: the search, or the mentions of `wanted.account`."""

    network = "x"

    def __init__(self, what: What, wanted: Wanted, client: XClient, purse: Purse, every_s: float) -> None:
        self.name = f"x:{what}"
        self._what: What = what
        self._wanted = wanted
        self._client = client
        self._purse = purse
        self._every_s = every_s

    async def batches(self, cursor: str) -> AsyncGenerator[Batch]:
        """Read to the newest post, then wait. The watermark moves when every page of a walk is stored."""
        place = read_place(cursor)
        if not (place.since or place.start):
            place = replace(place, start=(datetime.now(UTC) - _LAG).isoformat(timespec="seconds"))
        while True:
            async for batch, moved in self._walk(place):
                yield batch
                place = moved
            await asyncio.sleep(self._every_s * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311  no secret

    async def _walk(self, place: Place) -> AsyncGenerator[tuple[Batch, Place]]:
        """Go down the pages, newest first, from where an unfinished walk stopped."""
        place, missed = _within(place, datetime.now(UTC))
        while True:
            rows, more = await self._page(place)
            ids = [int(row["id"]) for row in rows]
            # A page that brings nothing older ends the walk, whatever X says: endless pages have been seen.
            over = not more or not ids or (bool(place.until) and min(ids) >= int(place.until))
            newest = place.newest or (str(max(ids)) if ids else "")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            if over:
                place = Place(since=newest or place.since, start="" if newest else place.start, read_at=now)
            else:
                place = replace(place, newest=newest, until=str(min(ids)), read_at=now)
            posts = [post for row in rows if (post := found_in(row, self._wanted))]
            yield Batch(tuple(posts), str(place), missed, len(rows)), place
            missed = None
            if over:
                return

    async def _page(self, place: Place) -> tuple[list[Mapping[str, Any]], bool]:
        """Read one page; where X dropped the fields, ask once more in the other dialect."""
        rows, more = await self._ask(place)
        if rows and not ("author_id" in rows[0] and "created_at" in rows[0]):
            self._client.posts = not self._client.posts
            log.error("x_dropped_fields", next="post.fields" if self._client.posts else "tweet.fields")
            rows, more = await self._ask(place)
            if rows and not ("author_id" in rows[0] and "created_at" in rows[0]):
                message = "X gives neither author nor time in either dialect of its fields"
                raise RefusedError(message)
        return [row for row in rows if str(row.get("id", "")).isdecimal()], more

    async def _ask(self, place: Place) -> tuple[list[Mapping[str, Any]], bool]:
        """Send one question, money first; give the posts and whether there are more pages."""
        reserved, authors = await self._reserve()
        values: dict[str, Any] = {"max_results": reserved.count, "tweet_fields": _FIELDS}
        values |= {"since_id": place.since} if place.since else {"start_time": _moment(place.start)}
        values |= {"until_id": place.until} if place.until else {}
        if self._what == "search":
            body = await self._client.search_recent_tweets(query_of(self._wanted), **values)
        else:
            body = await self._client.get_users_mentions(self._wanted.account, **values)
        rows = body.get("data")
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        await self._purse.settle(self._what, reserved, len(rows))
        if authors:
            await self._purse.settle("author", authors, len({row.get("author_id") for row in rows}))
        meta = body.get("meta")
        return rows, isinstance(meta, dict) and bool(meta.get("next_token"))

    async def _reserve(self) -> tuple[Reserved, Reserved | None]:
        """Reserve room for a page: its posts, and their authors in the dialect where those cost money."""
        if not self._client.posts:
            return await self._purse.reserve(self._what, PAGE_MIN, PAGE_MAX), None
        authors = await self._purse.reserve("author", PAGE_MIN, PAGE_MAX)
        try:
            return await self._purse.reserve(self._what, PAGE_MIN, authors.count), authors
        except RateLimitedError:
            await self._purse.settle("author", authors, 0)
            raise


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _within(place: Place, now: datetime) -> tuple[Place, Missed | None]:
    """Leave what X searches no longer: it refuses a watermark or a start that lies more than a week back.

    Where the last read is that old too, what lies between was missed.
    """
    oldest = now - LOOKBACK
    begin = _posted(place.since) if place.since else datetime.fromisoformat(place.start)
    last = datetime.fromisoformat(place.read_at) if place.read_at else begin
    missed = Missed(last, oldest, "X searches seven days back only") if last < oldest else None
    if begin >= oldest:
        return place, missed
    return Place(start=oldest.isoformat(timespec="seconds"), read_at=place.read_at), missed


def _posted(number: str) -> datetime:
    """Give when a post was made: its number says it."""
    return datetime.fromtimestamp(((int(number) >> 22) + _EPOCH_MS) / 1000, UTC)


def found_in(row: Mapping[str, Any], wanted: Wanted) -> FoundPost | None:
    """Give the post of a row in either dialect when it carries a wanted hashtag."""
    text = str(row.get("text") or "")
    entities = row.get("entities")
    entities = entities if isinstance(entities, dict) else {}
    tags = {
        tag_of(str(tag.get("tag", ""))) for tag in entities.get("hashtags") or () if isinstance(tag, dict)
    }
    if not wanted.tags & (tags | tags_in(text)):
        return None
    # An edit has a new id; the post is the first of them.
    edits = row.get("edit_history_tweet_ids") or row.get("edit_history_post_ids") or [row["id"]]
    number = str(edits[0]) if isinstance(edits, list) and edits else str(row["id"])
    relations = row.get("referenced_tweets") or row.get("referenced_posts") or ()
    kinds = {str(one.get("type")) for one in relations if isinstance(one, dict)}
    mentioned = {str(one.get("id")) for one in entities.get("mentions") or () if isinstance(one, dict)}
    try:
        at = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        at = datetime.now(UTC)
    return FoundPost(
        post=PostRef("x", f"https://x.com/i/status/{number}", number),
        author=FoundAuthor(str(row.get("author_id") or "")),
        text=text,
        at=at,
        lang=str(row.get("lang") or "").replace("und", ""),
        mentions=bool(wanted.account) and wanted.account in mentioned,
        boost="retweeted" in kinds or "reposted" in kinds,
        reply="replied_to" in kinds,
        quote="quoted" in kinds,
        sensitive=bool(row.get("possibly_sensitive")),
    )
