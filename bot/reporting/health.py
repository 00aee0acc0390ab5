"""Whether the house is well: the daemon's ticks and their age, the disk, the database, the queue."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.model.halt import Halt
from bot.storage import Session, halts, journal, overview

__all__ = ["Health", "Pulse", "health", "probe", "pulses", "ready"]

GRACE = timedelta(seconds=15)
"""What a tick may be late beside twice its period."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last run of one tick. `stale`: it should have run again at least once since."""

    name: str
    at: datetime
    age: timedelta
    every: timedelta
    took_ms: int
    result: Mapping[str, Any]
    error: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What health, `bot status` and `bot doctor` show. Sizes are bytes."""

    alive: bool
    """The daemon's heartbeat, its most frequent tick, is fresh."""
    pulses: tuple[Pulse, ...]
    counts: Mapping[str, int]
    """By `notice.STATE`, `volunteer.STATE`, `boost.STATE`, and `admin`."""
    level: str
    database_bytes: int
    free_bytes: int
    halt: Halt | None

    @property
    def heard(self) -> timedelta | None:
        """How old the heartbeat is; None when there never was one."""
        pulse = _heartbeat(self.pulses)
        return pulse.age if pulse else None

    @property
    def round(self) -> Pulse | None:
        """The last planning round."""
        return next((pulse for pulse in self.pulses if pulse.name == "plan"), None)


def pulses(session: Session, *, now: datetime, grace: timedelta = GRACE) -> tuple[Pulse, ...]:
    """Give the last run of each tick with its age. `grace`: lateness forgiven beside twice the period."""
    found = []
    for name, row in journal.ticks(session).items():
        every = timedelta(seconds=row["every_s"])
        # A daemon whose clock was set back has not run in the future: it is as fresh as can be.
        age = max(now - row["at"], timedelta(0))
        found.append(
            Pulse(
                name=name,
                at=row["at"],
                age=age,
                every=every,
                took_ms=row["took_ms"],
                result=row["result"],
                error=row["error"],
                stale=age > 2 * every + grace,
            )
        )
    return tuple(found)


def _size(database: Path) -> int:
    files = (database, database.with_name(database.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _heartbeat(found: tuple[Pulse, ...]) -> Pulse | None:
    """The tick that runs most often is the heartbeat."""
    return min(found, key=lambda pulse: pulse.every, default=None)


def _alive(found: tuple[Pulse, ...]) -> bool:
    pulse = _heartbeat(found)
    return pulse is not None and not pulse.stale


def health(session: Session, *, database: Path, now: datetime, grace: timedelta = GRACE) -> Health:
    """Look at everything. Reads only."""
    found = pulses(session, now=now, grace=grace)
    return Health(
        alive=_alive(found),
        pulses=found,
        counts=overview.counts(session),
        level=overview.level(session),
        database_bytes=_size(database),
        free_bytes=shutil.disk_usage(database.parent).free,
        halt=halts.current(session),
    )


def probe(_session: Session) -> None:
    """Do nothing; run as a write it shows that the database can be written."""


def ready(session: Session, *, now: datetime, grace: timedelta = GRACE) -> bool:
    """Whether the daemon's heartbeat is fresh."""
    return _alive(pulses(session, now=now, grace=grace))
