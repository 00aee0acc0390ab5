"""A raw HTTP/1.1 server on loopback whose every byte a test decides."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Answering = Callable[[bytes, Writer], Awaitable[None]]
"""Gets the bytes of a whole request and writes whatever it wants."""


class Request(NamedTuple):
    """A request: the path as it was sent, one value for each field of the query, the headers, the body."""

    path: str
    query: dict[str, str]
    headers: list[str]
    method: str = "GET"
    body: bytes = b""

    def header(self, name: str) -> str:
        """Give a header's value, empty when there is none."""
        found = (line.partition(":") for line in self.headers)
        return next((value.strip() for key, _, value in found if key.lower() == name.lower()), "")

    def form(self) -> dict[str, str]:
        """Read the body as a form, one value for each field."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


def read_head(request: bytes) -> Request:
    """Read a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    method, address = line.split()[:2]
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Request(parts.path, query, headers, method, body)


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
            closing = False
            while not closing:
                head = await reader.readuntil(b"\r\n\r\n")
                asked = read_head(head)
                length = int(asked.header("content-length") or 0)
                await answering(head + await reader.readexactly(length), writer)
                await writer.drain()
                closing = asked.header("connection").lower() == "close"

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in running:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.01)  # the transports close in the loop
