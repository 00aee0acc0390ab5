"""From SIGKILL to the first tick of the next daemon, with 100,000 boosts in the database."""

import os
import signal
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.daemon import cpu_time, running
from bot.app import build
from bot.settings import Settings
from bot.storage import Session

VOLUNTEERS, NOTICES = 1_000, 100
RUNS = 5
WAIT_S = 60
LONG_AGO = "'2026-01-01 09:00:00.000000'"
FILL = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {VOLUNTEERS})
INSERT INTO volunteer (id, name, lang, languages, state, cap_day, spacing_min, quiet_start_min,
    quiet_len_min, time_zone, token_hash, charter_version, joined_at)
SELECT i, 'Demo ' || i, 'fr', '["fr"]', 'active', 5, 60, 0,
    0, 'Europe/Paris', 'v' || i, '1', {LONG_AGO} FROM n;
INSERT INTO account (id, volunteer_id, network, handle, active)
SELECT id, id, 'x', 'demo' || id, 1 FROM volunteer;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {NOTICES})
INSERT INTO seeker (id, created_at, lang) SELECT i, {LONG_AGO}, 'fr' FROM n;
INSERT INTO notice (id, seeker_id, person_id, state, title, place, remote, contract, text, name, lang,
    share_slug, token_hash, revision, created_at, demand, weight, show_name, close_reason, closed_at)
SELECT id, id, id, 'closed', 'Demo', 'Lille', 0, 'any', 'Demo', 'Demo', 'fr', 's' || id,
    'n' || id, 1, {LONG_AGO}, 12, 1, 0, 'expired', datetime('now') FROM seeker;
INSERT INTO boost (notice_id, volunteer_id, account_id, network, mode, state, due_at, reason, asked_at,
    ended_at, skip_why)
SELECT notice.id, volunteer.id, volunteer.id, 'x', 'by_hand', 'declared', {LONG_AGO}, '{{}}', {LONG_AGO},
    {LONG_AGO}, '' FROM notice, volunteer;
"""


def _fill(session: Session) -> None:
    for statement in FILL.split(";")[:-1]:
        session.connection().exec_driver_sql(statement)


def _last_tick(database: Path) -> str:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return str(connection.execute("SELECT max(at) FROM tick").fetchone()[0])


def _wait_for_tick(database: Path, before: str) -> None:
    end = time.monotonic() + WAIT_S
    while _last_tick(database) == before:
        if time.monotonic() > end:
            message = f"no tick within {WAIT_S} s"
            raise RuntimeError(message)
        time.sleep(0.02)


def run() -> list[tuple[str, str, str]]:
    """Fill a database, start a daemon, and kill and start it again, some times."""
    took, cpu = [], []
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder / "data", _env_file=None)
        app = build(settings)
        app.store.run_write(_fill)
        app.close()
        database = settings.database
        for _ in range(RUNS + 1):
            before = _last_tick(database)
            start = time.monotonic()
            with running(folder) as daemon:
                _wait_for_tick(database, before)
                took.append(time.monotonic() - start)
                cpu.append(cpu_time(daemon.pid))
                os.killpg(daemon.pid, signal.SIGKILL)
    took, cpu = took[1:], cpu[1:]  # the first start also makes the first backup
    figures = f"median of {RUNS}, longest {max(took):.2f} s; {statistics.median(cpu):.1f} s of processor time"
    note = f"{VOLUNTEERS * NOTICES:,} boosts; {figures}; promise: 5 s"
    return [("from SIGKILL to the first tick", f"{statistics.median(took):.2f} s", note)]
