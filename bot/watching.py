"""The watchers of the daemon: one task a source, which reads, hands over, and waits alone when it fails.

While the collective is halted they read nothing: a question to a network goes out as a boost does, and may
cost money. They go on where they stopped.
"""

import asyncio
import time
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import DataError
from bot.intake import found
from bot.networks.errors import AccessLostError, NetworkError, RefusedError, UnavailableError
from bot.networks.http import Http, anywhere
from bot.networks.watch.base import Source
from bot.storage import halts, watchers

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger()

RETRY_S = 2.0
RETRY_MAX_S = 320.0
SELDOM = timedelta(minutes=30)
"""Between two tries that only a person can make succeed: a lost credential, a refusal."""
HALT_LOOK_S = 2.0
"""Between two looks at whether the collective is halted: reading ends well within five seconds of it."""
STEADY_S = 60.0
"""A source that gave something this long after its last failure has recovered."""


def sources(app: "App", http: Http) -> list[Source]:
    """Give what the settings ask to watch; nothing when `watch` is empty.

    Raises:
        ConfigError: a network cannot be watched, or something it needs is missing.
    """
    from bot.watchlist import build  # noqa: PLC0415  the libraries of the networks take half a second

    return build(app, http) if app.settings.watch else []


def check(app: "App") -> None:
    """Refuse to start with sources that cannot be watched.

    Raises:
        ConfigError: the message names the setting.
    """
    sources(app, Http(anywhere))


async def run(app: "App") -> None:
    """Watch until cancelled."""
    async with Http(anywhere) as http:
        await unless_halted(app, sources(app, http))


async def unless_halted(app: "App", found_sources: list[Source]) -> None:
    """Watch these while the collective is not halted, until cancelled.

    A question that is on its way when a halt begins is given up; what it would have brought is read later.
    """
    while True:
        await _until_halted(app, halted=False)
        reading = asyncio.create_task(_together(app, found_sources))
        halt = asyncio.create_task(_until_halted(app, halted=True))
        try:
            await asyncio.wait({reading, halt}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
            halt.cancel()
            ends = await asyncio.gather(reading, halt, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        log.warning("watchers_halted")


async def _together(app: "App", found_sources: list[Source]) -> None:
    """Watch every source, each alone."""
    async with asyncio.TaskGroup() as tasks:
        for source in found_sources:
            tasks.create_task(watch(app, source), name=source.name)


async def _until_halted(app: "App", *, halted: bool) -> None:
    """Wait until the collective is halted, or is not."""
    while (await app.store.read(halts.current) is not None) is not halted:  # noqa: ASYNC110  no event of it
        await asyncio.sleep(HALT_LOOK_S)


async def watch(app: "App", source: Source) -> None:
    """Read one source for ever. What was read is stored with its cursor before more is asked for."""
    failures = 0
    known = await app.store.read(watchers.get, source.name)
    if known and known.until:
        await _sleep_until(app, known.until)
    while True:
        begun = time.monotonic()
        try:
            await _read(app, source)
        except NetworkError as error:
            trouble = error
        except Exception:
            log.exception("watcher_failed", watcher=source.name)
            trouble = UnavailableError("the program failed at what it read; its log says where")
        else:
            trouble = UnavailableError("the source ended")
        failures = 1 if time.monotonic() - begun > STEADY_S else failures + 1
        await _sleep_until(app, await _note(app, source, trouble, failures))


async def _note(app: "App", source: Source, trouble: NetworkError, failures: int) -> datetime:
    """Keep what stands in a source's way for the pages; give when it tries again."""
    now = app.clock.now()
    until = max(trouble.until or now + wait_after(trouble, failures), now + timedelta(seconds=1))
    log.warning("watcher_waits", watcher=source.name, error=trouble.name, why=trouble.why, until=str(until))
    values: dict[str, Any] = {"error": trouble.name, "why": trouble.why, "until": until, "now": now}
    try:
        await app.store.write(watchers.failed, source.name, source.network, **values)
    except DataError:
        log.exception("watcher_not_noted", watcher=source.name)
    return until


async def _read(app: "App", source: Source) -> None:
    known = await app.store.read(watchers.get, source.name)
    async with aclosing(source.batches(known.cursor if known else "")) as batches:
        async for batch in batches:
            taken = await app.store.write(
                found.take_in,
                batch,
                watcher=source.name,
                network=source.network,
                settings=app.settings,
                keys=app.keys,
                now=app.clock.now(),
            )
            if batch.missed:
                log.error("posts_missed", watcher=source.name, why=batch.missed.why)
            if taken.left:
                log.warning("posts_left", watcher=source.name, left=taken.left)
            if taken.seen:
                log.info("posts_seen", watcher=source.name, seen=taken.seen, entered=taken.entered)


def wait_after(trouble: NetworkError, failures: int) -> timedelta:
    """Give how long to wait after the n-th failure in a row, when the network did not say."""
    if isinstance(trouble, (AccessLostError, RefusedError)):
        return SELDOM
    return timedelta(seconds=min(RETRY_MAX_S, RETRY_S * 2 ** (failures - 1)))


async def _sleep_until(app: "App", until: datetime) -> None:
    """Wait; the span is taken once, so that a clock that is set back does not prolong it."""
    await asyncio.sleep(max(0.0, (until - app.clock.now()).total_seconds() / app.clock.speed))
