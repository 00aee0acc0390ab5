"""The daemon's ticks."""

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import ticks
from bot.app import App, build
from bot.errors import DataError
from bot.model.boost import WAITING_STATES
from bot.model.moderation import Verdict
from bot.model.notice import NoticeState
from bot.moderation import decide
from bot.reporting import health
from bot.storage import boosts, cases, chain, journal
from bot.storage.migrate import integrity
from tests.clocks import StillClock
from tests.fakes.wire import whole, wire
from tests.storage.full import filled, freed


def sweep(app: App) -> None:
    """Run the tick once."""
    ticks.run(app, next(tick for tick in ticks.every(app) if tick.name == "sweep"))


def test_removed_words_are_gone_when_the_undo_is_over(app: App, clock: StillClock, make_notice: Any):
    """A number that a moderator took out is in no file any more, though nobody decides on anything else."""
    notice = make_notice(state=NoticeState.PENDING, text="TIG welder. Call me on 06 12 34 56 78.")
    undo = timedelta(seconds=app.settings.undo_s)
    app.store.run_write(
        decide.decide,
        notice.id,
        Verdict.ACCEPT_FIXED,
        settings=app.settings,
        admin_id=None,
        now=clock.now(),
        undo=undo,
    )
    sweep(app)
    assert app.store.run_read(cases.before_of, 1)
    clock.advance(undo + timedelta(seconds=1))
    sweep(app)
    app.store.close()
    held = b"".join(file.read_bytes() for file in app.settings.data_dir.glob("languette.db*"))
    assert b"12 34 56 78" not in held


# ---------- a disk that is full or broken ----------


def tick(app: App, name: str) -> None:
    """Run a tick once."""
    ticks.run(app, next(one for one in ticks.every(app) if one.name == name))


def asked(app: App) -> int:
    """Count what was asked."""
    return len(app.store.run_read(boosts.listed, states=WAITING_STATES))


def test_a_full_disk_stops_work_and_no_more(
    app: App, clock: StillClock, make_notice: Any, make_volunteer: Any
):
    """A tick that finds no room leaves no trace of its work; with room again the next one does it."""
    for _ in range(8):
        make_notice()
    for _ in range(40):
        make_volunteer()
    filled(app.store)
    for name in ("plan", "ask", "sweep"):
        tick(app, name)
    assert app.store.run_read(boosts.listed) == []
    freed(app.store)
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        tick(app, "plan")
    assert asked(app) > 0
    assert app.store.run_read(journal.ticks)["plan"]["error"] == ""
    assert integrity(app.settings.database) == ""
    assert app.store.run_read(chain.verify).breach is None


def test_a_broken_disk_stops_work_and_no_more(app: App, make_notice: Any, make_volunteer: Any):
    """Where every write ends in an I/O error nothing is asked and nothing is lost; then work goes on."""
    make_notice()
    make_volunteer()
    app.store.close()

    def child() -> None:
        again = build(app.settings, clock=StillClock())
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write that is refused, as by a disk
        tick(again, "plan")
        with pytest.raises(DataError):
            again.store.run_write(health.probe)
        assert asked(again) == 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        for _ in range(2):
            tick(again, "plan")
        assert asked(again) == 1
        again.close()

    in_a_child(child)
    assert integrity(app.settings.database) == ""


def in_a_child(work: Callable[[], None]) -> None:
    """Run `work` in a forked process that writes nowhere else; its limits end with it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
            structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# ---------- the dead man's switch ----------


def pinging(app: App, url: str) -> App:
    """The same installation with an address to ping."""
    return replace(app, settings=app.settings.model_copy(update={"ping_url": url}))


async def run_beside(work: Callable[[], None]) -> None:
    """Run plain code while the loop serves."""
    await asyncio.get_running_loop().run_in_executor(None, work)


def test_the_watchman_is_told(app: App):
    """The ping is a GET of the operator's own address, with nothing of ours in it."""
    heads: list[bytes] = []

    async def answering(head: bytes, writer: Any) -> None:
        heads.append(head)
        writer.write(whole(b"OK"))

    async def go() -> None:
        async with wire(answering) as url:
            await run_beside(lambda: tick(pinging(app, f"{url}/ping/abc"), "ping"))

    asyncio.run(go())
    assert app.store.run_read(journal.ticks)["ping"]["error"] == ""
    (head,) = heads
    assert head.startswith(b"GET /ping/abc HTTP/1.1")
    assert b"ookie" not in head


def test_the_watchman_is_not_told_when_nothing_can_be_written(app: App):
    """Silence is the alarm: with a full disk no ping leaves."""
    heads: list[bytes] = []

    async def answering(head: bytes, writer: Any) -> None:
        heads.append(head)
        writer.write(whole(b"OK"))

    async def go() -> None:
        filled(app.store)
        async with wire(answering) as url:
            await run_beside(lambda: tick(pinging(app, url), "ping"))

    asyncio.run(go())
    assert heads == []


def test_a_watchman_who_does_not_answer_holds_nothing_up(app: App):
    """A ping ends by its deadline, and says what went wrong."""

    async def answering(_head: bytes, _writer: Any) -> None:
        await asyncio.sleep(60)

    async def go() -> float:
        async with wire(answering) as url:
            begin = time.monotonic()
            await run_beside(lambda: tick(pinging(app, url), "ping"))
            return time.monotonic() - begin

    assert asyncio.run(go()) < 3 * ticks.PING_DEADLINE_S
    assert "NoAnswerError" in app.store.run_read(journal.ticks)["ping"]["error"]


def test_nobody_is_called_without_the_setting(app: App):
    """Without ping_url there is no such tick."""
    assert "ping" not in {one.name for one in ticks.every(app)}
