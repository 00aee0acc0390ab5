"""One daemon per data folder: a lock that the kernel gives back whatever ends the process."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import DataError


def make_folder(data_dir: Path) -> None:
    """Make the data folder, for this user alone, if it is not there.

    Raises:
        DataError: it cannot be made or written.
    """
    try:
        data_dir.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {data_dir} cannot be made ({error.strerror}). Choose another with --data-dir."
        raise DataError(message) from error
    if not os.access(data_dir, os.W_OK):
        message = (
            f"The folder {data_dir} cannot be written. Change its rights, or choose another with --data-dir."
        )
        raise DataError(message)


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel gives it back whatever ends this process.

    Raises:
        DataError: another daemon holds it.
    """
    make_folder(data_dir)
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
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
