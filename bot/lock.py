"""One daemon per data folder: a lock that the kernel gives back whatever ends the process."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import DataError


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel gives it back whatever ends this process.

    Raises:
        DataError: another daemon holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "daemon.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            message = (
                f"A daemon already runs on {data_dir} (process {file.read().strip() or 'unknown'}). "
                "Stop it first, or choose another folder with --data-dir."
            )
            raise DataError(message) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_running(data_dir: Path) -> bool:
    """Whether a daemon holds the folder's lock."""
    path = data_dir / "daemon.lock"
    if not path.exists():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
