"""A network on loopback that records what it really did, and whose answers break in every way.

Run by itself (`python -m tests.fakes.recording PORT`) it outlives a daemon that is killed. `RecordingApi`
calls it. Kinds: `set`, a second boost of a post by the same account gives the first one; `append`, every
request is one more boost that everybody sees, so that nothing here hides a duplicate.

Faults of a boost: `lost` (done, then the connection breaks), `early` (breaks before anything is done),
`e500after` (done, then 500), `garbage` (done, then half an answer), `slow` (done `lag` seconds later, no
answer), `e503`, `e429` (with Retry-After), `e401`, `e403`. `early`, `e503`, `e429`, `e401` and `e403` may be
scripted for every other request too.
"""

import asyncio
import json
import random
import sys
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.calls import Action, Learnt, Limit, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent, Look, Made
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError
from tests.fakes.wire import Request, Writer, read_head, whole, wire

STATUS = {"e500after": 500, "e503": 503, "e429": 429, "e401": 401, "e403": 403}


@dataclass
class RecordingNet:
    """What was done, and what goes wrong. `effects`: every boost that is seen, by account and target."""

    kind: str = "append"
    faults: dict[str, float] = field(default_factory=dict)
    """Share of the boosts that each fault befalls."""
    script: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    """Faults of the next requests, by action; before the shares."""
    lag: float = 0.0
    latency: float = 0.0
    """Seconds before every answer."""
    retry_after: int = 60
    scope: str = "account"
    """What a 429 or a 403 says has to wait."""
    digests: dict[str, str | None] = field(default_factory=dict)
    """Of posts whose words are not the usual ones, by target; None: gone."""
    edited: dict[str, str] = field(default_factory=dict)
    """When posts were edited, in ISO form, by target."""
    effects: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    log: list[tuple[float, str, str, str, str]] = field(default_factory=list)
    """Time, action, account, target, fault of every request."""
    open: int = 0
    most_open: int = 0
    per_account: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    overlaps: int = 0
    """How often two requests of one account were on their way together."""
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    pending: set[asyncio.Task[None]] = field(default_factory=set)
    """Effects that are still to come."""

    def requests(self, action: str) -> int:
        """Count the requests of one action."""
        return sum(one[1] == action for one in self.log)

    def boosts(self) -> dict[tuple[str, str], int]:
        """Count what everybody sees, by account and target; what was taken back is not there."""
        return {pair: len(made) for pair, made in self.effects.items() if made}

    def stats(self) -> dict[str, Any]:
        """Give everything as JSON-ready data."""
        return {
            "boosts": [[*pair, count] for pair, count in self.boosts().items()],
            "log": self.log,
            "pending": len(self.pending),
            "overlaps": self.overlaps,
            "most_open": self.most_open,
        }

    def set_up(self, wanted: Mapping[str, Any]) -> None:
        """Begin anew: `kind`, `faults`, `lag`, `latency`, `seed`."""
        fresh = RecordingNet()
        for name in ("kind", "faults", "lag", "latency", "retry_after", "scope"):
            setattr(self, name, wanted.get(name, getattr(fresh, name)))
        self.rng = random.Random(wanted.get("seed", 0))
        for name in ("script", "digests", "edited", "effects", "log", "open", "most_open", "overlaps"):
            setattr(self, name, getattr(fresh, name))

    async def answer(self, head: bytes, writer: Writer) -> None:
        """Answer one request."""
        asked = read_head(head)
        if asked.path == "/_reset":
            self.set_up(asked.json())
            writer.write(whole(b"{}"))
        elif asked.path == "/_stats":
            writer.write(whole(json.dumps(self.stats()).encode()))
        else:
            await self._counted(asked, writer)

    async def _counted(self, asked: Request, writer: Writer) -> None:
        account = asked.header("authorization")
        self.open, self.most_open = self.open + 1, max(self.most_open, self.open + 1)
        self.per_account[account] += 1
        self.overlaps += self.per_account[account] > 1
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            await self._answer(asked, account.removeprefix("Bearer "), writer)
        finally:
            self.open -= 1
            self.per_account[account] -= 1

    async def _answer(self, asked: Request, account: str, writer: Writer) -> None:
        action, body = asked.path.strip("/"), asked.json()
        target = body.get("target", body.get("post", ""))
        fault = self._fault(action)
        self.log.append((time.time(), action, account, target, fault))
        if fault == "early":
            writer.transport.abort()
        elif fault in {"e503", "e429", "e401", "e403"}:
            headers = (f"Retry-After: {self.retry_after}", f"X-Scope: {self.scope}")
            writer.write(whole(b'{"error":"no"}', STATUS[fault], *headers))
        elif action == "boost":
            await self._boost(account, target, body, fault, writer)
        else:
            writer.write(whole(json.dumps(self._read(action, account, target, body)).encode()))

    def _fault(self, action: str) -> str:
        if self.script[action]:
            return self.script[action].popleft()
        drawn = self.rng.random() if action == "boost" and self.faults else 1.0
        for name, share in self.faults.items():
            if drawn < share:
                return name
            drawn -= share
        return ""

    def _read(self, action: str, account: str, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        made = self.effects[account, target]
        if action == "locate":
            return {"target": f"here:{target}"}
        if action == "look":
            return {
                "digest": self.digests.get(target, f"words of {target}"),
                "edited_at": self.edited.get(target),
            }
        if action == "undo":
            self.effects[account, target] = [one for one in made if one["id"] != body["remote_id"]]
            return {}
        return {"id": made[0]["id"] if made else None}

    async def _boost(
        self, account: str, target: str, body: Mapping[str, Any], fault: str, writer: Writer
    ) -> None:
        if fault == "slow":
            task = asyncio.create_task(self._later(account, target, body))
            self.pending.add(task)
            task.add_done_callback(self.pending.discard)
            writer.transport.abort()
            return
        made, before = self._apply(account, target, body)
        if fault == "lost":
            writer.transport.abort()
        elif fault == "garbage":
            writer.write(whole(b'{"id": "12'))
        elif fault == "e500after":
            writer.write(whole(b'{"error":"oops"}', 500))
        else:
            writer.write(whole(json.dumps({"id": made["id"], "before": before}).encode()))

    async def _later(self, account: str, target: str, body: Mapping[str, Any]) -> None:
        await asyncio.sleep(self.lag)
        self._apply(account, target, body)

    def _apply(self, account: str, target: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        made = self.effects[account, target]
        if self.kind == "set" and made:
            return made[0], True
        made.append({"id": f"{account}-{target}-{len(made)}", "key": body["key"], "at": body["at"]})
        return made[-1], False


@asynccontextmanager
async def recording(**values: Any) -> AsyncIterator[tuple[RecordingNet, str]]:
    """Serve a network in this loop; give it and its URL."""
    net = RecordingNet(**values)
    async with wire(net.answer) as url:
        yield net, url


class RecordingApi:
    """Calls a recording network. A token is the account's name there; `renew:NAME` is renewed to `NAME`."""

    def __init__(
        self,
        http: Http,
        url: str,
        *,
        name: str = "mastodon",
        reads_back: bool = True,
        limits: tuple[Limit, ...] = (),
        prices: Mapping[Action, int] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._http, self._url, self._now = http, url, now
        self.name, self.reads_back, self.limits, self.prices = name, reads_back, limits, prices or {}
        self.learnt: tuple[Learnt, ...] = ()
        """What the next answers say of windows."""

    def place(self, account: Account) -> str:
        """Give the instance."""
        return account.instance

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Renew a token that says so."""
        word, _, name = lent.token.reveal().partition(":")
        if word != "renew":
            return None
        await self._ask("renew", lent, {})
        return Secret(name)

    async def locate(self, lent: Lent, post: PostRef) -> str:
        """Ask what a post is called here."""
        return str((await self._ask("locate", lent, {"post": post.remote_id}))["target"])

    async def look(self, lent: Lent, target: str) -> Look:
        """Ask for a post's digest."""
        found = await self._ask("look", lent, {"target": target})
        at = found["edited_at"]
        return Look(found["digest"], edited_at=datetime.fromisoformat(at) if at else None)

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Boost."""
        values = {"target": intent.target, "key": intent.boost_id, "at": intent.at.isoformat()}
        found = await self._ask("boost", lent, values)
        return Made(found["id"], before=found["before"], learnt=self.learnt)

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:
        """Take back."""
        await self._ask("undo", lent, {"target": intent.target, "remote_id": remote_id})

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:
        """Ask whether a boost is there."""
        found = await self._ask("read_back", lent, {"target": intent.target})
        return Made(found["id"]) if found["id"] else None

    async def _ask(self, action: str, lent: Lent, body: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {lent.token.reveal()}"}
        answer = await self._http.request("POST", f"{self._url}/{action}", headers=headers, json=dict(body))
        if answer.status == 200:
            return answer.json()
        raise _error(answer, self._now())


def _error(answer: Answer, now: datetime) -> Exception:
    """Give the error that a whole answer stands for."""
    if answer.status == 429:
        until = now + timedelta(seconds=int(answer.headers["retry-after"]))
        return RateLimitedError("too many requests", until, Scope(answer.headers["x-scope"]))
    if answer.status == 503:
        return UnavailableError("come back later")
    if answer.status == 401:
        return AccessLostError("the token is not accepted")
    if answer.status == 403:
        scope = Scope(answer.headers.get("x-scope", "account"))
        return RefusedError("this account may not boost this post", scope=scope)
    return NoAnswerError(f"HTTP {answer.status}")


async def main(port: int) -> None:
    """Serve on a port of 127.0.0.1 until killed."""
    net = RecordingNet()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(read_head(head).header("content-length") or 0)
                await net.answer(head + await reader.readexactly(length), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  for whoever started it
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
