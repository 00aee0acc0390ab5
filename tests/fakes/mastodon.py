"""A Mastodon instance on loopback, as far as watching goes, with the switches that differ between servers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.wire import Writer, read_head, whole, wire

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
        key = f"01J{number:0>23}" if self.ulids else str(10**17 + number)
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
        path, query, fields, *_ = read_head(head)
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
