"""What machines ask of the site: alive, ready, figures."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App, build
from bot.backup import make
from bot.delivery import panic
from bot.errors import DataError
from bot.model.journal import CLI
from bot.settings import Settings
from bot.storage import journal
from tests.clocks import StillClock
from tests.conftest import NOW
from tests.storage.full import filled, freed
from tests.web.visitor import Visitor

WELL = {
    "database": "writable",
    "level": "current",
    "heartbeat": "fresh",
    "ticks": "run",
    "halted": "no",
    "disk": "free",
    "key": "not needed",
}


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A machine that asks from this machine."""
    return Visitor(app)


def beat(app: App, age: timedelta = timedelta(0)) -> None:
    """Note a heartbeat that is so old."""
    app.store.run_write(journal.tick, app.clock.now() - age, "ask", took_ms=1, every_s=10, result={})


def ready(visitor: Visitor, clock: StillClock) -> tuple[int, dict[str, str]]:
    """Ask, a little later than the last time."""
    clock.advance(timedelta(seconds=3))
    answer = visitor.get("/readyz")
    return answer.status_code, answer.json()


def test_alive_and_ready(app, visitor, clock):
    """`/healthz` answers; `/readyz` is 503 until a heartbeat is fresh, and again when it is stale."""
    assert visitor.get("/healthz").text == "ok\n"
    assert ready(visitor, clock) == (503, WELL | {"heartbeat": "stale"})
    beat(app)
    assert ready(visitor, clock) == (200, WELL)
    beat(app, timedelta(minutes=2))
    assert ready(visitor, clock) == (503, WELL | {"heartbeat": "stale", "ticks": "trouble: ask"})


def test_a_round_that_fails_or_is_late_shows(app, visitor, clock):
    """A heartbeat is not enough: what asks, plans and sweeps must run, and end well."""

    def plan(**how: Any) -> None:
        app.store.run_write(journal.tick, app.clock.now(), "plan", took_ms=1, every_s=60, **how)

    plan(result={}, error="DataError")
    beat(app)
    assert ready(visitor, clock) == (503, WELL | {"ticks": "trouble: plan"})
    plan(result={})
    beat(app)
    assert ready(visitor, clock) == (200, WELL)
    clock.advance(timedelta(minutes=5))
    beat(app)
    assert ready(visitor, clock) == (503, WELL | {"ticks": "trouble: plan"})


def test_another_level_shows(app, visitor, clock):
    """A database that another version has brought to its own level is none to work on."""
    beat(app)
    app.store.run_write(
        lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    assert ready(visitor, clock) == (503, WELL | {"level": "another"})


def test_the_keys_of_tokens_show(settings, clock, tmp_path):
    """Keys that went, or that others may read, are seen while the daemon runs; the pages never read them."""
    path = tmp_path / "elsewhere" / "vault.key"
    path.parent.mkdir()
    app = build(settings.model_copy(update={"vault_key": str(path)}), clock=clock)
    visitor = Visitor(app)
    beat(app)
    assert ready(visitor, clock) == (503, WELL | {"key": "missing"})
    path.write_text("not looked into", encoding="ascii")
    path.chmod(0o400)
    assert ready(visitor, clock) == (200, WELL | {"key": "kept"})
    path.chmod(0o640)
    assert ready(visitor, clock) == (503, WELL | {"key": "open to others"})
    app.close()


def test_a_halt_shows(app, visitor, clock):
    """While everything is stopped, the site is not ready, and says why."""
    beat(app)
    app.store.run_write(panic.halt, reason="", now=NOW, actor=CLI)
    assert ready(visitor, clock) == (503, WELL | {"halted": "yes"})


def test_a_full_disk_shows_and_goes(app, visitor, clock):
    """A database that cannot grow is not writable; when there is room again, it is, by itself."""
    beat(app)
    filled(app.store)
    assert ready(visitor, clock) == (503, {"database": "not writable"})
    freed(app.store)
    assert ready(visitor, clock) == (200, WELL)


def test_asking_leaves_nothing(app, visitor, clock):
    """However often it is asked, nothing is left in the database."""
    beat(app)
    for _ in range(5):
        ready(visitor, clock)
    assert set(app.store.run_read(journal.ticks)) == {"ask"}


def test_asking_fast_looks_once(app, visitor, clock):
    """Within two seconds the last answer is given again: asking does not wear the disk."""
    beat(app)
    assert ready(visitor, clock)[0] == 200
    app.store.run_write(panic.halt, reason="", now=NOW, actor=CLI)
    assert visitor.get("/readyz").status_code == 200
    clock.advance(timedelta(seconds=-60))  # a clock set back does not freeze the answer
    assert visitor.get("/readyz").status_code == 503


def test_figures(app, visitor, make_notice, make_volunteer):
    """The figures count by state, and tell ages; nothing else is in them."""
    make_notice(title="Soudeuse", name="Moussa")
    make_volunteer(name="Samir")
    beat(app, timedelta(seconds=7))
    make.create(app.settings, app.keys, why="nightly", now=NOW - timedelta(hours=5))
    answer = visitor.get("/metrics")
    assert answer.status_code == 200
    for line in (
        "languette_up 1.0",
        "languette_halted 0.0",
        'languette_notices{state="active"} 1.0',
        'languette_volunteers{state="active"} 1.0',
        'languette_tick_age_seconds{tick="ask"} 7.0',
        "languette_backup_age_seconds 18000.0",
        "languette_recalls_waiting 0.0",
    ):
        assert line in answer.text
    assert "process_resident_memory_bytes" in answer.text
    labels = set(re.findall(r"(\w+)=\"", answer.text))
    assert labels <= {"state", "tick", "version", "level"}
    assert not any(word in answer.text for word in ("Soudeuse", "Moussa", "Samir"))


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"Host": "annonces.example.org"}],
)
def test_figures_are_for_this_machine(visitor, headers):
    """What comes through a proxy, or by the public name, is not from here: there is no such page."""
    assert visitor.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(("who", "code"), [("nobody", 404), ("everybody", 200)])
def test_figures_for_whom_the_settings_say(settings: Settings, clock: StillClock, who: str, code: int):
    """The setting closes them to all or opens them to all."""
    from bot.app import build

    app = build(settings.model_copy(update={"metrics_for": who}), clock=clock)
    answer = Visitor(app).get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    app.close()
    assert answer.status_code == code


def test_full_is_full(app):
    """What the tests above call full refuses to grow."""
    filled(app.store)
    with pytest.raises(DataError):
        app.store.run_write(lambda session: [journal.write(session, NOW, CLI, "x" * 4000) for _ in range(99)])
