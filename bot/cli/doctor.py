"""`bot doctor`: looks at everything a start needs and says what to do about what is wrong."""

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json
from bot.cli.findings import Finding, lending, rights
from bot.errors import LanguetteError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.storage.store import Store

PYTHON_MIN = (3, 11)
FREE_MIN_BYTES = 500_000_000
SITE_TIMEOUT_S = 5
NIGHT = datetime(2026, 1, 1, 12)  # noqa: DTZ001  a wall time, put into a zone below


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    wrong = sys.version_info < PYTHON_MIN
    return Finding("python", found, "Install Python 3.11 or newer, then `make run`." if wrong else "", wrong)


def _folder(settings: "Settings") -> Finding:
    folder = settings.data_dir
    if not folder.exists():
        return Finding("folder", f"{folder} does not exist yet", "`bot run` makes it.")
    try:
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        advice = f"Give this user the right to write there: chown -R $(id -u) {folder}"
        return Finding("folder", f"{folder} cannot be written ({error.strerror})", advice, wrong=True)
    return Finding("folder", f"{folder} can be written")


def _disk(settings: "Settings") -> Finding:
    place = next(
        p for p in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if p.exists()
    )
    free = shutil.disk_usage(place).free
    wrong = free < FREE_MIN_BYTES
    return Finding(
        "disk",
        f"{show.size(free)} free",
        f"Make room: under {show.size(FREE_MIN_BYTES)}." if wrong else "",
        wrong,
    )


def _key(settings: "Settings") -> Finding:
    path = settings.data_dir / "secret.key"
    if not path.exists() and not settings.database.exists():
        return Finding("key", "none yet", "`bot run` makes it; keep a copy in a safe place.")
    from bot.trust.links import open_keyring

    try:
        open_keyring(path, fresh=False)
    except LanguetteError as error:
        return Finding("key", "cannot be used", str(error), wrong=True)
    return Finding("key", f"{path} is readable by its owner only")


def _backups(settings: "Settings") -> Finding:
    from bot.backup import shelf
    from bot.backup.seal import open_keys

    names = shelf.names(settings.data_dir)
    if not names:
        return Finding("backups", "none yet", "`bot backup create` makes one; the daemon makes one a day.")
    found = f"{len(names)}, the newest is {names[-1]}"
    try:
        keys = open_keys(settings)
    except LanguetteError as error:
        return Finding("backups", found, str(error), wrong=True)
    if keys.beside:
        advice = f"{keys.identity} opens them and lies beside the data: move it away, see `backup_key`."
        return Finding("backups", found, advice)
    return Finding("backups", found)


def _zones(settings: "Settings") -> Finding:
    try:
        offset = NIGHT.replace(tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
        ZoneInfo(settings.time_zone)
    except ZoneInfoNotFoundError as error:
        return Finding("time zones", str(error), "Install tzdata: pip install tzdata", wrong=True)
    wrong = offset != timedelta(hours=1)
    return Finding("time zones", settings.time_zone, "The time zone data is damaged." if wrong else "", wrong)


def _contact(settings: "Settings") -> Finding:
    if settings.contact:
        return Finding("contact", settings.contact)
    return Finding(
        "contact",
        "none: nobody who reads the pages can write to you",
        "Set BOT_CONTACT, or contact in config.",
    )


def _daemon(settings: "Settings") -> Finding:
    from bot.lock import is_running

    where = f"{settings.host} port {settings.port}"
    if is_running(settings.data_dir):
        return _site(
            f"http://{settings.host if ':' not in settings.host else f'[{settings.host}]'}:{settings.port}"
        )
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        advice = "Choose another port: `bot run --port 8001`."
        return Finding("daemon", f"not running, and {where} is taken ({error.strerror})", advice, wrong=True)
    return Finding("daemon", f"not running, {where} is free", "`bot run` starts it.")


def _site(address: str) -> Finding:
    from bot.networks.http import NoAnswerError, NotSentError, anywhere, once

    try:
        answer = once("GET", f"{address}/healthz", anywhere, deadline_s=SITE_TIMEOUT_S)
    except (NotSentError, NoAnswerError) as error:
        advice = "If it was started with --host or --port, give doctor the same through BOT_HOST, BOT_PORT."
        return Finding("daemon", f"running, but {address} does not answer ({error})", advice, wrong=True)
    wrong = answer.status != HTTPStatus.OK
    return Finding("daemon", f"running, {address} answers {answer.status}", "", wrong)


def _database(store: "Store") -> Finding:
    from bot.storage.migrate import integrity, levels

    damage = integrity(store.path)
    if damage:
        advice = "Stop the daemon, then `bot backup restore` the newest one that holds."
        return Finding("database", f"damaged: {damage}", advice, wrong=True)
    found, head = levels(store.engine)
    if found != head:
        return Finding(
            "database", f"level {found or 'none'}, this program needs {head}", "`bot run` migrates it."
        )
    return Finding("database", f"sound, level {head}")


def _admin(store: "Store", settings: "Settings") -> Finding:
    from bot.storage import admins

    if count := store.run_read(admins.count):
        return Finding("admin", f"{count} may log in at {settings.address}/{settings.default_lang}/admin")
    return Finding("admin", "nobody can log in yet", "`bot admins add` prints a link to choose a password.")


def _ticks(store: "Store", settings: "Settings", now: datetime) -> Finding:
    from bot.lock import is_running
    from bot.reporting import health

    pulses = store.run_read(health.pulses, now=now)
    for pulse in pulses:
        if pulse.error:
            advice = "Look at the daemon's log; `bot journal` shows what happened before."
            return Finding("ticks", f"{pulse.name} failed: {pulse.error}", advice, wrong=True)
    if not is_running(settings.data_dir):
        return Finding("ticks", "the daemon is not running")
    late = [f"{pulse.name} ({show.span(pulse.age)} ago)" for pulse in pulses if pulse.stale]
    if late:
        return Finding(
            "ticks", f"late: {', '.join(late)}", "Restart the daemon and look at its log.", wrong=True
        )
    return Finding("ticks", "fresh")


def _retention(store: "Store", now: datetime) -> Finding:
    from bot.privacy import retention

    late = store.run_read(retention.overdue, now=now)
    if late:
        found = ", ".join(f"{code} {count}" for code, count in late.items())
        advice = "`bot privacy sweep` ends them now; the daemon does it every hour while it runs."
        return Finding("retention", f"kept for too long: {found}", advice, wrong=True)
    return Finding("retention", "nothing is kept past its date")


def _legal(settings: "Settings") -> Finding:
    from bot.model.legal import missing

    lacks = missing(settings)
    if lacks:
        found = f"not filled in: {', '.join(lacks)}"
        return Finding(
            "legal", found, "Set them before others come; the page /legal says that they are missing."
        )
    return Finding("legal", "the legal notices are filled in")


def _guarded(check: Callable[[], Finding], name: str) -> Finding:
    """A check that breaks is a finding, not the end of the list."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  whatever it is, the person asked what is wrong
        return Finding(name, f"cannot be checked: {error}", "See the lines above first.", wrong=True)


def examine(data_dir: Path | None) -> Iterator[Finding]:
    """Give the findings, the ones that others rest on first. Changes nothing."""
    from bot.setting_sources import no_folder
    from bot.settings import load

    yield _python()
    try:
        settings = load(data_dir=data_dir)
    except LanguetteError as error:
        yield Finding("settings", "cannot be used", str(error), wrong=True)
        return
    yield Finding("settings", "can be used; `bot config` shows them", no_folder())
    yield from (_folder(settings), _disk(settings), _key(settings), _zones(settings), _contact(settings))
    yield _legal(settings)
    yield rights(settings)
    yield _guarded(lambda: _daemon(settings), "daemon")
    if not settings.database.exists():
        yield Finding("database", "none yet", "`bot run` makes it.")
        return
    yield from _inside(settings)


def _inside(settings: "Settings") -> Iterator[Finding]:
    """Look into the database."""
    from bot.model.clock import SystemClock
    from bot.storage.store import Store

    store = Store(settings.database)
    try:
        database = _guarded(lambda: _database(store), "database")
        yield database
        if not database.advice:
            yield _guarded(lambda: _admin(store, settings), "admin")
            yield _guarded(lambda: _ticks(store, settings, SystemClock().now()), "ticks")
            yield _guarded(lambda: _retention(store, SystemClock().now()), "retention")
            yield _guarded(lambda: _backups(settings), "backups")
            yield _guarded(lambda: lending(store, settings), "lending")
    finally:
        store.close()


def doctor(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Check everything a start needs; say what to do about what is wrong. Changes nothing."""
    findings = list(examine(data_dir))
    if as_json:
        show.document(findings)
    else:
        for one in findings:
            mark = "WRONG" if one.wrong else "note" if one.advice else "ok"
            show.report(mark, one.name, one.found, one.advice)
    if any(one.wrong for one in findings):
        raise typer.Exit(1)
