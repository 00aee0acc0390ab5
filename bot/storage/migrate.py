"""Bring the database to this program's level, after a backup, in one transaction."""

import contextlib
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.errors import DataError
from bot.storage.store import unusable

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def levels(engine: Engine) -> tuple[str | None, str]:
    """Give the database's migration (None: empty) and the one this program needs.

    Raises:
        DataError: the file is not a database, or cannot be read.
    """
    try:
        with engine.connect() as connection:
            found = None
            if inspect(connection).has_table("alembic_version"):
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DatabaseError as error:
        raise unusable(Path(str(engine.url.database)), error) from error
    return found, newest()


@cache
def newest() -> str:
    """Give the level that this program needs."""
    return max(known())


def known() -> set[str]:
    """Give the levels that this program knows: the numbers before the names of the migrations' files."""
    return {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415  see `migrate`

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


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
    if found is not None and found not in known():
        message = (
            f"The database {path} is at level {found}, newer than this program ({head}). "
            "Install the newer Languette, or restore the backup made before it: `bot backup list`."
        )
        raise DataError(message)
    if found is not None and save is not None:
        save()
    # Alembic brings every dialect of every database along, 20 MiB: only who has something to migrate pays.
    from alembic import command  # noqa: PLC0415

    config = _config()
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "journal_key": journal_key}
        command.upgrade(config, "head")
    return head
