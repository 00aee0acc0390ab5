"""What the daemon does again and again. Each tick is one function of the stages and one row in `tick`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot import callers
from bot.backup import check, make, shelf
from bot.delivery import collective as delivery
from bot.delivery import due, janitor, rotation
from bot.errors import DataError, LanguetteError
from bot.intake import found, life
from bot.model.clock import human
from bot.moderation import decide
from bot.networks import http
from bot.planning import ask, collective, prove
from bot.planning import round as planning
from bot.privacy import erasure, retention
from bot.reporting import health
from bot.storage import cases, journal

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger()

ASK_EVERY_S = 10
SWEEP_EVERY_S = 60
PROVE_EVERY_S = 900
BACKUP_EVERY_S = 3_600
RETAIN_EVERY_S = 3600
PING_EVERY_S = 60
ERASED_LATELY = timedelta(minutes=3)
"""How long after an erasure by a command each sweep forgets: a page under way may remember once more."""
PING_DEADLINE_S = 3


@dataclass(frozen=True, slots=True)
class Tick:
    """A named piece of work and how often it is done, in real seconds."""

    name: str
    every_s: float
    work: "Callable[[App], dict[str, Any]]"


def foresee(app: "App") -> dict[str, Any]:
    """Give the figures of the round that would be run now; writes nothing."""
    return _figures(app.store.run_read(planning.run, dry=True, **_terms(app)))


def round_now(app: "App") -> dict[str, Any]:
    """End what is over, plan and ask, once, as the daemon does again and again; give the figures."""
    return {**_sweep(app), **_plan(app)}


def _plan(app: "App") -> dict[str, Any]:
    figures = _figures(app.store.run_write(planning.run, **_terms(app)))
    return {**figures, "asked": _ask_due(app), **_share(app)}


def _share(app: "App") -> dict[str, int]:
    """Let the collective's own accounts share what they may, and take back what has ended."""
    terms: dict[str, Any] = {"policies": app.policies, "networks": app.networks, "now": app.clock.now()}
    due = app.store.run_write(collective.plan, publishing=callers.publishing(app), **terms)
    back = app.store.run_write(delivery.take_back, now=app.clock.now())
    return {"own": due + back} if due or back else {}


def _figures(result: planning.RoundResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in ("planned", "kept", "dropped", "unserved")}


def _terms(app: "App") -> dict[str, Any]:
    """Give what every stage of planning goes by, now."""
    return {
        "settings": app.settings,
        "keys": app.keys,
        "networks": app.networks,
        "policies": app.policies,
        "now": app.clock.now(),
    }


def _prove(app: "App") -> dict[str, Any]:
    return app.store.run_write(prove.run, **_terms(app))


def _ask_due(app: "App") -> int:
    return app.store.run_write(ask.ask_due, **_terms(app))


def _ask(app: "App") -> dict[str, Any]:
    return {"asked": _ask_due(app)}


def _sweep(app: "App") -> dict[str, Any]:
    now = app.clock.now()
    undo = human(app.clock, timedelta(seconds=app.settings.undo_s))
    app.store.run_write(cases.forget_before, now - undo)
    erasure.forget_since(app.ledger(), now - human(app.clock, ERASED_LATELY))
    return {
        "expired": app.store.run_write(due.expire, now=now),
        "mended": _tidy(app, now),
        "overdue": app.store.run_write(life.close_overdue, now=now),
        "back": app.store.run_write(decide.recheck, policies=app.policies, now=now),
        **app.store.run_write(found.forget, now=now),
        "noted": erasure.note_ends(app.store, app.ledger(), now=now),
    }


def _tidy(app: "App", now: datetime) -> int:
    mended = app.store.run_write(janitor.tidy, now=now)
    if mended:
        log.error("lanes_mended", count=mended)
    return mended


def _retain(app: "App") -> dict[str, Any]:
    return dict(retention.sweep(app.store, app.ledger(), now=app.clock.now()))


def _backup(app: "App") -> dict[str, Any]:
    """Make a backup a day and restore it into a scratch folder, to prove that it can be."""
    if not make.due(app.settings, app.keys, app.clock.now()):
        return {"file": "", "fresh": True}
    note = make.create(app.settings, app.keys, why="nightly", now=app.clock.now())
    found = check.verify(app.settings, app.keys, note.name)
    if found.problems:
        message = f"The backup {note.name} does not hold: {found.problems[0]}."
        raise DataError(message)
    return {"file": note.name, "opened": found.opened, **_prune_keys(app)}


def _prune_keys(app: "App") -> dict[str, Any]:
    """Remove retired keys of the vault that no backup needs; where we may not, the doctor says so."""
    if not app.settings.vault_key:
        return {}
    now, folder = app.clock.now(), app.settings.data_dir
    before = shelf.since(folder, now, timedelta(days=app.settings.backup_days))
    try:
        gone = rotation.prune(app.store, Path(app.settings.vault_key), folder, before=before, now=now)
    except LanguetteError:
        log.warning("keys_not_pruned", exc_info=True)
        return {}
    return {"keys": gone} if gone else {}


def _ping(app: "App") -> dict[str, Any]:
    """Tell the operator's own watchman that work goes on: silence is the alarm."""
    app.store.run_write(health.probe)
    answer = http.once("GET", app.settings.ping_url, http.anywhere, deadline_s=PING_DEADLINE_S)
    if not 200 <= answer.status < 300:  # noqa: PLR2004
        message = f"ping_url answered {answer.status}."
        raise DataError(message)
    return {"status": answer.status}


def every(app: "App") -> tuple[Tick, ...]:
    """Give the ticks of an installation. A fast clock ticks every few seconds."""
    fast = app.clock.speed > 1
    ticks = (
        Tick("sweep", 5 if fast else SWEEP_EVERY_S, _sweep),
        Tick("plan", 2 if fast else app.settings.plan_every_s, _plan),
        Tick("prove", 15 if fast else PROVE_EVERY_S, _prove),
        Tick("ask", 1 if fast else ASK_EVERY_S, _ask),
    )
    if fast:  # invented people, on a database that is thrown away
        return ticks
    ping = (Tick("ping", PING_EVERY_S, _ping),) if app.settings.ping_url else ()
    retain, backup = Tick("retain", RETAIN_EVERY_S, _retain), Tick("backup", BACKUP_EVERY_S, _backup)
    return (*ticks, retain, backup, *ping)


def run(app: "App", tick: Tick) -> None:
    """Run one tick and note how it went. A failure is logged and noted; the next run tries again."""
    start = time.monotonic()
    error = ""
    result: dict[str, Any] = {}
    try:
        result = tick.work(app)
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
        log.exception("tick_failed", tick=tick.name)
    span = timedelta(seconds=tick.every_s) * app.clock.speed
    try:
        app.store.run_write(
            journal.tick,
            app.clock.now(),
            tick.name,
            took_ms=round((time.monotonic() - start) * 1000),
            every_s=max(1, round(span.total_seconds())),
            result=result,
            error=error,
        )
    except DataError:  # the disk is full or broken: readiness says so, and the next run tries again
        log.exception("tick_not_noted", tick=tick.name)
