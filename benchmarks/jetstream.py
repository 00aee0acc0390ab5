"""Jetstream frames a second through the watcher of Bluesky on one core: sockets and sieve included."""

import asyncio
import json
import multiprocessing
import time
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from bot.model.found import FoundAuthor
from bot.networks.watch.base import wanted
from bot.networks.watch.jetstream import Jetstream

FRAMES = 200_000
HIT_EVERY = 1_000
"""One post in a thousand carries the hashtag, far more than on the network."""


def frames() -> list[str]:
    """Posts of about a kilobyte, as the network sends them."""
    found = []
    for seq in range(1, HIT_EVERY + 1):
        text = "Petit matin sur le canal, il fait froid mais beau. " * 4 + (
            "#i4emploi" if seq == HIT_EVERY else "#photo"
        )
        facets = [
            {
                "index": {"byteStart": 3, "byteEnd": 9},
                "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "photo"}],
            }
        ]
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "langs": ["fr"],
            "facets": facets,
            "createdAt": "2026-11-25T08:00:00Z",
        }
        payload = {
            "$type": "network.bsky.jetstream.subscribeEvents#commit",
            "seq": seq,
            "did": "did:plc:" + "a" * 24,
            "time": "2026-11-25T08:00:00.000000Z",
            "rev": "3l",
            "operation": "create",
            "collection": "app.bsky.feed.post",
            "rkey": "3lbbbbbbbbbbb",
            "record": record,
            "cid": "bafyreibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        }
        found.append(json.dumps({"$type": "message", "payload": payload}, ensure_ascii=False))
    return found


def _serve(port: Any) -> None:
    stock = frames()

    async def feed(connection: ServerConnection) -> None:
        for _ in range(FRAMES // len(stock)):
            for frame in stock:
                await connection.send(frame)
        await connection.wait_closed()

    async def main() -> None:
        async with serve(
            feed, "127.0.0.1", 0, compression=None, select_subprotocol=lambda *_: "xrpc.v1.json"
        ) as server:
            port.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.Event().wait()

    asyncio.run(main())


async def _someone(did: str) -> FoundAuthor:
    return FoundAuthor(did, handle="nadia.example")


async def _watch(url: str) -> tuple[int, int]:
    seen = posts = 0
    source = Jetstream(wanted(["#i4emploi"]), url, url, _someone)
    stream = source.batches("")
    async for batch in stream:
        seen, posts = seen + batch.read, posts + len(batch.posts)
        if seen >= FRAMES:
            break
    await stream.aclose()
    return seen, posts


def run() -> list[tuple[str, str, str]]:
    """Give frames a second: by the clock, and by the watcher's own processor time."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    try:
        url = f"ws://127.0.0.1:{here.recv()}"
        wall, cpu = time.perf_counter(), time.process_time()
        seen, posts = asyncio.run(_watch(url))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    finally:
        server.terminate()
        server.join()
    note = f"{seen:,} frames of about 900 bytes, {posts} with the hashtag; the server on another core"
    return [
        ("Frames a second, by the clock", f"{seen / wall:,.0f}", note),
        (
            "Frames a second of the watcher's processor time",
            f"{seen / cpu:,.0f}",
            "target: 20,000 on one core",
        ),
    ]
