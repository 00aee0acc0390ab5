"""The daemon's clock."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler

from bot.daemon import drain, every, wind_up


def test_ticks_run_again_soon_after_the_clock_was_set_back():
    """A machine that starts with its clock ahead does not sleep until the time it started at."""
    scheduler = BackgroundScheduler(timezone="UTC")
    trigger = every(timedelta(seconds=60))
    trigger.start_date += timedelta(hours=5)  # as if the clock had been five hours ahead
    scheduler.start(paused=True)
    job = scheduler.add_job(print, trigger)
    try:
        assert job.next_run_time > datetime.now(UTC) + timedelta(hours=4)
        wind_up(scheduler)
        assert job.next_run_time <= datetime.now(UTC) + timedelta(seconds=61)
    finally:
        scheduler.shutdown(wait=False)


def test_a_tick_that_runs_is_not_cut_off(caplog: pytest.LogCaptureFixture):
    """A stop waits for the tick that runs, and nothing is logged as a failure."""
    began, ended = threading.Event(), threading.Event()

    def tick() -> None:
        began.set()
        time.sleep(0.2)
        ended.set()

    async def stop_in_the_middle() -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as worker:

            async def run() -> None:
                await loop.run_in_executor(worker, tick)

            scheduler = AsyncIOScheduler(timezone="UTC")
            scheduler.add_job(run)
            scheduler.start()
            await asyncio.to_thread(began.wait, 5)
            assert not ended.is_set()
            await drain(scheduler, worker)
            assert ended.is_set()

    asyncio.run(stop_in_the_middle())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
