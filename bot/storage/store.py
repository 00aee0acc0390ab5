"""The engine and its transactions: many readers, one writer at a time, every write `BEGIN IMMEDIATE`.

Stage and storage functions are plain: `fn(session, …) -> model`. The edges run them through a `Store`, from
asyncio with `await store.read(fn, …)`, from the command line with `store.run_read(fn, …)`.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlmodel import Session

from bot.errors import DataError, UnreadableError
from bot.storage import chain, lanes

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 10_000
READERS = 4


def make_engine(path: Path) -> Engine:
    """Open the SQLite file at `path` (created if absent) with WAL, FULL sync, foreign keys, secure delete."""
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # an error would print them, people's words and addresses among them
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions commit before DDL; ours are the only ones.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-500",  # KiB a connection: what is read often the system keeps, once for all
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = "DEFERRED" if connection.get_execution_options().get("read_only") else "IMMEDIATE"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def unusable(path: Path, error: DatabaseError) -> Exception:
    """Say what the operator can do about a database that fails; a broken constraint stays what it is."""
    if type(error) not in {DatabaseError, OperationalError}:
        return error
    if getattr(error.orig, "sqlite_errorcode", None) is None:  # the driver's own, and it quotes the value
        return UnreadableError(
            f"A value in the database {path} is damaged: it is no text. "
            "`bot doctor` looks closer; `bot backup list` shows what can be restored."
        )
    return DataError(
        f"The database {path} cannot be used ({error.orig}). Is the disk full, the file damaged, or does "
        "another program hold it? `bot doctor` looks closer; `bot backup list` shows what can be restored."
    )


class Store:
    """One database. Every call is one transaction; a function that raises leaves no trace."""

    def __init__(self, path: Path, journal_key: bytes | None = None) -> None:
        """Open the file at `path`; to write or check the journal, `journal_key` is needed."""
        self.path = path
        self._info = {} if journal_key is None else {chain.KEY: journal_key}
        self.engine = make_engine(path)
        self._reading = self.engine.execution_options(read_only=True)
        self._readers = ThreadPoolExecutor(READERS, "store-read")
        self._writer = ThreadPoolExecutor(1, "store-write")
        self.on_wake: Callable[[], object] | None = None
        """Called after a commit that let a lane have something to do sooner, in whichever thread wrote."""

    def run_read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(session, …)` on a snapshot and roll back.

        Raises:
            DataError: the file is damaged, not a database, or cannot be read.
        """
        try:
            with Session(self._reading, info=self._info) as session:
                return fn(session, *args, **kwargs)
        except DatabaseError as error:
            raise unusable(self.path, error) from error

    def run_write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(session, …)` in one transaction and commit it.

        Raises:
            DataError: the database stayed locked, is full or cannot be written.
            IntegrityError: what was written breaks a rule of the schema, which is a mistake of ours.
        """
        try:
            with Session(self.engine, info=self._info) as session:
                with session.begin():
                    session.connection()  # it begins now: what `fn` reads elsewhere is of this transaction
                    result = fn(session, *args, **kwargs)
                woken = session.info.get(lanes.WOKEN, False)
        except IntegrityError:
            raise  # what was written is at fault, not the database
        except DatabaseError as error:
            raise unusable(self.path, error) from error
        if woken and self.on_wake is not None:
            self.on_wake()
        return result

    def fold(self) -> bool:
        """Fold the write-ahead log into the file and empty it, so that nothing erased is left in it.

        False: another connection is in the way; the next fold finishes.

        Raises:
            DataError: the database cannot be written.
        """
        connection = self.engine.raw_connection()  # a checkpoint cannot run inside a transaction
        try:
            busy: int = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            message = f"The database {self.path} cannot be written ({error}). `bot doctor` looks closer."
            raise DataError(message) from error
        finally:
            connection.close()
        return not busy

    async def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`run_read` from asyncio."""
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self.run_read(fn, *args, **kwargs)
        )

    async def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`run_write` from asyncio; writes queue up in one thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._writer, lambda: self.run_write(fn, *args, **kwargs)
        )

    def close(self) -> None:
        """Finish what runs, fold the write-ahead log into the file and close."""
        self._writer.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
