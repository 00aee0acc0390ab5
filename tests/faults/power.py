"""Power loss without pulling a plug: what the disk may hold at any moment, from a trace of a real process.

`strace` records every write and sync of the database's files. At each of them the disk holds what was synced,
and of the rest nothing, everything, or any part, cut at sectors of 512 bytes: each of these is an image.
"""

import hashlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

SECTOR = 512
VARIANTS = 6
"""Images at each event: nothing unsynced, everything unsynced, and random parts of it."""
CALLS = "pwrite64,write,fdatasync,fsync,ftruncate"
ACK, SENT = "ACK", "SENT"
"""What a traced process tells: a commit came back; a boost left for its network."""
_CALL = re.compile(r"(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)")
_SAID = re.compile(rb"(ACK|SENT) (\d+)\n")
Files = dict[str, bytearray]
"""The database and its log, by the end of their names."""


class Event(NamedTuple):
    """One thing that happened: `write`, `cut` (to `at` bytes), `sync`, or what was told of number `at`."""

    kind: str
    file: str
    at: int = 0
    data: bytes = b""


def mark(what: str, number: int) -> None:
    """Tell the tracer, in the order in which things happen."""
    os.write(1, f"{what} {number}\n".encode())


def possible() -> bool:
    """Whether this machine lets a process be traced."""
    strace = shutil.which("strace")
    return (
        strace is not None
        and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0
    )


def trace(database: Path, module: str, *args: str) -> list[Event]:
    """Run `python -m module args` under strace and give what it did to the database, in order."""
    log = database.with_suffix(".trace")
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", str(log), "-e", f"trace={CALLS}"]
    subprocess.run([*command, sys.executable, "-m", module, *args], check=True, stdout=subprocess.DEVNULL)
    with log.open() as lines:
        found = list(_events(lines, str(database)))
    log.unlink()
    return found


def _events(lines: Iterator[str] | object, database: str) -> Iterator[Event]:
    for call, file, rest, result in _calls(lines):  # type: ignore[arg-type]
        name = file.removeprefix(database)
        if call == "write" and (said := _SAID.match(_bytes(rest.split(", ")[0]))):
            yield Event(said[1].decode(), "", int(said[2]))
        elif not file.startswith(database) or name not in {"", "-wal"} or result < 0:
            continue
        elif call == "pwrite64":
            data, _length, at = rest.rsplit(", ", 2)
            yield Event("write", name, int(at), _bytes(data)[:result])
        elif call == "ftruncate":
            yield Event("cut", name, int(rest))
        elif call in {"fdatasync", "fsync"}:
            yield Event("sync", name)


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, str, int]]:
    """Give the calls that ended: a call of one thread may stand in two lines, with others' between."""
    begun: dict[str, str] = {}
    for line in lines:
        pid, _, text = line.rstrip("\n").partition(" ")
        text = text.lstrip()
        if text.endswith("<unfinished ...>"):
            begun[pid] = text.removesuffix(" <unfinished ...>")
            continue
        if text.startswith("<... "):
            text = begun.pop(pid, "") + text.partition(" resumed>")[2]
        if found := _CALL.match(text):
            yield found[1], _bytes(f'"{found[3]}"').decode(), found[4] or "", int(found[5])


def _bytes(text: str) -> bytes:
    plain = text.strip('"')
    return bytes.fromhex(plain.replace("\\x", "")) if plain.startswith("\\x") else plain.encode()


@dataclass
class Disk:
    """What is safe on the disk, and what was written since and is not."""

    safe: Files
    loose: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Let an event happen."""
        if event.kind in {"write", "cut"}:
            self.loose.append(event)
        elif event.kind == "sync":
            for one in self.loose:
                if one.file == event.file:
                    _apply(self.safe, one)
            self.loose = [one for one in self.loose if one.file != event.file]

    def image(self, variant: int, rng: random.Random) -> Files:
        """Give what the disk may hold if the power goes now."""
        held = {name: bytearray(data) for name, data in self.safe.items()}
        for one in self.loose:
            if variant == 0 or (variant > 1 and rng.random() < 0.5):
                continue
            if variant > 3 and one.kind == "write" and rng.random() < 0.3:
                sectors = rng.randint(0, len(one.data) // SECTOR)
                one = one._replace(data=one.data[: SECTOR * sectors])  # noqa: PLW2901  torn
            _apply(held, one)
        return held


def _apply(files: Files, event: Event) -> None:
    held = files.setdefault(event.file, bytearray())
    if event.kind == "cut":
        del held[event.at :]
        return
    held.extend(bytes(max(0, event.at - len(held))))
    held[event.at : event.at + len(event.data)] = event.data


def put(folder: Path, files: Mapping[str, bytes | bytearray]) -> Path:
    """Write an image into a folder and give its database."""
    path = folder / "image.db"
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    for end, data in files.items():
        path.with_name(path.name + end).write_bytes(data)
    return path


def digest(path: Path) -> str:
    """Open a database as the program would, check it, and give a hash of every row of every table.

    Raises:
        AssertionError: it is damaged.
    """
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        whole = hashlib.sha256()
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        for (name,) in database.execute(query).fetchall():
            whole.update(repr((name, database.execute(f"SELECT * FROM {name}").fetchall())).encode())
        return whole.hexdigest()


def intents(path: Path) -> set[int]:
    """Give the boosts whose request was written down before it left."""
    with closing(sqlite3.connect(path)) as database:
        return {one for (one,) in database.execute("SELECT boost_id FROM call WHERE at IS NOT NULL")}


class Loss(NamedTuple):
    """An image that holds less than what was acknowledged, or not all boosts that had left."""

    event: int
    variant: int
    acknowledged: int
    unknown: frozenset[int] = frozenset()


@dataclass
class Verdict:
    """What was looked at and what was found."""

    events: int = 0
    commits: int = 0
    sent: int = 0
    images: int = 0
    lost: list[Loss] = field(default_factory=list)


def judge(
    events: list[Event], start: Files, folder: Path, *, every: int = 1, variants: int = VARIANTS
) -> Verdict:
    """Make the images of a trace and hold each against what was acknowledged until then.

    An image must be the state of the last commit that was acknowledged, or the next one's: nothing older,
    nothing in between, nothing damaged; and it knows of every boost that had left. `every`: look at every so
    many events only.
    """
    states = _states(events, start, folder)
    verdict, rng = Verdict(events=len(events), commits=len(states) - 1), random.Random(1)
    disk, acknowledged = Disk({name: bytearray(data) for name, data in start.items()}), 0
    sent: set[int] = set()
    for number, event in enumerate(events):
        disk.take(event)
        acknowledged = event.at if event.kind == ACK else acknowledged
        sent |= {event.at} if event.kind == SENT else set()
        for variant in range((variants if disk.loose else 1) if number % every == 0 else 0):
            path = put(folder, disk.image(variant, rng))
            found, unknown = digest(path), frozenset(sent - intents(path)) if sent else frozenset()
            verdict.images += 1
            if unknown or found not in states[acknowledged : acknowledged + 2]:
                verdict.lost.append(Loss(number, variant, acknowledged, unknown))
    verdict.sent = len(sent)
    return verdict


def _states(events: list[Event], start: Files, folder: Path) -> list[str]:
    """Give the digest after every commit, as a process that is only killed would leave it."""
    held = {name: bytearray(data) for name, data in start.items()}
    states = [digest(put(folder, held))]
    for event in events:
        if event.kind in {"write", "cut"}:
            _apply(held, event)
        elif event.kind == ACK:
            states.append(digest(put(folder, held)))
    return states
