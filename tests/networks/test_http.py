"""Calls to other machines: deadline, size, redirects, cookies, and what is known after a failure."""

import asyncio
import time

import pytest

from bot.networks.http import CONNECTIONS, HOSTS, Http, NoAnswerError, NotSentError, anywhere
from bot.trust.outbound import PublicOnly
from tests.fakes.wire import Writer, whole, wire


def ask(answering, **values):
    """Serve `answering`, GET `/` once and give the answer."""

    async def go():
        async with wire(answering) as url, Http(anywhere) as http:
            return await http.request("GET", url, **values)

    return asyncio.run(go())


def saying(*chunks: bytes):
    """Write these bytes in answer to every request."""

    async def answering(_head: bytes, writer: Writer) -> None:
        for chunk in chunks:
            writer.write(chunk)

    return answering


def test_answer_is_given_whole_whatever_its_status():
    """A 404 is an answer like any other; header names are lower case."""
    answer = ask(saying(whole(b'{"a": 1}', 404, "X-Left: 3")))
    assert (answer.status, answer.headers["x-left"], answer.json()) == (404, "3", {"a": 1})


def test_query_is_sent_as_it_was_written():
    """What was escaped stays escaped: signatures and proofs name the very address."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head.split(b"\r\n")[0])
        writer.write(whole(b"{}"))

    ask(answering, params={"did": "did:plc:é/+ &"})
    assert seen == [b"GET /?did=did%3Aplc%3A%C3%A9%2F%2B+%26 HTTP/1.1"]


def test_redirect_is_not_followed():
    """A redirect comes back as it is: nothing is called that the gate did not see."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        writer.write(whole(b"", 302, "Location: /elsewhere"))

    assert ask(answering).status == 302
    assert len(seen) == 1


def test_total_deadline_stops_a_slow_answer():
    """A byte every 50 ms never trips a read timeout; the total deadline ends it."""

    async def answering(_head: bytes, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(NoAnswerError):
        ask(answering, deadline_s=0.4)
    assert time.monotonic() - start < 1.4


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(whole(b"x" * 1001), id="too long"),
        pytest.param(b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n{}", id="truncated"),
        pytest.param(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", id="no last chunk"),
        pytest.param(whole(b"\x1f\x8b", 200, "Content-Encoding: gzip"), id="compressed"),
        pytest.param(b"SSH-2.0-nothing\r\n", id="not HTTP"),
        pytest.param(b"", id="hung up"),
    ],
)
def test_broken_answer_says_that_nobody_knows(said):
    """An answer that is not whole, or not one we read, may come after an effect."""

    async def answering(_head: bytes, writer: Writer) -> None:
        writer.write(said)
        writer.close()

    with pytest.raises(NoAnswerError):
        ask(answering, body_max=1000)


@pytest.mark.parametrize("body", [b"<html>", b"[" * 200_000, b'{"id": "12', b"\xff"])
def test_what_is_not_json_is_no_answer(body):
    """Bytes that are not JSON, or are nested beyond reason, count as no answer."""
    with pytest.raises(NoAnswerError):
        ask(saying(whole(body))).json()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "ftp://example.org/", "http://a@example.org/", "http://", "http://[::/", "x"],
)
def test_what_never_left_says_so(url):
    """No connection, another scheme, a login in the URL, no URL: nothing was sent."""

    async def go():
        async with Http(anywhere) as http:
            await http.request("POST", url)

    with pytest.raises(NotSentError):
        asyncio.run(go())


def test_refusal_of_the_gate_sends_nothing():
    """The gate is asked before any connection, and its refusal is final."""
    seen = []

    async def gate(scheme: str, host: str, port: int) -> list[str]:
        raise PermissionError(scheme, host, port)

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)

    async def go():
        async with wire(answering) as url, Http(gate) as http:
            await http.request("GET", url)

    with pytest.raises(NotSentError, match=r"127\.0\.0\.1"):
        asyncio.run(go())
    assert seen == []


def test_own_servers_are_reached_by_their_names_alone():
    """The name leads to the address, past the gate; the address, however it is written, to nothing."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        writer.write(whole())

    async def go():
        async with wire(answering) as url, Http(PublicOnly(), own={"social.example.org": url}) as http:
            port = url.rpartition(":")[2]
            await http.request("GET", "https://Social.example.org:443/a?b=c")
            for other in (
                f"{url}/admin",
                f"http://localhost:{port}/admin",
                f"https://127.0.0.1:{port}/admin",
                f"http://social.example.org:{port}/admin",
                f"https://social.example.org:{port}/admin",
                "http://social.example.org/admin",
                "http://127.0.0.1:443/admin",
                "https://127.0.0.1/admin",
                "https://social.example.org@127.0.0.1/admin",
            ):
                with pytest.raises(NotSentError):
                    await http.request("GET", other)

    asyncio.run(go())
    [asked] = seen
    assert asked.startswith(b"GET /a?b=c HTTP/1.1\r\nHost: social.example.org\r\n")


def test_checked_address_is_connected_to_under_the_host_s_name():
    """Only the gate's addresses are tried, in order; the server still sees the name that was asked."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        writer.write(whole())

    async def gate(*_where: object) -> list[str]:
        return ["127.0.0.2", "::1", "127.0.0.1"]  # nothing listens on the first two

    async def go():
        async with wire(answering) as url, Http(gate) as http:
            port = url.rpartition(":")[2]
            await http.request("GET", f"http://piaille.example:{port}/a", params={"b": "c d"})

    asyncio.run(go())
    assert seen[0].startswith(b"GET /a?b=c+d HTTP/1.1\r\nHost: piaille.example:")


def test_cookies_are_not_kept():
    """A cookie that a server sets never comes back to it."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        writer.write(whole(b"", 200, "Set-Cookie: a=b; Path=/"))

    async def go():
        async with wire(answering) as url, Http(anywhere) as http:
            for _ in range(2):
                await http.request("GET", url)

    asyncio.run(go())
    assert [head.lower().count(b"cookie") for head in seen] == [0, 0]


def test_a_host_gets_at_most_its_connections():
    """More requests than connections wait their turn on the same client."""
    now, most = 0, 0

    async def answering(_head: bytes, writer: Writer) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(whole())

    async def go():
        async with wire(answering) as url, Http(anywhere) as http:
            await asyncio.gather(*(http.request("GET", url) for _ in range(3 * CONNECTIONS)))

    asyncio.run(go())
    assert most == CONNECTIONS


def test_a_request_whose_turn_never_came_was_not_sent():
    """Its deadline passes while every connection to the host is taken: it has had no effect."""

    async def answering(_head: bytes, _writer: Writer) -> None:
        await asyncio.sleep(60)

    async def go():
        async with wire(answering) as url, Http(anywhere) as http:
            calls = [http.request("POST", url, deadline_s=2.0) for _ in range(CONNECTIONS)]
            taken = [asyncio.create_task(one) for one in calls]
            await asyncio.sleep(0.5)
            late = http.request("POST", url, deadline_s=0.5)
            return await asyncio.gather(late, *taken, return_exceptions=True)

    late, *taken = asyncio.run(go())
    assert isinstance(late, NotSentError)
    assert {type(one) for one in taken} == {NoAnswerError}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_request_is_sent_once(method):
    """A connection that ends without an answer is no reason to ask again, whatever the method."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        if len(seen) == 1:
            writer.write(whole())
        else:
            writer.transport.abort()

    async def go():
        async with wire(answering) as url, Http(anywhere) as http:
            await http.request("POST", url)  # so that the next one finds a connection that was good
            with pytest.raises(NoAnswerError):
                await http.request(method, url)

    asyncio.run(go())
    assert len(seen) == 2


def test_idle_clients_are_closed_and_busy_ones_kept():
    """Beyond HOSTS open clients the one used longest ago is closed, and opens again when needed."""
    seen = []

    async def answering(head: bytes, writer: Writer) -> None:
        seen.append(head)
        writer.write(whole())

    async def gate(*_where: object) -> list[str]:
        return ["127.0.0.1"]

    async def go():
        async with wire(answering) as url, Http(gate) as http:
            port = url.rpartition(":")[2]
            for number in (*range(HOSTS + 10), 0):
                await http.request("GET", f"http://h{number}.example:{port}/")
            return len(http._hosts)

    assert asyncio.run(go()) == HOSTS
    assert len(seen) == HOSTS + 11
