"""A clock that nobody sets: seconds since this machine started, its sleep included.

Deadlines and quiet periods are counted on it, so that a step of the wall clock shortens none of them. A mark
of another machine, or of before a restart of this one, says nothing about how much time has passed.
"""

import time
from pathlib import Path
from typing import NamedTuple, Protocol, Self

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Mark(NamedTuple):
    """A moment: which run of which machine, and how many seconds into it."""

    boot: str
    seconds: float

    def since(self, earlier: "Mark") -> float | None:
        """Give the seconds from an earlier mark to this one; None: they cannot be compared."""
        return self.seconds - earlier.seconds if self.boot == earlier.boot else None

    def __str__(self) -> str:
        return f"{self.boot}/{self.seconds:.3f}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Read what `str` wrote; anything else gives a mark that compares with none."""
        boot, _, seconds = text.rpartition("/")
        try:
            return cls(boot or "-", float(seconds))
        except ValueError:
            return cls("-", 0.0)


class Steady(Protocol):
    """A source of marks."""

    def mark(self) -> Mark:
        """Give the present moment."""
        ...


class BootClock:
    """The machine's own."""

    def __init__(self) -> None:
        self._boot = BOOT_ID.read_text().strip() if BOOT_ID.exists() else f"since {time.time():.0f}"

    def mark(self) -> Mark:
        """Give the present moment."""
        return Mark(self._boot, time.clock_gettime(_CLOCK))
