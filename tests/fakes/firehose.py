"""The stream of a real PDS (`subscribeRepos`), turned into what Jetstream would make of it.

Its frames are DAG-CBOR, a commit's records a CAR archive (atproto.com/specs/event-stream, ipld.io/specs); as
much of both is read here as posts need.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

from websockets.asyncio.client import connect

from bot.networks.atproto.records import POSTS
from tests.fakes.jetstream import FakeJetstream

_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_SIMPLE = {20: False, 21: True, 22: None}
_CID_BYTES = 36


async def bridge(pds: str, fake: FakeJetstream) -> None:
    """Give `fake` every post that was and is written at a PDS, an `http` address, until cancelled."""
    url = f"{pds.replace('http', 'ws', 1)}/xrpc/com.atproto.sync.subscribeRepos?cursor=0"
    async with connect(url, max_size=None, proxy=None) as stream:
        async for frame in stream:
            assert isinstance(frame, bytes)
            source = BytesIO(frame)
            if _read(source).get("t") == "#commit":
                fake.events += _events(_read(source), len(fake.events) + 1)
                await fake.wake()


def _events(commit: dict[str, Any], seq: int) -> list[dict[str, Any]]:
    """Give a commit's changes of posts, as `FakeJetstream` keeps them."""
    blocks = dict(_blocks(commit["blocks"]))
    changes = [op for op in commit["ops"] if op["path"].startswith(f"{POSTS}/")]
    return [
        {
            "seq": number,
            "did": commit["repo"],
            "at": datetime.fromisoformat(commit["time"]),
            "operation": op["action"],
            "rkey": op["path"].rpartition("/")[2],
            # Through JSON, like everything that Jetstream sends.
            "record": json.loads(json.dumps(blocks.get(op["cid"]), default=repr)),
        }
        for number, op in enumerate(changes, seq)
    ]


def _blocks(archive: bytes) -> Iterator[tuple[bytes, Any]]:
    """Give the blocks of a CAR archive by their CID; those of the tree come out as they are."""
    source = BytesIO(archive)
    source.seek(_varint(source), 1)  # its header
    while source.tell() < len(archive):
        block = source.read(_varint(source))
        yield block[:_CID_BYTES], _read(BytesIO(block[_CID_BYTES:]))


def _varint(source: BytesIO) -> int:
    number, shift = 0, 0
    while True:
        byte = source.read(1)[0]
        number |= (byte & 127) << shift
        if byte < 128:
            return number
        shift += 7


def _read(source: BytesIO) -> Any:
    """Read one value of DAG-CBOR; a link is given as the bytes of its CID."""
    kind, small = divmod(source.read(1)[0], 32)
    size = _SIZES.get(small) if kind < 7 else None
    number = small if size is None else int.from_bytes(source.read(size))
    readers: list[Callable[[], Any]] = [
        lambda: number,
        lambda: -1 - number,
        lambda: source.read(number),
        lambda: source.read(number).decode(),
        lambda: [_read(source) for _ in range(number)],
        lambda: {_read(source): _read(source) for _ in range(number)},
        lambda: _read(source)[1:],  # a tag: there is none but 42, a link, whose bytes begin with a zero
        lambda: _SIMPLE[number],
    ]
    return readers[kind]()
