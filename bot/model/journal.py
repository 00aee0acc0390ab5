"""Who did what, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `admin`, `seeker`, `volunteer`, `visitor`, `daemon` or `cli`, with an opaque id if any."""

    kind: str
    id: int | None = None

    def __str__(self) -> str:
        """Give `kind:id`, as the journal stores it."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


DAEMON = Actor("daemon")
CLI = Actor("cli")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `details` holds opaque ids and codes, never a person's words."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    """`notice:4821`, `volunteer:12`, `boost:7`, `admin:1` or empty."""
    details: Mapping[str, object]
