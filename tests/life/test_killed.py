"""The process is killed at every statement and every commit: nothing is lost, nothing is done twice."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot import ticks
from bot.app import App, build
from bot.delivery import by_hand
from bot.errors import LanguetteError
from bot.intake import form as notice_form
from bot.intake import life
from bot.intake.submit import submit
from bot.model.forms import Stamp
from bot.model.journal import Actor
from bot.model.moderation import Verdict
from bot.moderation.decide import decide
from bot.roster import form as roster_form
from bot.roster.join import join
from bot.sets import regions, sectors
from bot.storage import boosts
from tests.clocks import NOW, StillClock
from tests.life.world import settings_for

Step = Callable[[App], Any]
TWO_PARTS = {"plan", "plan again"}
"""Steps of several transactions: a round plans, then asks."""
PACE = timedelta(minutes=40)
"""Between two steps: longer than any spacing."""
SEEKER = Actor("seeker", 1)


def send(app: App) -> None:
    """A seeker sends the form."""
    typed = notice_form.Submission(
        title="Soudeur TIG",
        place="Saint-Nazaire",
        contract="permanent",
        text="Dix ans de chantier naval.",
        has_post="yes",
        link="https://x.com/moussa/status/1234567890123456789",
        name="Moussa",
        email="moussa@example.org",
        consent=True,
    )
    draft, wrong = notice_form.read(typed, app.networks)
    assert draft is not None, wrong
    app.store.run_write(
        submit,
        draft,
        settings=app.settings,
        keys=app.keys,
        now=app.clock.now(),
        actor=Actor("seeker"),
        form=Stamp("the stamp of the page", NOW + timedelta(days=1)),
    )


def accept(app: App) -> None:
    """A moderator accepts."""
    app.store.run_write(
        decide,
        1,
        Verdict.ACCEPT,
        settings=app.settings,
        admin_id=None,
        now=app.clock.now(),
        undo=timedelta(seconds=30),
    )


def join_as(name: str, app: App) -> None:
    """Somebody joins the roster."""
    typed = roster_form.Application(name=name, handles={"x": name}, quiet="no", charter=True, consent=True)
    profile, wrong = roster_form.read(typed, networks=app.networks, sectors=sectors(), regions=regions())
    assert profile is not None, wrong
    app.store.run_write(
        join, profile, now=app.clock.now(), actor=Actor("volunteer"), lang="fr", consent_act="join_form"
    )


def tick(name: str, app: App) -> None:
    """The daemon works."""
    next(one for one in ticks.every(app) if one.name == name).work(app)


def answer(act: Callable[..., Any], volunteer_id: int, app: App) -> None:
    """A volunteer answers what they were asked."""
    (boost,) = app.store.run_read(boosts.listed, volunteer_id=volunteer_id)
    app.store.run_write(act, boost.id, volunteer_id=volunteer_id, now=app.clock.now())


def found(app: App) -> None:
    """The seeker found a job."""
    app.store.run_write(life.found_job, 1, show_name=False, now=app.clock.now(), actor=SEEKER)


STORY: tuple[tuple[str, Step], ...] = (
    ("send", send),
    ("accept", accept),
    ("join", partial(join_as, "samir_demo")),
    ("plan", partial(tick, "plan")),
    ("open", partial(answer, by_hand.open_boost, 1)),
    ("declare", partial(answer, by_hand.declare, 1)),
    ("join again", partial(join_as, "agnes_demo")),
    ("plan again", partial(tick, "plan")),
    ("skip", partial(answer, by_hand.skip, 2)),
    ("found", found),
)


def play(folder: Path, number: int, kill_at: int) -> None:
    """Do one step in a process of its own, and end it before its `kill_at`-th event; 0 is never."""
    app = build(settings_for(folder), clock=StillClock(NOW + number * PACE))
    seen = 0

    def tally(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(app.store.engine, "before_cursor_execute", tally)
    event.listen(app.store.engine, "commit", tally)
    event.listen(app.store.engine, "checkin", tally)  # the transaction is over
    STORY[number][1](app)
    app.close()


def play_again(folder: Path, number: int) -> None:
    """Do a step after a crash; that it is done already may be said."""
    app = build(settings_for(folder), clock=StillClock(NOW + number * PACE))
    with suppress(LanguetteError):
        STORY[number][1](app)
    app.close()


def facts(folder: Path) -> dict[str, Any]:
    """Give how many rows each table has, and where each notice, volunteer and boost stands."""
    with closing(sqlite3.connect(folder / "languette.db")) as database:
        rows = partial(_rows, database)
        assert rows("PRAGMA integrity_check") == [("ok",)]
        assert rows("PRAGMA foreign_key_check") == []
        tables = [name for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: rows(f"SELECT count(*) FROM {name}") for name in tables} | {
            "notices": rows("SELECT id, state, close_reason, revision FROM notice ORDER BY id"),
            "volunteers": rows("SELECT id, state FROM volunteer ORDER BY id"),
            "boosts": rows("SELECT notice_id, volunteer_id, state, asked_at FROM boost ORDER BY id"),
        }


def _rows(database: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    return database.execute(query).fetchall()


def dump(folder: Path) -> list[str]:
    """Give everything the database holds."""
    with closing(sqlite3.connect(folder / "languette.db")) as database:
        return list(database.iterdump())


@pytest.mark.slow
def test_killed_in_the_middle_of_every_step(tmp_path: Path):
    """Wherever a step is cut off, it is done wholly or not at all; done again, it is done once."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])

    def run(target: Callable[..., None], *args: object) -> int | None:
        process = processes.Process(target=target, args=args)
        process.start()
        process.join(60)
        return process.exitcode

    before, after, cut = tmp_path / "before", tmp_path / "after", tmp_path / "cut"
    build(settings_for(before)).close()
    kills, ends = 0, 0
    for number, (name, _) in enumerate(STORY):
        shutil.copytree(before, after)
        assert run(play, after, number, 0) == 0, name
        undone, done = dump(before), facts(after)
        assert done != facts(before), name
        for kill_at in count(1):
            shutil.copytree(before, cut)
            code = run(play, cut, number, kill_at)
            if code == 0:
                break
            assert code == -signal.SIGKILL, (name, kill_at)
            kills += 1
            if dump(cut) != undone:  # otherwise doing it again is doing it for the first time
                ends += 1
                assert name in TWO_PARTS or facts(cut) == done, (name, kill_at)
                assert run(play_again, cut, number) == 0, (name, kill_at)
                assert facts(cut) == done, (name, kill_at)
            shutil.rmtree(cut)
        shutil.rmtree(cut)
        shutil.rmtree(before)
        after.rename(before)
    assert kills > 100
    assert ends >= len(STORY)
    assert [row[2] for row in facts(before)["boosts"]] == ["declared", "skipped"]
