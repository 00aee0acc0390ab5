"""The one place that calls other machines: a pool a host, a total deadline, a size limit, no redirects.

What a caller must know after a failure is whether the request may have had an effect: `NotSentError` says it
has not, `NoAnswerError` says that nobody knows.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from bot import __version__
from bot.networks.transport import LEFT, Transport

Gate = Callable[[str, str, int], Awaitable[Sequence[str]]]
"""Gives the addresses a request to (scheme, host, port) may go to, best first; raises OSError when none may.

It is asked for every request, after the URL was parsed, and nothing else is connected to.
"""

CONNECTIONS = 20
"""Per host: nobody's server is asked for more at once."""
HOSTS = 128
"""Pools kept open. The one used longest ago is closed when nothing runs on it."""
DEADLINE_S = 10.0
BODY_MAX = 512 * 1024
"""Bytes of an answer that are read."""
_PORTS = {"https": 443, "http": 80}
_Origin = tuple[str, str, int]
"""Scheme, host, port."""
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": f"Languette/{__version__}",
}
"""No compression: a few bytes could unfold to gigabytes."""


class NotSentError(Exception):
    """The request never left this machine: it has had no effect."""


class NoAnswerError(Exception):
    """The request left and no whole answer came back: whether it had an effect is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            NoAnswerError: it is none, or nested beyond reason.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            message = "the answer is not JSON"
            raise NoAnswerError(message) from error


async def anywhere(_scheme: str, host: str, port: int) -> list[str]:
    """Let every address through: the gate for hosts that only the operator can name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(slots=True)
class _Host:
    """Its connections, and how many requests run on them."""

    transport: Transport
    busy: int = 0


class Http:
    """Calls through `gate`. Lives in one event loop; use it in `async with`, or `close` it.

    `deadline_s` is that of calls which do not say their own. `own`: addresses of the operator's own servers
    by name. A request to `https://NAME` goes there instead, for the server under the same name still; a
    request to the address itself is like any other, so nobody but the operator can lead us there.
    """

    def __init__(
        self, gate: Gate, deadline_s: float = DEADLINE_S, own: Mapping[str, str] | None = None
    ) -> None:
        self._gate = gate
        self._deadline_s = deadline_s
        self._own = {("https", name, 443): _origin(_address(url)) for name, url in (own or {}).items()}
        self._hosts: OrderedDict[_Origin, _Host] = OrderedDict()
        self._trusted = httpx.create_ssl_context()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        deadline_s: float | None = None,
        body_max: int = BODY_MAX,
    ) -> Answer:
        """Send one request and give the whole answer, redirects included as they are.

        `deadline_s` covers everything: the name, the connection, waiting for a free one, every byte.

        Raises:
            NotSentError: nothing left this machine (no such name, refused by the gate, no connection).
            NoAnswerError: it left and no whole answer of at most `body_max` bytes came in time.
        """
        address = _address(url)
        named = _origin(address)
        there, gate = (self._own[named], anywhere) if named in self._own else (named, self._gate)
        left = False

        def leaves() -> None:
            nonlocal left
            left = True

        host = await self._open(named)
        try:
            async with asyncio.timeout(self._deadline_s if deadline_s is None else deadline_s):
                request = httpx.Request(
                    method,
                    address,
                    headers={**_HEADERS, **(headers or {})},
                    params=params,
                    json=json,
                    data=form,
                    content=content,
                    extensions={LEFT: leaves, "sni_hostname": address.host},
                )
                return await _send(host.transport, request, there, await gate(*there), body_max)
        except (httpx.HTTPError, OSError) as error:  # TimeoutError is an OSError
            what = f"{type(error).__name__}: {error}"
            raise (NoAnswerError(what) if left else NotSentError(what)) from error
        finally:
            host.busy -= 1

    async def _open(self, where: _Origin) -> _Host:
        """Give the host's connections, marked busy; idle ones beyond `HOSTS` are closed."""
        host = self._hosts.get(where)
        if host is None:
            host = self._hosts[where] = _Host(Transport(self._trusted, CONNECTIONS))
        self._hosts.move_to_end(where)
        host.busy += 1
        idle = [key for key, one in self._hosts.items() if not one.busy]
        for key in idle[: max(0, len(self._hosts) - HOSTS)]:
            await self._hosts.pop(key).transport.aclose()
        return host

    async def close(self) -> None:
        """Close every connection."""
        while self._hosts:
            await self._hosts.popitem()[1].transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def once(method: str, url: str, gate: Gate, **values: Any) -> Answer:
    """Send one request from plain code; see `Http.request` for the rest. Not inside an event loop."""

    async def send() -> Answer:
        async with Http(gate) as http:
            return await http.request(method, url, **values)

    return asyncio.run(send())


def _address(url: str) -> httpx.URL:
    """Read a URL to call.

    Raises:
        NotSentError: it is no such URL, or it carries a user's name.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        message = "not a URL"
        raise NotSentError(message) from error
    if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo:
        message = "not a URL to call"
        raise NotSentError(message)
    return parsed


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


async def _send(
    transport: Transport, request: httpx.Request, there: _Origin, addresses: Sequence[str], body_max: int
) -> Answer:
    """Send to the first address that takes a connection: checked ones only, no second look-up."""
    scheme, _, port = there
    for left, address in enumerate(addresses, start=1 - len(addresses)):
        # The Host header keeps the name, TLS asks for it.
        request.url = request.url.copy_with(scheme=scheme, host=address, port=port)
        try:
            response = await transport.handle_async_request(request)
        except httpx.ConnectError:
            if left == 0:
                raise
            continue
        try:
            return Answer(response.status_code, dict(response.headers), await _body(response, body_max))
        finally:
            await response.aclose()
    message = "no address"
    raise OSError(message)


async def _body(response: httpx.Response, body_max: int) -> bytes:
    """Read the body as it was sent.

    Raises:
        OSError: it is longer than `body_max`, or compressed although nobody asked for it.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        message = "the answer is compressed"
        raise OSError(message)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > body_max:
            message = f"the answer is longer than {body_max} bytes"
            raise OSError(message)
    return bytes(body)
