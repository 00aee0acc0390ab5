"""What a volunteer tells us, in four parts that are saved one by one on the settings page."""

from dataclasses import dataclass

from bot.model.volunteer import Limits


@dataclass(frozen=True, slots=True)
class Presence:
    """How we greet them and where they boost. `accounts` are pairs (network, normalised handle)."""

    name: str
    accounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `cap_day` boosts a day (1..20), `spacing_min` minutes (0..720) between two."""

    cap_day: int
    spacing_min: int


@dataclass(frozen=True, slots=True)
class Interests:
    """Which notices they take: codes of sectors and regions, None for all; at least one language."""

    sectors: frozenset[str] | None
    regions: frozenset[str] | None
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours: minutes after local midnight and a length (0..1380, 0: none), in an IANA time zone."""

    quiet_start_min: int
    quiet_len_min: int
    time_zone: str


Part = Presence | Pace | Interests | Hours


@dataclass(frozen=True, slots=True)
class Profile:
    """The whole of an application that passed."""

    presence: Presence
    pace: Pace
    interests: Interests
    hours: Hours

    @property
    def limits(self) -> Limits:
        """The limits the planner keeps."""
        return Limits(
            self.pace.cap_day,
            self.pace.spacing_min,
            self.hours.quiet_start_min,
            self.hours.quiet_len_min,
            self.hours.time_zone,
        )
