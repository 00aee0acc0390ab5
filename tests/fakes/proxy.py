"""A machine between us and a server, fake or real, that spoils what passes as a test says.

Effects happen at the server behind it, so a test can compare what we were told with what is true.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from tests.fakes.wire import Request, Writer, read_head, whole, wire


class Fault(StrEnum):
    """What happens to one request. Before the effect nothing reaches the server."""

    RESET = "reset before effect"
    INSTEAD = "another answer before effect"
    LOST = "no answer after effect"
    ERROR = "500 after effect"
    PAGE = "HTML page after effect"
    CUT = "answer cut off after effect"
    DRIP = "a byte now and then after effect"


BEFORE = frozenset({Fault.RESET, Fault.INSTEAD})
PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
DRIP_S = 0.05
Which = Callable[[Request], bool]


def changes(asked: Request) -> bool:
    """Whether a request may change something."""
    return asked.method != "GET"


def reads(asked: Request) -> bool:
    """Whether a request only reads."""
    return asked.method == "GET"


@dataclass
class Proxy:
    """Passes requests on to `upstream`, a base URL, and keeps what was asked and answered."""

    upstream: str
    url: str = ""
    seen: list[tuple[Request, bytes]] = field(default_factory=list)
    """Every request and what was answered, the answer empty where there was none."""
    _faults: list[tuple[Fault, Which, bytes]] = field(default_factory=list)

    def meet(self, fault: Fault, which: Which = changes, *, times: int = 1, answer: bytes = b"") -> None:
        """Let the next requests of this kind meet a fault; `answer` is what `INSTEAD` gives.

        One that comes after an effect waits for a request that the server answers with success.
        """
        self._faults += [(fault, which, answer)] * times

    def clear(self) -> None:
        """Let no fault wait any more."""
        self._faults.clear()

    async def serve(self, request: bytes, writer: Writer) -> None:
        """Pass one request on, or not."""
        asked = read_head(request)
        fault, instead = self._next(asked, before=True)
        if fault is Fault.RESET:
            self.seen.append((asked, b""))
            writer.transport.abort()
            return
        answer = instead or await self._pass_on(request)
        if answer.split(b" ", 2)[1][:1] == b"2" and fault is None:
            fault, _ = self._next(asked, before=False)
        self.seen.append((asked, answer))
        await _give(writer, answer, fault)

    def _next(self, asked: Request, *, before: bool) -> tuple[Fault | None, bytes]:
        for number, (fault, which, answer) in enumerate(self._faults):
            if (fault in BEFORE) is before and which(asked):
                del self._faults[number]
                return fault, answer
        return None, b""

    async def _pass_on(self, request: bytes) -> bytes:
        parts = urlsplit(self.upstream)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        with contextlib.closing(writer):
            head, _, body = request.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            writer.write(b"\r\n".join([*lines, b"Connection: close", b"", body]))
            return await reader.read()


async def _give(writer: Writer, answer: bytes, fault: Fault | None) -> None:
    """Write an answer as the fault has it."""
    if fault is Fault.LOST:
        writer.transport.abort()
    elif fault is Fault.ERROR:
        writer.write(whole(b'{"error":"oops"}', 500, "Content-Type: application/json"))
    elif fault is Fault.PAGE:
        writer.write(whole(PAGE, 502, "Content-Type: text/html"))
    elif fault is Fault.CUT:
        writer.write(whole(b'{"id": "12', 200, "Content-Type: application/json"))
    elif fault is Fault.DRIP:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(DRIP_S)
    else:
        writer.write(answer)
        head = answer.partition(b"\r\n\r\n")[0].lower()
        if b"\r\ncontent-length:" not in head and b"\r\ntransfer-encoding:" not in head:
            writer.close()


@asynccontextmanager
async def proxy(upstream: str) -> AsyncIterator[Proxy]:
    """Stand before a server."""
    made = Proxy(upstream)
    async with wire(made.serve) as url:
        made.url = url
        yield made
