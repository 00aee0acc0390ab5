"""The daemon's clock."""

from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from bot.daemon import every, wind_up


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
