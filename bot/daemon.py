"""`bot run`: the lock, the clock, the web server, one clean stop."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import __version__, delivering, errands, logs, purse, setting_sources, ticks, watching, web
from bot.app import App, build
from bot.delivery import tokens
from bot.errors import ConfigError
from bot.lenders import Lenders, lenders_of
from bot.lock import alone
from bot.model import legal
from bot.moderation import admins as moderation_admins
from bot.privacy import erasure
from bot.settings import Settings
from bot.storage import admins

log = structlog.get_logger()

STOP_S = 2
WATCH_S = 15
DRIFT_S = 5

Beside = Callable[[App], Coroutine[Any, Any, None]]
"""One more task that lives as long as the daemon."""


def listen(host: str, port: int) -> socket.socket:
    """Open the site's socket before anything else is promised.

    Raises:
        ConfigError: the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        message = f"Cannot listen on {host} port {port} ({error.strerror}). Choose another with --port."
        raise ConfigError(message) from error


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the daemon, which has more to stop than the web server."""
        yield


def every(span: timedelta) -> IntervalTrigger:
    """Give a trigger whose next run is one span from now, whatever the clock said before."""
    return IntervalTrigger(seconds=span.total_seconds(), timezone="UTC")


def wind_up(scheduler: BaseScheduler) -> None:
    """Let every job run again within its span: an old trigger waits for its start, which may lie ahead."""
    for job in scheduler.get_jobs():
        job.reschedule(every(job.trigger.interval))
    scheduler.wakeup()


async def _watch(scheduler: AsyncIOScheduler) -> None:
    """Wake the scheduler when the wall clock steps: APScheduler 3 would sleep for the hour it computed."""
    drift = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(WATCH_S)
        moved = time.time() - time.monotonic() - drift
        if abs(moved) > DRIFT_S:
            log.warning("clock_stepped", seconds=round(moved))
            drift += moved
            wind_up(scheduler)


def _clockwork(app: App, worker: ThreadPoolExecutor) -> AsyncIOScheduler:
    """Make the scheduler: a clock only, every due time lives in our tables. Ticks share one thread."""
    scheduler = AsyncIOScheduler(timezone="UTC")

    async def run(tick: ticks.Tick) -> None:
        await asyncio.get_running_loop().run_in_executor(worker, ticks.run, app, tick)

    for tick in ticks.every(app):
        scheduler.add_job(
            run,
            every(timedelta(seconds=tick.every_s)),
            (tick,),
            id=tick.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler


def _site(app: App, lenders: Lenders) -> _Server:
    return _Server(
        uvicorn.Config(
            web.create(app, lenders),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # who is behind a proxy is ours to say: `trusted_proxies`
            timeout_graceful_shutdown=STOP_S,
            timeout_keep_alive=10,
        )
    )


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _live(app: App, bound: socket.socket, beside: Beside | None, ready: Callable[[], None]) -> None:
    """Open what calls the networks in people's names, and live with it."""
    lenders = lenders_of(app)
    async with lenders.open() as connects:
        await _work(app, lenders.sharing(connects), bound, beside, ready)


async def _work(
    app: App, lenders: Lenders, bound: socket.socket, beside: Beside | None, ready: Callable[[], None]
) -> None:
    """Serve and tick until a signal, or until one of the parts fails; then stop the others."""
    stop, server = _stop_signal(), _site(app, lenders)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn offers no event
        await asyncio.sleep(0.01)
    ready()
    with ThreadPoolExecutor(1, "ticks") as worker:
        for tick in ticks.every(app):
            await asyncio.get_running_loop().run_in_executor(worker, ticks.run, app, tick)
        scheduler = _clockwork(app, worker)
        scheduler.start()
        others = [asyncio.create_task(_watch(scheduler)), asyncio.create_task(_until(stop))]
        if app.settings.watch:
            others.append(asyncio.create_task(watching.run(app)))
        if app.settings.vault_key:
            others.append(asyncio.create_task(errands.run(app, lenders)))
        if delivering.wanted(app):
            others.append(asyncio.create_task(delivering.run(app)))
        if beside is not None:
            others.append(asyncio.create_task(beside(app)))
        await asyncio.wait([serving, *others], return_when=asyncio.FIRST_COMPLETED)
        log.info("daemon_stopping")
        server.should_exit = True
        for task in others:
            task.cancel()
        await drain(scheduler, worker)
        ends = await asyncio.gather(serving, *others, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def drain(scheduler: AsyncIOScheduler, worker: ThreadPoolExecutor) -> None:
    """End the clock once the tick that runs has ended: APScheduler would cancel it, and log a failure."""
    scheduler.pause()
    await asyncio.get_running_loop().run_in_executor(worker, lambda: None)
    scheduler.shutdown(wait=False)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


def serve(app: App, welcome: str, *, beside: Beside | None = None) -> int:
    """Serve `app` until SIGTERM or Ctrl-C, with one more task `beside`; print `welcome` once it answers."""
    bound = listen(app.settings.host, app.settings.port)
    try:
        asyncio.run(_live(app, bound, beside, lambda: print(welcome, flush=True)))  # noqa: T201  for the operator
    finally:
        bound.close()
        app.close()
    log.info("daemon_stopped")
    return 0


def _welcome(app: App) -> str:
    site, lang = app.settings.address, app.settings.default_lang
    lines = [
        f"Languette {__version__} is running. Ctrl-C ends it.",
        f"  Seekers     {site}/{lang}/",
        f"  Volunteers  {site}/{lang}/join",
        f"  Impact      {site}/{lang}/impact",
        f"  Admin       {site}/{lang}/admin",
    ]
    if lack := setting_sources.no_folder():
        lines += ["", lack]
    if not app.settings.contact:
        lines += ["", "Nobody who reads the pages can write to you yet: set `contact` (see bot config)."]
    if lacks := legal.missing(app.settings):
        lines += ["", f"The legal notices are not filled in: {', '.join(lacks)}. `bot config` shows where."]
    if app.store.run_read(admins.count) == 0:
        token = app.store.run_write(moderation_admins.new_setup_link, app.clock.now())
        lines += [
            "",
            "Choose the admin's password here (works once, for 24 hours):",
            f"  {site}/{lang}/admin/setup/{token}",
        ]
    return "\n".join(lines)


def run(settings: Settings) -> int:
    """Run the daemon on the working folder until it is told to stop; give the exit code.

    Raises:
        DataError: another daemon holds the folder, or the database cannot be used.
        ConfigError: a setting or the port cannot be used, or a key that the tokens need is missing.
    """
    logs.set_up(settings)
    with alone(settings.data_dir):
        app = build(settings)
        # Whoever was erased since the backup that may have been copied back does not come back.
        erasure.replay(app.store, app.ledger(), now=app.clock.now())
        watching.check(app)
        purse.check(app)
        tokens.ready(app.store, settings.vault_key, settings.data_dir)
        return serve(app, _welcome(app))
