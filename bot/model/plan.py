"""What planning and delivery share: boosts that were asked, boosts that are only planned."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.model.boost import DONE_STATES, WAITING_STATES, BoostState

COUNTED_STATES = DONE_STATES | WAITING_STATES
"""A boost in one of these is one of the notice's boosts; a no or a silence gives its place back."""


class Asked(NamedTuple):
    """One boost that left the plan: a volunteer was asked at `at`, whatever came of it."""

    notice_id: int
    volunteer_id: int
    at: datetime
    state: BoostState

    @property
    def counted(self) -> bool:
        """Whether it is one of the notice's boosts: done, or still waited for."""
        return self.state in COUNTED_STATES


class Planned(NamedTuple):
    """One boost that is planned and may still be planned away."""

    id: int
    notice_id: int
    volunteer_id: int
    account_id: int
    network: str
    due_at: datetime
    reason: Mapping[str, Any]


def next_free(counted: Sequence[datetime], spacing: timedelta, day_max: int) -> datetime | None:
    """Give the moment from which one notice may have its next boost; None: it never had one.

    Args:
        counted: times of its boosts, ascending.
        spacing: least time between two of them.
        day_max: most of them in any 24 hours, at least 1.
    """
    if not counted:
        return None
    free = counted[-1] + spacing
    if len(counted) >= day_max:
        free = max(free, counted[-day_max] + timedelta(hours=24))
    return free
