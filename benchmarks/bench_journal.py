"""The journal: what a line costs, and how long it takes to check a million of them."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bot.app import build
from bot.model.journal import Actor
from bot.settings import Settings
from bot.storage import Session, chain, journal

LINES = int(os.environ.get("BENCH_LINES", "1000000"))
APPENDED = 2_000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _fill(session: Session) -> None:
    """Write the lines as `append` would, but in bulk."""
    key, before, rows = session.info[chain.KEY], "", []
    for number in range(1, LINES + 1):
        at = chain.stored(BEGIN + timedelta(seconds=number))
        parts = (
            at,
            f"volunteer:{number % 999}",
            "boost.asked",
            f"boost:{number}",
            f'{{"notice": {number % 5000}}}',
        )
        before = chain.link(key, before, number, parts)
        rows.append((number, before, *parts))
    cursor = session.connection().connection.cursor()
    columns = "id, chain, at, actor, action, subject, details"
    cursor.executemany(f"INSERT INTO journal ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    session.connection().execute(
        text("UPDATE journal_head SET last_id = :id, last_chain = :chain"), {"id": LINES, "chain": before}
    )


def _append(session: Session) -> float:
    begin = time.process_time()
    for number in range(APPENDED):
        journal.write(session, BEGIN, Actor("volunteer", number), "boost.asked", f"boost:{number}", notice=1)
    return (time.process_time() - begin) / APPENDED


def run() -> list[tuple[str, str, str]]:
    """Fill a journal, check it, add to it."""
    with TemporaryDirectory() as name:
        app = build(Settings(data_dir=Path(name) / "data", _env_file=None))
        try:
            app.store.run_write(_fill)
            begin, cpu = time.perf_counter(), time.process_time()
            found = app.store.run_read(chain.verify)
            took_s, cpu_s = time.perf_counter() - begin, time.process_time() - cpu
            assert (found.lines, found.breach) == (LINES, None)
            each_s = app.store.run_write(_append)
        finally:
            app.close()
    return [
        (
            f"`bot audit verify`, {LINES:,} lines",
            f"{took_s:.2f} s",
            f"{cpu_s:.2f} s of processor time; promise: 5 s",
        ),
        (
            "one more line",
            f"{each_s * 1e6:.0f} µs",
            f"of processor time, mean of {APPENDED:,}, within one transaction",
        ),
    ]
