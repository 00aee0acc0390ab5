"""A Mastodon instance on loopback, with the switches that differ between servers and their software.

Timelines are here, calls with a token in `mastodon_calls`, OAuth in `mastodon_oauth`.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.fakes import mastodon_calls, mastodon_oauth
from tests.fakes.mastodon_calls import Grant, Reply, SaysNoError
from tests.fakes.mastodon_oauth import Application, Code
from tests.fakes.wire import Request, Writer, read_head, whole, wire

ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class FakeMastodon:
    """What was posted, oldest first, and how the instance behaves."""

    ulids: bool = False
    token: str = ""
    """Asked for when not empty."""
    full: tuple[str, ...] | None = None
    """Answer 429 with these headers."""
    raw: bytes | None = None
    """Answer this instead."""
    links: bool = True
    url: str = ""
    statuses: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    """What timelines were asked for."""
    name: str = "a.example"
    """The host in the addresses of its people and posts."""
    duplicating: bool = False
    """Each boost is another, each post is, whatever its key: GoToSocial."""
    modern: bool = True
    """Says what it knows, the scope `profile` included: Mastodon 4.3."""
    window: int = 0
    """Calls with one token, or from everywhere where `per_ip`, until `window_ends`; 0: any number."""
    per_ip: bool = False
    window_ends: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=5))
    length: int = 500
    """Characters of a post."""
    token_s: int = 0
    """How long a token lasts; 0: for ever."""
    withheld: frozenset[str] = frozenset()
    """Scopes that people do not give."""
    peers: list["FakeMastodon"] = field(default_factory=list)
    """Instances whose public posts it can fetch."""
    followers: list["FakeMastodon"] = field(default_factory=list)
    """Instances that hear of deletions."""
    closed: int = 0
    """Answer servers that fetch a post with this."""
    blocked: set[str] = field(default_factory=set)
    """Authors whose posts nobody here may boost."""
    automated: set[str] = field(default_factory=set)
    """Names of those whose profile says that they are bots."""
    people: dict[str, str] = field(default_factory=dict)
    """Ids of its people by name."""
    tokens: dict[str, Grant] = field(default_factory=dict)
    apps: dict[str, Application] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    boosts: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Posts by the key they were sent with."""
    _made: int = 0
    _used: Counter[str] = field(default_factory=Counter)

    def new_id(self) -> str:
        """Give the next id of the kind that its software gives."""
        self._made += 1
        return f"01J{self._made:0>23}" if self.ulids else str(10**17 + self._made)

    def join(self, who: str) -> str:
        """Let somebody in, and give a token of theirs for everything."""
        self.people.setdefault(who, self.new_id())
        token = f"canary-{self.name}-{who}-{len(self.tokens)}"
        self.tokens[token] = Grant(who, mastodon_calls.ALL)
        return token

    def acct(self, who: str) -> str:
        """Name one of its people."""
        return f"{who}@{self.name}"

    def person(self, who: str) -> dict[str, Any]:
        """Give the account of one of its people."""
        if who not in self.people:
            self.people[who] = self.new_id()
        more = {"id": self.people[who], "username": who, "acct": self.acct(who), "bot": who in self.automated}
        url = f"https://{self.name}"
        return ACCOUNT | more | {"url": f"{url}/@{who}", "uri": f"{url}/users/{who}"}

    def written(self, who: str, **values: Any) -> dict[str, Any]:
        """Give a status that one of its people makes now."""
        key, url = self.new_id(), f"https://{self.name}"
        made = {"id": key, "account": self.person(who), "created_at": mastodon_calls.now(), "tags": []}
        made |= {"uri": f"{url}/users/{who}/statuses/{key}", "url": f"{url}/@{who}/{key}"}
        return STATUS | made | values

    def delete(self, status: dict[str, Any]) -> None:
        """Forget a status and its boosts; copies elsewhere stay where nobody follows."""
        for other in self.followers:
            for copy in [one for one in other.statuses if one["uri"] == status["uri"]]:
                other.delete(copy)
        self.statuses = [one for one in self.statuses if one is not status]
        self.boosts = [one for one in self.boosts if one["reblog"] is not status]

    def post(
        self,
        content: str,
        tag: str = "i4emploi",
        *,
        author: str = "nadia",
        home: str = "piaille.fr",
        **values: Any,
    ) -> None:
        """Add a status by `author@home`; `account` changes single keys of its account."""
        number = len(self.statuses) + 1
        key = self.new_id()
        account = {
            **ACCOUNT,
            "acct": f"{author}@{home}",
            "username": author,
            "url": f"https://{home}/@{author}",
        }
        account |= {"uri": f"https://{home}/users/{author}"} | values.pop("account", {})
        origin = values.pop("origin", 500 + number)
        status = {
            **STATUS,
            "id": key,
            "uri": f"https://{home}/users/{author}/statuses/{origin}",
            "url": f"https://{home}/@{author}/{origin}",
            "content": f"<p>{content} <a href='https://{home}/tags/{tag}'>#<span>{tag}</span></a></p>",
            "account": account,
            "tags": [{"name": tag.lower(), "url": f"https://{home}/tags/{tag}"}],
        }
        self.statuses.append(status | values)

    async def answer(self, head: bytes, writer: Writer) -> None:
        """Answer one request."""
        asked = read_head(head)
        path, query, fields, *_ = asked
        if "/timelines/" not in path:
            writer.write(self._call(asked))
            return
        self.asked.append(query | {"tag": unquote(path.rpartition("/")[2])})
        if self.raw is not None:
            writer.write(self.raw)
        elif self.full is not None:
            writer.write(whole(b'{"error":"Too many requests"}', 429, *self.full))
        elif self.token and f"Bearer {self.token}" not in "".join(fields):
            writer.write(whole(b'{"error":"The access token is invalid"}', 401))
        else:
            page = self.page(unquote(path.rpartition("/")[2]), query)
            link = (
                [f'Link: <{self.url}{path}?min_id={page[0]["id"]}>; rel="prev"']
                if page and self.links
                else []
            )
            writer.write(whole(json.dumps(page).encode(), 200, *link))

    def _call(self, asked: Request) -> bytes:
        """Answer anything but a timeline."""
        limits, full = list[str](), False
        try:
            token = asked.header("authorization").removeprefix("Bearer ")
            if asked.path.startswith("/api/") and self.window:
                limits, full = self._count(token)
            reply = (
                (Reply({"error": "Too many requests"}, 429) if full else None)
                or mastodon_oauth.answer(self, asked)
                or mastodon_calls.answer(self, asked, self.tokens.get(token))
                or self._document(asked)
            )
        except SaysNoError as no:
            reply = Reply({"error": no.error}, no.status)
        kind = "text/html" if isinstance(reply.data, str) else "application/json"
        body = reply.data if isinstance(reply.data, str) else json.dumps(reply.data)
        return whole(
            body.encode(), reply.status, f"Content-Type: {kind}; charset=utf-8", *reply.headers, *limits
        )

    def _count(self, token: str) -> tuple[list[str], bool]:
        """Count a call; give the headers that tell what is left, and whether it is one too many."""
        if self.window_ends <= datetime.now(UTC):
            self._used.clear()
            self.window_ends = datetime.now(UTC) + timedelta(minutes=5)
        whose = "" if self.per_ip else token
        self._used[whose] += 1
        left = max(0, self.window - self._used[whose])
        ends = self.window_ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = [f"X-RateLimit-Limit: {self.window}", f"X-RateLimit-Remaining: {left}"]
        return [*headers, f"X-RateLimit-Reset: {ends}"], self._used[whose] > self.window

    def _document(self, asked: Request) -> Reply:
        """Give a post to another server, by its address."""
        if self.closed:
            return Reply({"error": "members only"}, self.closed)
        uri = f"https://{self.name}{asked.path}"
        found = [
            one for one in self.statuses if one["uri"] == uri and one["account"]["acct"].endswith(self.name)
        ]
        if not found:
            raise SaysNoError(404, "Not found")
        return Reply({"type": "Note", "id": uri, "content": found[0]["content"]})

    def page(self, tag: str, query: dict[str, str]) -> list[dict[str, Any]]:
        """Give a page newest first; `min_id` gives the ones right after it."""
        fitting = [s for s in self.statuses if any(t["name"] == tag.lower() for t in s["tags"])]
        limit = min(int(query.get("limit", "20")), 40)
        if "min_id" in query:
            fitting = [s for s in fitting if _key(s["id"]) > _key(query["min_id"])][:limit]
        return list(reversed(fitting[-limit:]))


def _key(text: str) -> tuple[int, str]:
    return len(text), text


@asynccontextmanager
async def mastodon(**switches: Any) -> AsyncIterator[FakeMastodon]:
    """Serve an instance on a free port."""
    fake = FakeMastodon(**switches)
    async with wire(fake.answer) as url:
        fake.url = url
        yield fake


ACCOUNT: dict[str, Any] = {
    "id": "1",
    "username": "nadia",
    "acct": "nadia",
    "display_name": "Nadia",
    "locked": False,
    "bot": False,
    "discoverable": True,
    "indexable": True,
    "group": False,
    "created_at": "2024-01-01T00:00:00.000Z",
    "note": "",
    "url": "",
    "uri": "",
    "avatar": "",
    "avatar_static": "",
    "header": "",
    "header_static": "",
    "followers_count": 0,
    "following_count": 0,
    "statuses_count": 1,
    "last_status_at": "2026-11-25",
    "hide_collections": None,
    "emojis": [],
    "fields": [],
}
STATUS: dict[str, Any] = {
    "created_at": "2026-11-25T08:00:00.000Z",
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
    "sensitive": False,
    "spoiler_text": "",
    "visibility": "public",
    "language": "fr",
    "replies_count": 0,
    "reblogs_count": 0,
    "favourites_count": 0,
    "quotes_count": 0,
    "edited_at": None,
    "reblog": None,
    "media_attachments": [],
    "mentions": [],
    "emojis": [],
    "card": None,
    "poll": None,
}
