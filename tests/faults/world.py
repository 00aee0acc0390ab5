"""Time as the fault tests have it: it passes only when they say so, and the wall clock may be set.

The world is one file, so that it outlives a process that is killed: seconds that have really passed, by how
much the wall clock is wrong, and when the machine was started last.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.model.steady import Mark
from tests.clocks import NOW


@dataclass
class World:
    """The real time in seconds since `NOW`, and what its clocks show."""

    passed: float = 0.0
    wrong: float = 0.0
    """Seconds by which the wall clock is ahead; negative: behind."""
    booted: float = -1000.0

    speed = 1.0
    """Of the clock; see `bot.model.clock`."""

    def now(self) -> datetime:
        """Give what the wall clock shows, aware UTC."""
        return NOW + timedelta(seconds=self.passed + self.wrong)

    def mark(self) -> Mark:
        """Give what the clock shows that nobody sets."""
        return Mark(f"boot {self.booted}", self.passed - self.booted)

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)))
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> "World":
        """Read it."""
        return cls(**json.loads(path.read_text()))
