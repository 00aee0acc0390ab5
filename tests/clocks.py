"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


class StillClock:
    """A clock that moves only when a test says so."""

    speed = 1.0

    def __init__(self, start: datetime = NOW) -> None:
        self.moment = start

    def now(self) -> datetime:
        """Give the moment the test set."""
        return self.moment

    def advance(self, span: timedelta) -> datetime:
        """Move on."""
        self.moment += span
        return self.moment
