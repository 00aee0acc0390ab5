"""`bot demo`: a throwaway collective with invented people, in which time runs fast."""

import asyncio
import random
import shutil
import sys
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot import logs
from bot.app import App, build
from bot.daemon import serve
from bot.demo import story
from bot.lock import alone
from bot.model.clock import FastClock
from bot.moderation import admins
from bot.settings import Settings

SPEED = 120.0
"""Seconds of the demo in a real one: a working day goes by in about six minutes."""
OPENING = time(9, 30)
ADMIN = "demo"
PASSWORD = "un papier violet"  # noqa: S105  printed on the screen, on loopback only
ROUND_S = 1.0


def _opening(zone: str) -> datetime:
    today = datetime.now(ZoneInfo(zone)).date()
    return datetime.combine(today, OPENING, ZoneInfo(zone)).astimezone(UTC)


async def _crowd(app: App, stage: story.Stage) -> None:
    """Let the invented people live on, a few acts every second, until the demo is stopped."""
    rng = random.Random(story.SEED)  # noqa: S311  a story, not a secret
    sent = 0
    while True:
        await asyncio.sleep(ROUND_S)
        sent = await asyncio.to_thread(story.go_on, app, rng, app.clock.now(), sent)
        await asyncio.to_thread(story.answer, app, rng, app.clock.now(), besides=stage.you, eagerness=0.08)


WELCOME = """
A demo collective is running: 40 volunteers, 30 notices, all invented; one second is {minutes:.0f} minutes.

  1. A seeker's page; watch the strips come off   {site}/n/{stage.seeker_token}
  2. A volunteer's day; boost by hand             {site}/inbox/{stage.volunteer_token}
  3. Moderate: log in as  {admin} / {password}    {site}/admin
  4. Send a notice of your own                    {site}/
  5. What it all comes to                         {site}/impact

English: put /en/ for /fr/. Ctrl-C ends the demo; the next one starts afresh."""


def _welcome(app: App, stage: story.Stage) -> str:
    return WELCOME.format(
        minutes=SPEED / 60, site=f"{app.settings.address}/fr", stage=stage, admin=ADMIN, password=PASSWORD
    )


def open_demo(settings: Settings) -> tuple[App, story.Stage]:
    """Make the throwaway installation under the data folder and play its past (about ten seconds)."""
    folder = settings.data_dir / "demo"
    for name in ("languette.db", "languette.db-wal", "languette.db-shm", "secret.key"):
        (folder / name).unlink(missing_ok=True)
    for name in ("backups", "scratch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    opening = _opening(settings.time_zone)
    quick = settings.model_copy(update={"data_dir": folder, "plan_every_s": 1})
    past = build(quick, demo=True)
    stage = story.play(past, opening)
    past.store.run_write(admins.create, ADMIN, PASSWORD, now=opening)
    past.close()
    return build(quick, clock=FastClock(opening, SPEED), demo=True), stage


def run(settings: Settings) -> int:
    """Run the demo until Ctrl-C; give the exit code.

    Raises:
        DataError: another demo runs in this folder.
        ConfigError: the port is taken.
    """
    logs.set_up(settings.model_copy(update={"log_level": "warning"}))
    sys.stderr.write("Making the demo's people and their last three days…\n")
    with alone(settings.data_dir / "demo"):
        app, stage = open_demo(settings)
        return serve(app, _welcome(app, stage), beside=lambda live: _crowd(live, stage))
