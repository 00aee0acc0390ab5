"""The database fails while boosts are delivered: full, or held by another."""

import asyncio
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.app import App
from bot.delivery.engine import Engine
from bot.errors import DataError
from bot.model.boost import BoostState
from bot.storage import lanes
from tests.delivery.lending import Lending, assert_found_once, delivering, go
from tests.delivery.test_doubt import until
from tests.fakes.recording import RecordingNet

BUSY_MS = 50


@contextmanager
def full(_app: App) -> Iterator[None]:
    """Let no file grow for a while: the write-ahead log takes no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(app: App) -> Iterator[None]:
    """Have another program hold the database, longer than anybody waits."""
    app.store.engine.dispose()
    event.listen(app.store.engine, "connect", _impatient)
    with closing(sqlite3.connect(app.settings.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _impatient(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")


FAILURES = pytest.mark.parametrize("failing", [full, locked], ids=["full", "locked"])


async def refused(engine: Engine) -> None:
    """Take a turn that cannot be written."""
    with pytest.raises(DataError):
        await engine.step()


@FAILURES
def test_nothing_leaves_while_nothing_can_be_written(lending: Lending, net: RecordingNet, failing: Any):
    """No call is made whose intent is not on the disk; afterwards the boost is made once."""
    boost_id = lending.boosted()

    async def run() -> None:
        async with delivering(lending) as engine:
            with failing(lending.app):
                await refused(engine)
                assert net.log == []
            await go(engine)

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]


@FAILURES
def test_an_end_that_cannot_be_written_is_kept_until_it_can(
    lending: Lending, net: RecordingNet, failing: Any
):
    """The boost was made, and the database fails before that is written: it is written later, made once."""
    boost_id = lending.boosted()

    async def run() -> None:
        async with delivering(lending) as engine:
            while not net.requests("boost"):
                await engine.step()
                await _answered(engine)
            with failing(lending.app):
                await refused(engine)
                await refused(engine)
            await go(engine)

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]
    assert net.requests("boost") == 1


@FAILURES
def test_a_process_that_ends_meanwhile_leaves_a_doubt(lending: Lending, net: RecordingNet, failing: Any):
    """The end could not be written, and the process is gone: the next one asks, and sends nothing."""
    boost_id = lending.boosted()

    async def run() -> None:
        async with delivering(lending) as engine:
            while not net.requests("boost"):
                await engine.step()
                await _answered(engine)
            with failing(lending.app):
                await refused(engine)

    asyncio.run(run())
    assert lending.state(boost_id) is BoostState.SENDING
    lending.app.store.run_write(lanes.lapse, "one", lending.clock.now())
    lending.deliver()
    assert_found_once(lending, net, boost_id)
    assert net.requests("boost") == 1


async def _answered(engine: Engine) -> None:
    """Wait until the calls on their way have ended, and write nothing down."""
    await asyncio.gather(*(task for _, task in engine._running.values()))


def test_an_end_that_breaks_holds_back_no_other(lending: Lending, net: RecordingNet):
    """One row refuses what is written of it: the other is written; that boost is in doubt, and made once."""
    odd, even = lending.boosted(), lending.boosted()
    with closing(sqlite3.connect(lending.app.settings.database)) as other:
        other.execute(f"""CREATE TRIGGER odd BEFORE UPDATE OF state ON boost
            WHEN OLD.id = {odd} AND NEW.state = 'verified' BEGIN SELECT RAISE(ABORT, 'odd'); END""")

    async def run() -> None:
        async with delivering(lending) as engine, asyncio.timeout(60):
            working = asyncio.create_task(engine.run())
            await until(lambda: lending.state(even) is BoostState.VERIFIED)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    asyncio.run(run())
    assert lending.state(odd) is BoostState.SENDING
    with closing(sqlite3.connect(lending.app.settings.database)) as other:
        other.execute("DROP TRIGGER odd")
    for _ in range(3):
        lending.advance(minutes=5)
        lending.deliver()
    assert lending.state(odd) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1, 1]
