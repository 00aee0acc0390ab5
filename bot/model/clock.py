"""What time it is. Everything that needs `now` gets it as an argument; only the edges read a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of aware UTC time. `speed` is how many of its seconds pass in a real one."""

    speed: float

    def now(self) -> datetime:
        """Give the present moment, aware UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    speed = 1.0

    def now(self) -> datetime:
        """Give the machine's time, aware UTC."""
        return datetime.now(UTC)


class FastClock:
    """A clock that starts at `start` and runs `speed` times as fast, for demos and tests."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.start = start
        self.speed = speed
        self._zero = time.monotonic()

    def now(self) -> datetime:
        """Give the accelerated time, aware UTC."""
        return self.start + timedelta(seconds=(time.monotonic() - self._zero) * self.speed)


def human(clock: Clock, span: timedelta) -> timedelta:
    """Stretch a span that a person waits for (undo, claim) so that it lasts as long on a fast clock."""
    return span * clock.speed
