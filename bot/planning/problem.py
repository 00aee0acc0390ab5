"""One round as plain values: who asks for boosts, who may give them, which pair fits. Standard library only.

This is the round of the JSON form (docs/reference/round.md), in minutes of one local day; the daemon makes
one of its next 24 hours to prove that nobody could have more (`bot.planning.prove`). The planner, the
certificates and their verifier share these words and nothing else.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

DAY_MIN = 1440
HOUR_MIN = 60

Id = int | str
"""An id is given back as it came; 1 and "1" are two ids."""


@dataclass(frozen=True, slots=True)
class Request:
    """One seeker's call in this round.

    `received` boosts count towards its level, `demand` is the most new ones, `weight` is above 0; a `region`
    of None means anywhere. `boosted_by` may name volunteers who are not in the round.
    """

    id: Id
    seeker: Id
    networks: frozenset[str]
    lang: str
    tags: frozenset[str]
    region: str | None
    weight: Fraction
    demand: int
    received: int
    boosted_by: frozenset[Id]


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One who may boost, with their limits; None for topics or regions means all.

    `min_gap`, `quiet_start` and `quiet_len` are minutes; `cap_hour` is at least 1. `slots`, when it is known,
    is how many slots there are; otherwise the limits say it.
    """

    id: Id
    networks: frozenset[str]
    langs: frozenset[str]
    topics: frozenset[str] | None
    regions: frozenset[str] | None
    cap_day: int
    cap_hour: int
    min_gap: int
    quiet_start: int
    quiet_len: int
    followers: int | float
    slots: int | None = None

    @property
    def spacing(self) -> int:
        """Least minutes between two slots: keeps the hourly cap in any 60 minutes and the minimal gap."""
        return max(self.min_gap, -(-HOUR_MIN // self.cap_hour))

    @property
    def capacity(self) -> int:
        """Most boosts in the round: the slots that fit outside the quiet hours."""
        if self.slots is not None:
            return self.slots
        return min(self.cap_day, (DAY_MIN - self.quiet_len) // self.spacing)


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be planned. The horizon is one day: minutes [start, start + 1440)."""

    start: int
    requests: tuple[Request, ...]
    volunteers: tuple[Volunteer, ...]


class Boost(NamedTuple):
    """One planned boost; `at` is a minute of the horizon."""

    request: Id
    volunteer: Id
    at: int


def fits(request: Request, volunteer: Volunteer) -> bool:
    """Say whether the volunteer may boost the request at all."""
    return (
        not request.networks.isdisjoint(volunteer.networks)
        and request.lang in volunteer.langs
        and (
            bool(request.tags) if volunteer.topics is None else not request.tags.isdisjoint(volunteer.topics)
        )
        and (request.region is None or volunteer.regions is None or request.region in volunteer.regions)
        and volunteer.id not in request.boosted_by
    )


def order(name: Id) -> tuple[bool, Id]:
    """Give the place of an id in the order in which everything is looked at: numbers, then texts."""
    return (isinstance(name, str), name)


def by_id(item: Request | Volunteer) -> tuple[bool, Id]:
    """Give the place of a request or volunteer in that order."""
    return order(item.id)
