"""One share of one notice by one account: asked, then done or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How a boost is made: by the volunteer's own tap, by a call they ask for, by a call they allowed."""

    BY_HAND = "by_hand"
    ONE_TAP = "one_tap"
    AUTOMATIC = "automatic"


class BoostState(StrEnum):
    """Where a boost stands. `OPENED` is a step, never an outcome; `PLANNED` may still be planned away."""

    PLANNED = "planned"
    ASKED = "asked"
    OPENED = "opened"
    DECLARED = "declared"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


WAITING_STATES = frozenset({BoostState.ASKED, BoostState.OPENED})
"""The volunteer was asked and has not answered yet."""
DONE_STATES = frozenset({BoostState.DECLARED})
"""The boost counts for the seeker."""

BOOST_MOVES: dict[BoostState, frozenset[BoostState]] = {
    BoostState.PLANNED: frozenset({BoostState.ASKED}),
    BoostState.ASKED: frozenset(
        {
            BoostState.OPENED,
            BoostState.DECLARED,
            BoostState.SKIPPED,
            BoostState.EXPIRED,
            BoostState.CANCELLED,
        }
    ),
    BoostState.OPENED: frozenset(
        {
            BoostState.DECLARED,
            BoostState.SKIPPED,
            BoostState.EXPIRED,
            BoostState.CANCELLED,
        }
    ),
    # Undo, the same day, for a tap made by mistake.
    BoostState.DECLARED: frozenset({BoostState.OPENED}),
    BoostState.SKIPPED: frozenset({BoostState.ASKED}),
    BoostState.EXPIRED: frozenset(),
    BoostState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Boost:
    """One boost row. `reason` is the planner's explanation as data, see `bot.reporting.explain`."""

    id: int
    notice_id: int
    volunteer_id: int
    account_id: int
    network: str
    mode: Mode
    state: BoostState
    due_at: datetime
    reason: Mapping[str, object]
    asked_at: datetime | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None
