"""How the networks stand: what is watched, what stands in the way until when, what was seen and missed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.found import ENTERS, Sight
from bot.model.watch import Gap, Watching
from bot.storage import Session, sightings, watchers

SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standing:
    """One watcher with what it saw in the last week."""

    watching: Watching
    seen: Mapping[Sight, int]

    @property
    def entered(self) -> int:
        """Posts that became notices."""
        return sum(count for sight, count in self.seen.items() if sight in ENTERS)


@dataclass(frozen=True, slots=True)
class Standings:
    """All watchers that ever ran, by name, and what could not be read back in the last week."""

    watchers: tuple[Standing, ...]
    gaps: tuple[Gap, ...]


def standings(session: Session, *, watched: Iterable[str], now: datetime) -> Standings:
    """Look at the watchers of the networks in `watched`. Reads only."""
    names = set(watched)
    tally = sightings.tally(session, now - SINCE)
    found = [one for one in watchers.listed(session) if one.network in names]
    return Standings(
        tuple(Standing(one, tally.get(one.name, {})) for one in found),
        tuple(watchers.gaps(session, now - SINCE)),
    )
