"""Bring the database to this program's level, after a backup, in one transaction."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from bot.errors import DataError
from bot.storage.store import unusable


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


def migrate(engine: Engine, path: Path, journal_key: bytes, save: Callable[[], object] | None = None) -> str:
    """Run the missing migrations and give the level reached. An existing database is saved first.

    Args:
        engine: of the database.
        path: of its file, for the messages.
        journal_key: with which the journal is chained.
        save: makes a backup; called before an existing database is changed.

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
            "Install the newer Languette, or restore the backup made before it: `bot backup list`."
        )
        raise DataError(message)
    if found is not None and save is not None:
        save()
    config = _config()
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "journal_key": journal_key}
        command.upgrade(config, "head")
    return head
