"""A person on the roster, their accounts and their limits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.boost import Mode

CAP_DAY_MAX = 20
PACES = {"gentle": 2, "normal": 5, "lots": 10}
"""Presets of the join page: boosts a day."""


class VolunteerState(StrEnum):
    """Whether a volunteer may be asked. A pause may carry an end."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"
    COLLECTIVE = "collective"
    """No person, and never asked: the row by which the collective's own account has boosts."""


@dataclass(frozen=True, slots=True)
class Account:
    """A volunteer's presence on one network. `handle` is normalised (`samir@piaille.fr` on Mastodon)."""

    id: int
    volunteer_id: int
    network: str
    handle: str

    @property
    def instance(self) -> str:
        """The host after the `@` of a Mastodon handle, or empty."""
        return self.handle.rpartition("@")[2] if "@" in self.handle else ""


@dataclass(frozen=True, slots=True)
class Access:
    """What a volunteer allows on an account beyond their own taps: a token, sealed, for one mode."""

    account_id: int
    network: str
    mode: Mode
    sealed: str
    given_at: datetime
    used_at: datetime
    lost_at: datetime | None
    labelled_at: datetime | None = None
    """Of the collective's own account: when it was last seen to say that a program runs it."""
    unlabelled_at: datetime | None = None
    """When it was last seen not to."""

    @property
    def unlabelled(self) -> bool:
        """Whether the account does not say that a program runs it, as far as was looked."""
        seen = self.labelled_at
        return self.unlabelled_at is not None and (seen is None or seen < self.unlabelled_at)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a volunteer allows. Minutes are minutes; the local day is the one of `time_zone` (IANA name).

    `cap_day` in 1..20 boosts a day, `spacing_min` in 0..720 minutes between two asks, quiet hours as minutes
    after local midnight and a length in minutes (0..1380; 0 means none).
    """

    cap_day: int
    spacing_min: int
    quiet_start_min: int
    quiet_len_min: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One person on the roster. `sectors` and `regions` are sets of codes; None means all."""

    id: int
    name: str
    lang: str
    """Language of the pages."""
    languages: frozenset[str]
    """Languages of the notices they take."""
    state: VolunteerState
    limits: Limits
    sectors: frozenset[str] | None
    regions: frozenset[str] | None
    accounts: tuple[Account, ...]
    joined_at: datetime
    paused_until: datetime | None = None
    charter_version: str = ""

    def may_be_asked(self, now: datetime) -> bool:
        """Whether no pause and no departure stands in the way at `now` (aware UTC)."""
        if self.state is VolunteerState.PAUSED:
            return self.paused_until is not None and self.paused_until <= now
        return self.state is VolunteerState.ACTIVE
