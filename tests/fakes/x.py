"""X on loopback, as far as reading goes: search, mentions, both dialects, limits, credits, faults."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.wire import Writer, read_head, whole, wire


@dataclass
class FakeX:
    """What was posted, oldest first. `dialects` are the parameters whose fields are answered."""

    token: str = "s3cret"
    dialects: frozenset[str] = frozenset({"tweet.fields", "post.fields"})
    raw: bytes | None = None
    """Answer this instead."""
    endless: bool = False
    """Give a token for more pages even on the last."""
    first: int = field(default_factory=lambda: (int(time.time() * 1000) - 1_288_834_974_657) << 22)
    """Number of the first post: X's numbers say when a post was made."""
    url: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def post(self, text: str, **values: Any) -> None:
        """Add a post."""
        number = str(self.first + len(self.rows))
        row = {
            "id": number,
            "text": text,
            "author_id": "77",
            "created_at": "2026-11-25T08:00:00.000Z",
            "lang": "fr",
        }
        self.rows.append(row | {"edit_history_tweet_ids": [number]} | values)

    async def answer(self, head: bytes, writer: Writer) -> None:
        """Answer one request."""
        path, query, fields, *_ = read_head(head)
        self.asked.append(query | {"path": path})
        if self.raw is not None:
            writer.write(self.raw)
        elif f"authorization: bearer {self.token}" not in "\n".join(fields).lower():
            writer.write(whole(b'{"title":"Unauthorized","status":401}', 401))
        else:
            writer.write(whole(json.dumps(self.page(query)).encode()))

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """Give a page, newest first; fields of an unknown dialect are dropped without a word."""
        since, until = int(query.get("since_id", "0")), int(query.get("until_id", str(10**19)))
        fitting = [row for row in reversed(self.rows) if since < int(row["id"]) < until]
        page = fitting[: int(query["max_results"])]
        known = any(name in query for name in self.dialects)
        shown = page if known else [{"id": row["id"], "text": row["text"]} for row in page]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if len(fitting) > len(page) or (self.endless and page):
            meta["next_token"] = "more"
        return {"data": shown, "meta": meta} if page else {"meta": meta}


@asynccontextmanager
async def x(**switches: Any) -> AsyncIterator[FakeX]:
    """Serve on a free port."""
    fake = FakeX(**switches)
    async with wire(fake.answer) as url:
        fake.url = url
        yield fake
