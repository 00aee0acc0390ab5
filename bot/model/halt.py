"""The whole collective stands still: nothing goes out until somebody says why it may go on."""

from dataclasses import dataclass
from datetime import datetime

RESTORED = "restored"
"""Reason of the halt in which a restored backup wakes up."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt in force. `reason` is what the person who called it wrote, or empty."""

    id: int
    since: datetime
    actor: str
    reason: str
