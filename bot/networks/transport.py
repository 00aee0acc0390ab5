"""aiohttp beneath httpx: a fraction of the processor's time that httpcore takes, with the same promises.

Used by `bot.networks.http` alone. A request counts as having left from the moment a connection is there for
it, a little before its first byte: the error is always towards doubt.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import cast

import aiohttp
import httpx
from yarl import URL

LEFT = "left"
"""Names what a request's `extensions` hold: called without arguments when the request may have left."""
IDLE_S = 5.0
"""A connection on which nothing went for so long is not used again: the other end may just be closing it."""
HEAD_MAX = 64 * 1024
"""Bytes of a line of an answer's head."""


class Transport(httpx.AsyncBaseTransport):
    """Sends a request to the address in its URL, once; TLS asks for the extension `sni_hostname`."""

    def __init__(self, trusted: ssl.SSLContext, connections: int) -> None:
        """Make one inside an event loop; at most `connections` are open at a time."""
        watch = aiohttp.TraceConfig()
        watch.on_connection_create_end.append(_leaves)
        watch.on_connection_reuseconn.append(_leaves)
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ssl=trusted, keepalive_timeout=IDLE_S),
            skip_auto_headers=["Accept", "Accept-Encoding", "Content-Type", "User-Agent"],
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the caller's stands above it
            auto_decompress=False,
            max_line_size=HEAD_MAX,
            max_field_size=HEAD_MAX,
            middlewares=(_once,),
            trace_configs=[watch],
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give its answer, whose body is still to be read.

        Raises:
            httpx.ConnectError: no connection, so that nothing was sent.
            httpx.RemoteProtocolError: anything else; see `LEFT`.
        """
        length = "content-length" in request.headers
        try:
            answer = await self._client.request(
                request.method,
                URL(str(request.url), encoded=True),  # as httpx wrote it
                server_hostname=request.extensions["sni_hostname"],
                headers=[(name.decode(), value.decode("latin-1")) for name, value in request.headers.raw],
                data=await request.aread() if length else None,
                allow_redirects=False,
                trace_request_ctx=request.extensions[LEFT],
            )
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(str(error)) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except aiohttp.ClientError as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        self._answer.close()  # one that was read to its end has given its connection back already


class _BrokenOffError(aiohttp.ClientError):
    """The connection ended before a whole answer."""


async def _leaves(_client: aiohttp.ClientSession, context: SimpleNamespace, _event: object) -> None:
    """Say that a connection is there: from here on nobody can promise that nothing left."""
    cast("Callable[[], None]", context.trace_request_ctx)()


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Let nothing be sent twice: aiohttp repeats by itself what it holds to be idempotent."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:  # nothing left
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenOffError(str(error)) from error
    except aiohttp.ClientResponseError as error:  # it holds the whole request, with the token
        raise _BrokenOffError(error.message) from None
