"""The door of the seeker's form: open, closed by somebody, or full for a while."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """The form takes nothing in. `until` None: until somebody opens it."""

    since: datetime
    until: datetime | None
