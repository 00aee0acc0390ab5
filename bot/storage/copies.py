"""Copies of the database file: made while it is in use, looked through, put in its place."""

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.storage.migrate import integrity


class Facts(NamedTuple):
    """What a database file holds: its migration, its rows by table, its journal's head."""

    level: str
    rows: dict[str, int]
    head: tuple[int, str] | None


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


def snapshot(source: Path, target: Path) -> None:
    """Copy a live database, whole and of one moment, while others write."""
    target.touch(0o600)
    with (
        contextlib.closing(sqlite3.connect(source)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it


def facts(path: Path) -> Facts:
    """Count what is in a database file."""
    with contextlib.closing(_open(path)) as database:
        names = [name for (name,) in database.execute(_TABLES)]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608  names of our own tables
        level = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        head = None
        if "journal_head" in rows:
            head = database.execute("SELECT last_id, last_chain FROM journal_head").fetchone()
    return Facts(level, rows, head)


def problems(path: Path) -> list[str]:
    """Give what is wrong with a database file: damage, and rows that point nowhere."""
    damage = integrity(path)
    if damage:
        return [damage]
    with contextlib.closing(_open(path)) as database:
        broken = database.execute("PRAGMA foreign_key_check").fetchall()
    return [
        f"row {row} of {table} points to a row of {parent} that is not there"
        for table, row, parent, _ in broken
    ]


def replace(new: Path, database: Path, now: datetime) -> Path | None:
    """Put a closed database file in the place of another, in one step; give where the former one is kept.

    A kill at any point leaves either the former database or the new one, whole. Nobody may have it open.
    """
    aside = None
    if database.exists():
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(database)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one is kept as it is
        aside = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%S%f}")
        aside.hardlink_to(database)
        for suffix in ("-wal", "-shm"):  # a former log must not be played into the new file
            left = database.with_name(database.name + suffix)
            if left.exists():
                left.replace(aside.with_name(aside.name + suffix))
    new.replace(database)
    return aside


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
