"""The folder of the backups: what is in it, what each says of itself, what is too old."""

import contextlib
import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.backup.seal import seal, sync
from bot.errors import NotFoundError
from bot.trust.links import Keyring

FOLDER = "backups"
SEALED = ".db.age"
NOTE = ".json"
REPLACED = ".age"
PURPOSE = "backup"


@dataclass(frozen=True, slots=True)
class Note:
    """What is written down beside a backup: counts and hashes, nobody's data."""

    name: str
    made_at: datetime
    why: str
    """`nightly`, `migration`, `by hand`, `key lost` or `restore`."""
    level: str
    """Migration of the database."""
    rows: Mapping[str, int]
    """By table."""
    head: tuple[int, str] | None
    """The journal's head; None in a database of before the chain."""
    recipient: str
    size: int
    sha256: str
    """Of the sealed file."""


def folder(data_dir: Path) -> Path:
    """Give the folder of the backups, made if need be."""
    found = data_dir / FOLDER
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


@contextlib.contextmanager
def scratch(data_dir: Path) -> Iterator[Path]:
    """Give an empty folder for open copies; one at a time, and nothing stays in it.

    What a killed process left there is taken away by the next.
    """
    place = data_dir / "scratch"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "backup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for old in place.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        try:
            yield place
        finally:
            for old in place.iterdir():
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def write(data_dir: Path, note: Note, keys: Keyring) -> None:
    """Write a backup's note, signed, in one step."""
    target = folder(data_dir) / f"{note.name}{NOTE}"
    data = {**asdict(note), "made_at": note.made_at.isoformat()}
    part = target.with_suffix(".part")
    part.write_text(json.dumps({**data, "seal": _signature(data, keys)}, indent=1), encoding="utf-8")
    part.rename(target)


def read(data_dir: Path, name: str, keys: Keyring) -> tuple[Note, bool]:
    """Give a backup's note, and whether this installation signed it.

    Raises:
        NotFoundError: there is no such backup, or its note is gone.
    """
    try:
        data = json.loads((folder(data_dir) / f"{name}{NOTE}").read_text(encoding="utf-8"))
        seal = data.pop("seal")
        head = tuple(data["head"]) if data["head"] else None
        note = Note(**{**data, "made_at": datetime.fromisoformat(data["made_at"]), "head": head})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"There is no backup {name} with a note that can be read. `bot backup list` shows them."
        raise NotFoundError(message) from error
    return note, seal == _signature(data, keys)


def names(data_dir: Path) -> list[str]:
    """Give the names of the backups, oldest first. One that was never finished is none."""
    found = (data_dir / FOLDER).glob(f"*{SEALED}")  # makes no folder: who only looks changes nothing
    return sorted(path.name.removesuffix(SEALED) for path in found)


def notes(data_dir: Path, keys: Keyring) -> list[Note]:
    """Give the notes of all backups, oldest first; one without a note that we signed is left out."""
    found = []
    for name in names(data_dir):
        with contextlib.suppress(NotFoundError):
            note, ours = read(data_dir, name, keys)
            if ours:
                found.append(note)
    return found


def sealed(data_dir: Path, name: str) -> Path:
    """Give the sealed file of a backup."""
    return folder(data_dir) / f"{name}{SEALED}"


def digest(path: Path) -> str:
    """Give the SHA-256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def since(data_dir: Path, now: datetime, keep: timedelta) -> datetime:
    """Give from when on backups are kept: here, and by the setting wherever they were copied to."""
    found = now - keep
    for name in names(data_dir):
        with contextlib.suppress(ValueError):  # not a name of ours
            found = min(found, datetime.strptime(_stamp(name), "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
    return found


def prune(data_dir: Path, now: datetime, keep: timedelta) -> int:
    """Delete what is older than `keep`, but never the newest backup; give how many backups went.

    With them go what earlier versions left (plain copies), databases that a restore replaced, and pieces of
    backups that were never finished.
    """
    place, oldest = folder(data_dir), now - keep
    gone = [name for name in names(data_dir)[:-1] if _stamp(name) < f"{oldest:%Y%m%dT%H%M%S}"]
    for name in gone:
        sealed(data_dir, name).unlink()
    left = set(names(data_dir))
    for path in place.glob(f"*{NOTE}"):
        if path.stem not in left:
            path.unlink()
    for path in (*place.glob("*.part"), *place.glob("*.db"), *data_dir.glob("*.replaced-*")):
        if path.suffix == ".part" or path.stat().st_mtime < oldest.timestamp():
            path.unlink()
    return len(gone)


def seal_replaced(data_dir: Path, recipient: str) -> None:
    """Seal the databases that a restore replaced: who is erased later must not be read in them."""
    for plain in sorted(data_dir.glob("*.replaced-*")):
        if plain.suffix not in {REPLACED, ".part"}:
            part = plain.with_name(f"{plain.name}{REPLACED}.part")
            seal(plain, part, recipient)
            part.rename(part.with_suffix(""))
            sync(data_dir)
            plain.unlink()


def _stamp(name: str) -> str:
    return name[: len("20261125T031500")]


def _signature(data: Mapping[str, Any], keys: Keyring) -> str:
    return keys.digest(PURPOSE, json.dumps(data, sort_keys=True))
