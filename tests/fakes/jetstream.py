"""A Jetstream on loopback: recorded shapes of frames, versions 1 and 2, with switches for trouble."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

NSID = "network.bsky.jetstream.subscribeEvents"
BEGIN = datetime(2026, 11, 25, 8, tzinfo=UTC)
DID = "did:plc:" + "a" * 24


def record(text: str, **values: Any) -> dict[str, Any]:
    """A post's record, as a client writes it."""
    return {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-11-25T08:00:00.000Z",
        "langs": ["fr"],
    } | values


def tag_facet(tag: str, start: int = 0) -> dict[str, Any]:
    """A facet that marks a hashtag; offsets count UTF-8 bytes."""
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    return {"index": {"byteStart": start, "byteEnd": start + len(tag.encode()) + 1}, "features": [feature]}


def mention_facet(did: str) -> dict[str, Any]:
    """A facet that marks a mention."""
    return {
        "index": {"byteStart": 0, "byteEnd": 5},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}],
    }


@dataclass
class FakeJetstream:
    """What was posted, and how the host behaves. `floor` is the oldest seq that it can replay."""

    events: list[dict[str, Any]] = field(default_factory=list)
    version2: bool = True
    floor: int = 0
    status: int = 0
    """Answer every handshake with this instead."""
    ends_with: str = ""
    """Send an error frame of this name after the events there are, and close."""
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The query of every handshake, its path as `path`."""
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    def post(
        self,
        text: str,
        *,
        did: str = DID,
        at: datetime | None = None,
        operation: str = "create",
        **values: Any,
    ) -> None:
        """Add a post to the stream."""
        seq = len(self.events) + 1
        event = {
            "seq": seq,
            "did": did,
            "at": at or BEGIN + timedelta(seconds=seq),
            "operation": operation,
            "rkey": f"3l{seq:0>11}".translate(str.maketrans("0189", "abcd")),
            "record": record(text, **values),
        }
        self.events.append(event)

    async def wake(self) -> None:
        """Send what was added since to those who listen."""
        async with self._more:
            self._more.notify_all()

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(query | {"path": parts.path})
        if self.status:
            return connection.respond(self.status, "no")
        if parts.path == "/subscribe":
            return None
        if not self.version2:
            return connection.respond(404, "not found")
        wrong = {"wantedCollections", "wantedDids"} & query.keys()
        cursor = int(query.get("cursor", 10**15))
        if wrong or cursor < min(self.floor, 10**15):
            name = "InvalidRequest" if wrong else "CursorTooOld"
            return connection.respond(400, json.dumps({"error": name, "message": "see the lexicon"}))
        return None

    def _start(self, query: dict[str, str]) -> int:
        """Give the place of the first event to send: `seq` is inclusive, times are microseconds."""
        if "cursor" not in query:
            return len(self.events)
        cursor = int(query["cursor"])
        if cursor < 10**15:
            return cursor - 1
        later = [n for n, event in enumerate(self.events) if _micros(event["at"]) >= cursor]
        return max(later[0] if later else len(self.events), self.floor - 1)

    async def _serve(self, connection: ServerConnection) -> None:
        """Send until the client leaves."""
        sending = asyncio.create_task(self._send(connection))
        leaving = asyncio.create_task(connection.wait_closed())
        await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        parts = urlsplit(connection.request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        second, place = parts.path != "/subscribe", self._start(query)
        clamped = second and int(query.get("cursor", 0)) >= 10**15 and place == self.floor - 1
        if clamped and self.floor > 1:
            await connection.send(
                json.dumps(
                    {"$type": "message", "payload": {"$type": f"{NSID}#info", "name": "OutdatedCursor"}}
                )
            )
        while True:
            for event in self.events[place:]:
                await connection.send(_v2(event) if second else _v1(event))
            place = len(self.events)
            if self.ends_with:
                await connection.send(
                    json.dumps({"$type": "error", "error": self.ends_with, "message": "bye"})
                )
                return
            async with self._more:
                await self._more.wait()


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _commit(event: dict[str, Any]) -> dict[str, Any]:
    found = {
        "rev": "3l",
        "operation": event["operation"],
        "collection": "app.bsky.feed.post",
        "rkey": event["rkey"],
    }
    if event["operation"] != "delete":
        found |= {"record": event["record"], "cid": "bafyrei"}
    return found


def _v2(event: dict[str, Any]) -> str:
    when = event["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    payload = {
        "$type": f"{NSID}#commit",
        "seq": event["seq"],
        "did": event["did"],
        "time": when,
        **_commit(event),
    }
    return json.dumps({"$type": "message", "payload": payload}, ensure_ascii=False)


def _v1(event: dict[str, Any]) -> str:
    frame = {"did": event["did"], "time_us": _micros(event["at"]), "kind": "commit", "commit": _commit(event)}
    return json.dumps(frame, ensure_ascii=False)


@asynccontextmanager
async def jetstream(**switches: Any) -> AsyncIterator[FakeJetstream]:
    """Serve a Jetstream on a free port."""
    fake = FakeJetstream(**switches)
    async with serve(
        fake._serve, "127.0.0.1", 0, process_request=fake._handshake, select_subprotocol=_choose
    ) as server:
        fake.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield fake


def _choose(_connection: ServerConnection, offered: Any) -> Any:
    return "xrpc.v1.json" if "xrpc.v1.json" in offered else None
