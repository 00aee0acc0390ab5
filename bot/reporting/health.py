"""Whether the house is well: the daemon's ticks and their age, the disk, the database, the queue."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.model.halt import Halt
from bot.storage import Session, halts, journal, overview, recalls
from bot.storage.migrate import newest
from bot.trust import keyfile

__all__ = ["Health", "Pulse", "health", "probe", "pulses", "ready", "well"]

GRACE = timedelta(seconds=15)
"""What a tick may be late beside twice its period."""
FREE_MIN_BYTES, FREE_MIN_SHARE = 200_000_000, 0.1
"""Below either the disk counts as full: a migration's backup and a day's work must still fit."""
WORK = ("ask", "plan", "sweep")
"""The ticks without which nobody is asked for anything. They need no network."""
WELL = {
    "database": {"writable"},
    "level": {"current"},
    "heartbeat": {"fresh"},
    "ticks": {"run"},
    "halted": {"no"},
    "disk": {"free"},
    "key": {"kept", "not needed"},
}
"""The parts that must be well, each with its good words."""


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
    wal_bytes: int
    free_bytes: int
    halt: Halt | None
    recalls: int
    """Boosts that wait to be undone by their volunteers."""

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


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _heartbeat(found: tuple[Pulse, ...]) -> Pulse | None:
    """The tick that runs most often is the heartbeat."""
    return min(found, key=lambda pulse: pulse.every, default=None)


def _alive(found: tuple[Pulse, ...]) -> bool:
    pulse = _heartbeat(found)
    return pulse is not None and not pulse.stale


def health(session: Session, *, database: Path, now: datetime, grace: timedelta = GRACE) -> Health:
    """Look at everything. Reads only."""
    found = pulses(session, now=now, grace=grace)
    wal = database.with_name(database.name + "-wal")
    return Health(
        alive=_alive(found),
        pulses=found,
        counts=overview.counts(session),
        level=overview.level(session),
        database_bytes=_size(database) + _size(wal),
        wal_bytes=_size(wal),
        free_bytes=shutil.disk_usage(database.parent).free,
        halt=halts.current(session),
        recalls=recalls.count(session),
    )


def probe(session: Session) -> None:
    """Write and take back, in a write transaction: it fails when the next piece of work would."""
    overview.probe(session)


def ready(
    session: Session, *, database: Path, vault_key: str, now: datetime, grace: timedelta = GRACE
) -> Mapping[str, str]:
    """Say a word of each part that must be well for work to go on; `well` judges them."""
    disk, found = shutil.disk_usage(database.parent), pulses(session, now=now, grace=grace)
    troubled = [one.name for one in found if one.name in WORK and (one.stale or one.error)]
    return {
        "database": "writable",
        "level": "current" if overview.level(session) == newest() else "another",
        "heartbeat": "fresh" if _alive(found) else "stale",
        "ticks": f"trouble: {', '.join(troubled)}" if troubled else "run",
        "halted": "no" if halts.current(session) is None else "yes",
        "disk": "free" if disk.free >= max(FREE_MIN_BYTES, FREE_MIN_SHARE * disk.total) else "nearly full",
        "key": keyfile.state(Path(vault_key)) if vault_key else "not needed",
    }


def well(found: Mapping[str, str]) -> bool:
    """Whether every part is well."""
    return all(found.get(part) in good for part, good in WELL.items())
