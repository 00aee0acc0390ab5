"""The ledger of erasures: who must not come back when a backup is restored.

A text file beside the database, a line each: moment, `+` or `-` (taken back), kind, keyed hash. It names
nobody: the hash is of a number and of the moment since which it stands, under the installation's secret. So
it may lie with the backups; it has to be newer than they are.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.trust.links import Keyring

FILE = "erasures.log"


class _Line(NamedTuple):
    at: str
    sign: str
    kind: str
    hashed: str


class Ledger:
    """One installation's ledger, as it was when this was made; what is added is on the disk at once."""

    def __init__(self, data_dir: Path, keys: Keyring) -> None:
        self.path = data_dir / FILE
        self._keys = keys
        self._held: dict[str, datetime] = {}
        for line in self._lines():
            if line.sign == "+":
                self._held[line.hashed] = datetime.fromisoformat(line.at)
            else:
                self._held.pop(line.hashed, None)

    def erased_at(self, kind: str, number: int, since: datetime) -> datetime | None:
        """Give when the `kind` with this number, there since `since`, was erased; None: it was not."""
        return self._held.get(self._hash(kind, number, since))

    def noted_since(self, kind: str, moment: datetime) -> bool:
        """Whether the file says now that any `kind` was erased at `moment` or later."""
        lines = (line for line in self._lines() if (line.sign, line.kind) == ("+", kind))
        return any(datetime.fromisoformat(line.at) >= moment for line in lines)

    def add(self, kind: str, number: int, since: datetime, *, now: datetime) -> bool:
        """Note an erasure; give whether it was not noted yet."""
        hashed = self._hash(kind, number, since)
        if hashed in self._held:
            return False
        self._append(_Line(now.isoformat(), "+", kind, hashed))
        self._held[hashed] = now
        return True

    def take_back(self, kind: str, number: int, since: datetime, *, now: datetime) -> None:
        """Note that what was erased is there again, because its end was undone."""
        hashed = self._hash(kind, number, since)
        self._append(_Line(now.isoformat(), "-", kind, hashed))
        self._held.pop(hashed, None)

    def prune(self, until: datetime) -> int:
        """Drop the lines of `until` or before, as no backup is that old; give how many."""
        with self._alone():
            lines = self._lines()
            kept = [line for line in lines if datetime.fromisoformat(line.at) > until]
            if len(kept) < len(lines):
                part = self.path.with_suffix(".part")
                part.unlink(missing_ok=True)
                _write(part, "".join(" ".join(line) + "\n" for line in kept))
                part.replace(self.path)
        return len(lines) - len(kept)

    def _hash(self, kind: str, number: int, since: datetime) -> str:
        return self._keys.digest("erasure", f"{kind}:{number}:{since.isoformat()}")

    def _lines(self) -> list[_Line]:
        """Read the file; a line that a crash cut short names nobody and is left out."""
        if not self.path.exists():
            return []
        parts = (line.split(" ") for line in self.path.read_text(encoding="ascii").splitlines())
        return [_Line(*part) for part in parts if len(part) == len(_Line._fields)]

    def _append(self, line: _Line) -> None:
        with self._alone():
            cut = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
            _write(self.path, ("\n" if cut else "") + " ".join(line) + "\n")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the command line and the daemon from writing at once."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
