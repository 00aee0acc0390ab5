"""What planning and delivery share: boosts that were asked, boosts that are only planned."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from bot.model.boost import CALLED_STATES, DONE_STATES, WAITING_STATES, BoostState

COUNTED_STATES = DONE_STATES | WAITING_STATES | CALLED_STATES
"""A boost in one of these is one of the notice's boosts; a no or a silence gives its place back."""


class Asked(NamedTuple):
    """One boost that left the plan: a volunteer was asked at `at`, whatever came of it."""

    notice_id: int
    volunteer_id: int
    at: datetime
    state: BoostState
    carried: bool = False
    """It was for an earlier notice of the same person; `notice_id` is the active one it counts for."""

    @property
    def counted(self) -> bool:
        """Whether it is one of the notice's boosts: done, being made, or still waited for."""
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


class Wait(StrEnum):
    """Why a round gave a notice nothing: the `code` of its waiting data; the other keys are named here."""

    COMPLETE = "complete"
    """`done`, `asked`: the demand is reached."""
    OVER = "over"
    """The deadline has passed."""
    NO_VOLUNTEERS = "no_volunteers"
    """The roster is empty."""
    NO_NETWORK = "no_network"
    NO_LANGUAGE = "no_language"
    NO_SECTOR = "no_sector"
    NO_REGION = "no_region"
    """`volunteers`: how many fit in everything before this; `value`: the code nobody of them takes."""
    ALL_ASKED = "all_asked"
    """`volunteers`: all who fit were asked before."""
    ALL_PAUSED = "all_paused"
    """`volunteers`: all who fit and were not asked are paused; `next`: when the first comes back, or None."""
    NETWORK_FULL = "network_full"
    """`volunteers`, `networks`: the collective's limit is reached there; `next`: until when, or None."""
    TURNS_TAKEN = "turns_taken"
    """`volunteers`, `turns`, `most`: their turns went to notices with at most `most` boosts; `until`."""
    REPORTED = "reported"
    """A volunteer reported it: a moderator looks first."""
    UNDO = "undo"
    """`next`: the moderator's decision can still be undone until then."""
    SPACED = "spaced"
    """`volunteers`, `next`: spacing or daily maximum hold the notice until then."""
    NO_TURN = "no_turn"
    """`volunteers`, `next`: they have no turn (quiet hours, cap, spacing) before then, or None: not soon."""


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
