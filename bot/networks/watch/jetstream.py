"""Watching Bluesky: Jetstream version 2, version 1 where a host has no other. No credential is needed.

Contract: bluesky-social/jetstream docs/README.md, section 5, and its lexicon subscribeEvents (August 2026).
All posts flow by; a hashtag is looked for in the raw bytes first.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from bot import __version__
from bot.model.found import Batch, FoundAuthor, FoundPost, Missed
from bot.networks.errors import RateLimitedError, RefusedError, UnavailableError
from bot.networks.watch.base import Wanted
from bot.networks.watch.frames import POSTS, Event, Sieve, found_in, read_frame

LOOKBACK = timedelta(hours=36)
"""How far back a host can replay (docs/README.md section 5)."""
REWIND = timedelta(seconds=10)
"""Read twice when the host changes: two hosts do not see everything in the same order."""
WINDOW_S = 1.0
"""Longest wait of a post that was seen."""
IDLE_WINDOWS = 5
"""Windows without a post after which the cursor is stored all the same."""
OPEN_S = 15.0
CLOSE_S = 2.0
_TOO_MANY, _BAD = 429, 400
_UNKNOWN = frozenset({404, 405, 501})

Profile = Callable[[str], Awaitable[FoundAuthor | None]]
"""Gives what is known of an author by DID; None when the account is gone."""
Keep = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the stream: `seq` counts on `host` only (0: version 1), `time_us` everywhere."""

    host: str
    seq: int
    time_us: int

    def __str__(self) -> str:
        return f"{self.host} {self.seq} {self.time_us}"

    @property
    def at(self) -> datetime:
        """When the last event that was read happened."""
        return datetime.fromtimestamp(self.time_us / 1_000_000, UTC)

    @property
    def rewound_us(self) -> int:
        """The time to start from on another host."""
        return self.time_us - REWIND // timedelta(microseconds=1)


def read_cursor(text: str) -> Cursor | None:
    """Read what `str(cursor)` wrote; None when it is something else."""
    try:
        host, seq, time_us = text.split()
        return Cursor(host, int(seq), int(time_us))
    except ValueError:
        return None


class _NoVersion2Error(Exception):
    """The host does not speak version 2."""


class _TooOldError(Exception):
    """The host cannot go back to the cursor."""


class Jetstream:
    """See `bot.networks.watch.base.Source`. Hosts are addresses like `wss://jetstream.example`."""

    name = "bluesky"
    network = "bluesky"

    def __init__(self, wanted: Wanted, host: str, old_host: str, profile: Profile) -> None:
        self._wanted = wanted
        self._sieve = Sieve(wanted.tags)
        self._host = host
        self._old_host = old_host
        self._profile = profile

    async def batches(self, cursor: str) -> AsyncGenerator[Batch]:
        """Read on; where a cursor is too old, say what was missed and go on at the oldest there is."""
        start = read_cursor(cursor)
        host, behind = self._host, None
        try:
            stream = await _opened(self._v2(start))
        except _TooOldError:
            assert start is not None, "only a cursor can be too old"
            behind = start
            stream = await _opened(self._v2(replace(start, host="")))
        except _NoVersion2Error:
            host = self._old_host
            stream = await _opened(self._v1(start))
            # Version 1 goes back as far as it can and does not say so.
            behind = start if start and datetime.now(UTC) - start.at > LOOKBACK else None
        async with closing(stream):
            async for batch in self._read(stream, host, start, behind):
                yield batch

    def _v2(self, start: Cursor | None) -> str:
        query = {"collections": POSTS, "kinds": "commit"}
        if start is not None:
            same = start.seq and start.host == self._host
            query["cursor"] = str(start.seq if same else start.rewound_us)
        return f"{self._host}/xrpc/network.bsky.jetstream.subscribeEvents?{urlencode(query)}"

    def _v1(self, start: Cursor | None) -> str:
        query = {"wantedCollections": POSTS}
        if start is not None:
            query["cursor"] = str(start.rewound_us)
        return f"{self._old_host}/subscribe?{urlencode(query)}"

    async def _read(
        self, stream: ClientConnection, host: str, start: Cursor | None, behind: Cursor | None
    ) -> AsyncGenerator[Batch]:
        """Give batches. `behind` is the cursor that the host could not go back to."""
        idle, count = 0, 0

        def first(frame: bytes) -> bool:
            return b"#info" in frame or self._sieve(frame)

        keep: Keep = first
        while True:
            frames, last, more = await _window(stream, keep)
            idle, count = idle + 1, count + more
            place = _readable(last) if last else None
            if place is None or not place.time_us:
                continue
            events = [event for frame in frames if (event := _readable(frame))]
            if keep is first:
                keep = self._sieve
                if any(event.name == "OutdatedCursor" for event in events):
                    behind = start
            posts = [post for event in events if (post := found_in(event, self._wanted))]
            if posts or behind or idle >= IDLE_WINDOWS:
                named = tuple([await self._with_author(post) for post in posts])
                missed = Missed(behind.at, place.at, "the cursor was too old") if behind else None
                yield Batch(named, str(Cursor(host, place.seq, place.time_us)), missed, count)
                idle, count, behind = 0, 0, None

    async def _with_author(self, post: FoundPost) -> FoundPost:
        """Add what the author's profile says; whoever is gone does not want to be found."""
        known = await self._profile(post.author.id)
        if known is None:
            return replace(post, author=replace(post.author, hidden=True))
        author = replace(known, bot=known.bot or post.author.bot, hidden=known.hidden or post.author.hidden)
        return replace(post, author=author, post=replace(post.post, author=author.handle or author.id))


@asynccontextmanager
async def closing(stream: ClientConnection) -> AsyncGenerator[None]:
    """Close the stream whatever happens, within `CLOSE_S`."""
    try:
        yield
    finally:
        await stream.close()


async def _opened(url: str) -> ClientConnection:
    """Connect; say what a refused handshake means.

    Raises:
        NetworkError: one of the four.
    """
    second = "/xrpc/" in url
    try:
        return await connect(
            url,
            subprotocols=[Subprotocol("xrpc.v1.json")] if second else None,
            compression=None,
            user_agent_header=f"Languette/{__version__}",
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            proxy=None,
        )
    except InvalidStatus as error:
        raise _refused(error, url, second=second) from error
    except (InvalidHandshake, OSError, TimeoutError) as error:
        message = f"{urlsplit(url).hostname}: {type(error).__name__}"
        raise UnavailableError(message) from error


def _refused(error: InvalidStatus, url: str, *, second: bool) -> Exception:
    """Give what a refused handshake means."""
    response = error.response
    code, name = response.status_code, ""
    try:
        name = str(json.loads(response.body or b"{}").get("error", ""))
    except (ValueError, AttributeError):
        name = "without a reason"
    if second and name == "CursorTooOld":
        return _TooOldError()
    if second and (code in _UNKNOWN or code == _BAD):
        return _NoVersion2Error()
    message = f"{urlsplit(url).hostname} answered {code} {name}".strip()
    if code == _TOO_MANY:
        wait = response.headers.get("Retry-After", "")
        seconds = int(wait) if wait.isdecimal() else 60
        return RateLimitedError(message, datetime.now(UTC) + timedelta(seconds=seconds))
    return RefusedError(message) if _BAD <= code < 500 else UnavailableError(message)  # noqa: PLR2004  a server's


async def _window(stream: ClientConnection, keep: Keep) -> tuple[list[bytes], bytes | None, int]:
    """Read for `WINDOW_S`: the frames worth a look, the last frame, how many there were.

    Raises:
        UnavailableError: the stream has ended; an error frame says why.
    """
    kept: list[bytes] = []
    last: bytes | None = None
    count = 0
    receive = stream.recv
    try:
        async with asyncio.timeout(WINDOW_S):
            while True:
                last = await receive(decode=False)
                count += 1
                if keep(last):
                    kept.append(last)
    except TimeoutError:
        return kept, last, count
    except ConnectionClosed as error:
        event = _readable(last) if last else None
        if count and (event is None or event.kind != "error"):
            return kept, last, count  # stored first; the next window finds the end again
        message = f"Jetstream ended the stream: {event.name if event else 'no reason given'}"
        raise UnavailableError(message) from error


def _readable(frame: bytes) -> Event | None:
    try:
        return read_frame(frame)
    except ValueError:
        return None
