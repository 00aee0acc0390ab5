"""Calls in volunteers' names as delivery keeps them: a lane an account, a written intent a boost. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.boost import BoostState, Mode
from bot.model.calls import Action


class Rest(StrEnum):
    """What an account or a boost waits for before its next call."""

    HALTED = "halted"
    UNDO_WINDOW = "undo_window"
    REPORTED = "reported"
    QUIET_HOURS = "quiet_hours"
    CAP = "cap"
    SPACING = "spacing"
    NETWORK_CAP = "network_cap"
    POST_SPACING = "post_spacing"
    LIMIT = "limit"
    RATE_LIMITED = "rate_limited"
    BUDGET = "budget"
    UNAVAILABLE = "unavailable"
    ACCESS_REFUSED = "access_refused"
    BREAKER = "breaker"
    QUIET_PERIOD = "quiet_period"
    LABEL = "label"
    DAMAGED = "damaged"
    UNUSED = "unused"


OWN_RESTS = frozenset(
    {
        Rest.QUIET_HOURS,
        Rest.CAP,
        Rest.SPACING,
        Rest.NETWORK_CAP,
        Rest.LIMIT,
        Rest.BUDGET,
        Rest.LABEL,
    }
)
"""What we hold ourselves to: by settings, policies and volunteers' limits, which may change."""


DRAFT = "draft:"
"""How the target of a call begins that publishes words of ours; a notice's number and revision follow."""


def stem_of(notice_id: int, revision: int) -> str:
    """Name a notice's words as they are at a revision: the target of what publishes them, up to a space."""
    return f"{DRAFT}{notice_id}.{revision}"


@dataclass(frozen=True, slots=True)
class Lane:
    """One account's calls; see `bot.storage.tables.lanes.LaneRow` for its times."""

    account_id: int
    network: str
    instance: str
    leased: bool
    """Somebody took it and has not given it back: their lease has lapsed."""
    epoch: int
    refusals: int

    @property
    def place(self) -> tuple[str, str]:
        """Its network, and its instance there or nothing."""
        return self.network, self.instance


@dataclass(frozen=True, slots=True)
class Call:
    """The written intent of a boost or its undoing, with where its boost stands."""

    boost_id: int
    account_id: int
    volunteer_id: int
    notice_id: int
    network: str
    mode: Mode
    state: BoostState
    expires_at: datetime | None
    ended_at: datetime | None
    kind: Action
    """`BOOST` or `UNDO`."""
    post_id: int | None
    next_at: datetime | None
    target: str
    at: datetime | None
    attempts: int
    uncertain_mark: str
    remote_id: str

    @property
    def publishes(self) -> bool:
        """Whether it publishes the notice's own words; else it boosts a post."""
        return self.target.startswith(DRAFT)


@dataclass(frozen=True, slots=True)
class Target:
    """A post as one place of its network knows it: its id there, the digest first seen, the last look."""

    target: str
    digest: str
    looked_at: datetime | None
