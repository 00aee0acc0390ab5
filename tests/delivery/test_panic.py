"""The stop button: nothing goes out after it, nothing is lost, going on needs a reason."""

import threading
import time
from datetime import timedelta

import pytest

from bot.app import App
from bot.delivery import due, panic
from bot.errors import ConflictError, UsageError
from bot.model.boost import BoostState
from bot.model.journal import CLI, Actor
from bot.planning import ask
from bot.settings import Settings
from bot.storage import boosts, halts, journal
from tests.conftest import NOW
from tests.planned import plan_boost

HOUR = timedelta(hours=1)
ADMIN = Actor("admin", 1)
PROMISE_S = 5
"""TRUST.md 6 row 12."""


@pytest.fixture
def plan(app: App, make_notice, make_volunteer):
    """Plan one boost, due at `at`, and give its id."""

    def make(at=NOW):
        person = make_volunteer(spacing_min=0, cap_day=30)
        return app.store.run_write(plan_boost, make_notice(), person, due_at=at)

    return make


def release(app: App, now=NOW) -> int:
    """Ask for what is due."""
    settings = Settings(data_dir=app.settings.data_dir, _env_file=None)
    return app.store.run_write(ask.ask_due, settings=settings, keys=app.keys, networks=app.networks, now=now)


def state(app: App, boost_id: int) -> BoostState:
    """Give where a boost stands."""
    return app.store.run_read(boosts.get, boost_id).state


def halt(app: App, now=NOW, reason="odd posts"):
    """Press the button."""
    return app.store.run_write(panic.halt, reason=reason, now=now, actor=ADMIN)


def test_nobody_is_asked_while_halted(app, plan):
    """What is due stays planned during a halt, and is asked after it."""
    boost = plan()
    halt(app)
    assert release(app) == 0
    assert state(app, boost) is BoostState.PLANNED
    app.store.run_write(panic.resume, reason="all is well", now=NOW + HOUR, actor=CLI)
    assert release(app, NOW + HOUR) == 1


def test_an_ask_does_not_run_out_during_a_halt(app, plan):
    """Patience stands still: the time of the halt is added when it ends."""
    boost = plan()
    release(app)
    before = app.store.run_read(boosts.get, boost).expires_at
    halt(app, NOW + HOUR)
    assert app.store.run_write(due.expire, now=before + HOUR) == 0
    assert state(app, boost) is BoostState.ASKED
    longer = app.store.run_write(panic.resume, reason="found it", now=NOW + 31 * HOUR, actor=CLI)
    assert longer == 1
    assert app.store.run_read(boosts.get, boost).expires_at == before + 30 * HOUR
    assert app.store.run_write(due.expire, now=before + 30 * HOUR) == 1


def test_going_on_needs_a_reason(app):
    """Without a reason, or when nothing is halted, going on is refused."""
    with pytest.raises(ConflictError):
        app.store.run_write(panic.resume, reason="why not", now=NOW, actor=CLI)
    halt(app)
    with pytest.raises(UsageError):
        app.store.run_write(panic.resume, reason="  ", now=NOW, actor=CLI)
    assert app.store.run_read(halts.current) is not None


def test_both_are_journalled_without_words(app):
    """The journal says who stopped and who went on; the reasons stay in their own table."""
    number = halt(app, reason="Moussa's posts").id
    app.store.run_write(panic.resume, reason="Moussa is fine", now=NOW + HOUR, actor=CLI)
    lines = app.store.run_read(journal.read, subject=f"halt:{number}")
    assert [(line.action, line.actor) for line in lines] == [("halt.ended", "cli"), ("halt.begun", "admin:1")]
    assert not any("Moussa" in str(line.details) for line in lines)


def test_a_second_panic_keeps_the_first(app):
    """Two people press at once: one halt, since the first."""
    first = halt(app)
    assert halt(app, NOW + HOUR, "me too") == first


def test_a_clock_set_back_takes_no_time_away(app, plan):
    """A halt that seems to end before it began shortens nobody's time to answer."""
    boost = plan()
    release(app)
    before = app.store.run_read(boosts.get, boost).expires_at
    halt(app, NOW + HOUR)
    app.store.run_write(panic.resume, reason="ok", now=NOW - HOUR, actor=CLI)
    assert app.store.run_read(boosts.get, boost).expires_at == before


def test_nothing_goes_out_after_the_button_under_load(app, plan):
    """While asks go out as fast as they can, panic returns within 5 s, and no ask is written after it."""
    ids = [plan(NOW + timedelta(seconds=second)) for second in range(60)]
    over = threading.Event()

    def hammer() -> None:
        for second in range(len(ids)):
            if not over.is_set():
                release(app, NOW + timedelta(seconds=second))

    worker = threading.Thread(target=hammer)
    worker.start()
    try:
        while not app.store.run_read(journal.read, action="boost.asked", limit=1):
            time.sleep(0.01)
        begin = time.monotonic()
        number = halt(app).id
        took = time.monotonic() - begin
        time.sleep(0.3)
    finally:
        over.set()
        worker.join()
    (line,) = app.store.run_read(journal.read, subject=f"halt:{number}")
    asked = app.store.run_read(journal.read, action="boost.asked")
    assert 0 < len(asked) < len(ids)
    assert all(entry.id < line.id for entry in asked)
    assert took < PROMISE_S
