"""What makes a test the same every time: a clock that moves only when it says so, a secret of its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def give_secret(data_dir: Path) -> None:
    """Put a secret that is always the same into the folder of an installation to be."""
    data_dir.mkdir(parents=True, exist_ok=True)
    key = data_dir / "secret.key"
    key.write_bytes(b"the tests' own secret, 32 bytes!")
    key.chmod(0o600)
