"""A raw HTTP/1.1 server on loopback whose every byte a test decides."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Answering = Callable[[bytes, Writer], Awaitable[None]]
"""Gets the head of a request and writes whatever it wants."""


class Request(NamedTuple):
    """What a head asks for: the path as it was sent, one value for each field of the query, the headers."""

    path: str
    query: dict[str, str]
    headers: list[str]


def read_head(head: bytes) -> Request:
    """Read the head of a request."""
    line, *headers = head.decode().split("\r\n")
    parts = urlsplit(line.split()[1])
    return Request(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, headers)


def whole(body: bytes = b"{}", status: int = 200, *headers: str) -> bytes:
    """Give a whole answer as bytes."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.asynccontextmanager
async def wire(answering: Answering) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1 and give its URL, without a slash at the end."""
    running: set[asyncio.Task[None] | None] = set()

    async def serve(reader: Reader, writer: Writer) -> None:
        running.add(asyncio.current_task())
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await answering(await reader.readuntil(b"\r\n\r\n"), writer)
                await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in running:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.01)  # the transports close in the loop
