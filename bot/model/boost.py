"""One share of one notice by one account: asked, then done or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How a boost is made: by the volunteer's own tap, by a call they ask for, by a call they allowed.

    `COLLECTIVE`: by no volunteer, by the collective's own account.
    """

    BY_HAND = "by_hand"
    ONE_TAP = "one_tap"
    AUTOMATIC = "automatic"
    COLLECTIVE = "collective"


class BoostState(StrEnum):
    """Where a boost stands. `OPENED` is a step, never an outcome; `PLANNED` may still be planned away.

    By hand: asked, opened, declared. By a call in the volunteer's name: due, sending, verified; when nobody
    knows whether a call had an effect: uncertain.
    """

    PLANNED = "planned"
    ASKED = "asked"
    OPENED = "opened"
    DECLARED = "declared"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DUE = "due"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    VERIFIED = "verified"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


WAITING_STATES = frozenset({BoostState.ASKED, BoostState.OPENED})
"""The volunteer was asked and has not answered yet."""
CALLED_STATES = frozenset({BoostState.DUE, BoostState.SENDING, BoostState.UNCERTAIN})
"""Delivery makes it by calls: its end is not known yet."""
COMING_STATES = WAITING_STATES | {BoostState.DUE}
"""Nothing has been made and nothing is on its way: it may still be cancelled."""
DONE_STATES = frozenset({BoostState.DECLARED, BoostState.VERIFIED})
"""The boost counts for the seeker."""

BOOST_MOVES: dict[BoostState, frozenset[BoostState]] = {
    BoostState.PLANNED: frozenset({BoostState.ASKED, BoostState.DUE}),
    BoostState.ASKED: frozenset(
        {
            BoostState.OPENED,
            BoostState.DECLARED,
            BoostState.SKIPPED,
            BoostState.EXPIRED,
            BoostState.CANCELLED,
            BoostState.DUE,
        }
    ),
    BoostState.OPENED: frozenset(
        {
            BoostState.DECLARED,
            BoostState.SKIPPED,
            BoostState.EXPIRED,
            BoostState.CANCELLED,
            BoostState.DUE,
        }
    ),
    # Undo, the same day, for a tap made by mistake.
    BoostState.DECLARED: frozenset({BoostState.OPENED}),
    BoostState.SKIPPED: frozenset({BoostState.ASKED}),
    BoostState.EXPIRED: frozenset(),
    BoostState.CANCELLED: frozenset(),
    # Asked: the account can no longer be called for, so the volunteer is asked to do it by hand.
    BoostState.DUE: frozenset(
        {
            BoostState.SENDING,
            BoostState.ASKED,
            BoostState.FAILED,
            BoostState.EXPIRED,
            BoostState.CANCELLED,
        }
    ),
    # Due: a whole answer says that it was not made.
    BoostState.SENDING: frozenset(
        {
            BoostState.VERIFIED,
            BoostState.FAILED,
            BoostState.UNCERTAIN,
            BoostState.DUE,
        }
    ),
    # Failed, undone: an admin has looked and says that it is not there, or not any more.
    BoostState.UNCERTAIN: frozenset(
        {BoostState.VERIFIED, BoostState.DUE, BoostState.FAILED, BoostState.UNDONE}
    ),
    BoostState.FAILED: frozenset({BoostState.DUE, BoostState.DECLARED}),
    BoostState.VERIFIED: frozenset({BoostState.UNDOING, BoostState.UNDONE}),
    BoostState.UNDOING: frozenset({BoostState.UNDONE}),
    BoostState.UNDONE: frozenset(),
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
