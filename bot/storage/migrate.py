"""Bring the database to this program's level, after a backup, in one transaction."""

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from bot.errors import DataError
from bot.storage.store import unusable

KEEP_BACKUPS = 10


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def levels(engine: Engine) -> tuple[str | None, str]:
    """Give the database's migration (None: empty) and the one this program needs.

    Raises:
        DataError: the file is not a database, or cannot be read.
    """
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise unusable(Path(str(engine.url.database)), error) from error
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there is at least one migration"
    return found, head


def integrity(path: Path) -> str:
    """Give what SQLite finds wrong with the file at `path`, empty when it is sound. Changes nothing."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            verdict: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if verdict == "ok" else verdict


def backup(source: Path, folder: Path, now: datetime) -> Path:
    """Copy a live SQLite file into `folder` and check the copy.

    Raises:
        DataError: the copy does not pass SQLite's integrity check.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{now:%Y%m%dT%H%M%S%f}.db"
    part = target.with_suffix(".part")  # a backup once it is whole
    part.touch(0o600)
    with (
        contextlib.closing(sqlite3.connect(source)) as live,
        contextlib.closing(sqlite3.connect(part)) as copy,
    ):
        live.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        message = f"The backup {part} is damaged ({verdict}). Do not delete the older ones; check the disk."
        raise DataError(message)
    part.rename(target)
    for old in sorted(folder.glob("*.db"))[:-KEEP_BACKUPS]:
        old.unlink()
    return target


def migrate(engine: Engine, path: Path, now: datetime, journal_key: bytes) -> str:
    """Run the missing migrations and give the level reached. An existing database is backed up first.

    Raises:
        DataError: the database was written by a newer program.
    """
    found, head = levels(engine)
    if found == head:
        return head
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        message = (
            f"The database {path} is at level {found}, newer than this program ({head}). "
            "Install the newer Languette, or restore a backup from data/backups."
        )
        raise DataError(message)
    if found is not None:
        backup(path, path.parent / "backups", now)
    config = _config()
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "journal_key": journal_key}
        command.upgrade(config, "head")
    return head
