"""What the collective has done, in figures that cannot point at anybody.

**Groups under five are hidden.** A group of fewer than `LEAST` people is never shown by itself. Small groups
are put together under "others"; where these are fewer than five people in all, the smallest group that could
be shown joins them, so that nothing can be found by subtracting what is shown from the total. Bins of a
histogram join their neighbours in the same way; an empty bin holds nobody and may be shown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.reporting.queue import fairness
from bot.storage import Session, collective, statistics
from bot.storage.statistics import DayAsk, Part, Sent

LEAST = 5
"""Fewest people of a group that is shown."""
BINS = ((0, 0), (1, 3), (4, 7), (8, 10), (11, 13), (14, None))
"""Boosts of a notice, from and to (None: or more), as the histogram groups them."""
P95_LEAST = 20
"""Fewest notices for a 95th percentile: with fewer it would be the wait of one."""
COARSE = timedelta(minutes=5)
"""Waits are rounded up to this."""
NAMES = 3
CAP_DAYS = 7
"""Days back over which caps are checked."""
OTHERS = "*"
"""Code of the groups put together."""


@dataclass(frozen=True, slots=True)
class Row:
    """Boosts of a group. `code` is a network, a sector, a region, "" for any, or `OTHERS`."""

    code: str
    boosts: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Notices that got from `low` to `high` boosts; None means or more."""

    low: int
    high: int | None
    notices: int


@dataclass(frozen=True, slots=True)
class Impact:
    """All figures of the page. None: fewer than `LEAST` people, so not shown."""

    since: datetime | None
    begun: bool
    """A notice has gone round, even where there are too few for figures."""
    notices: int | None
    found: int | None
    names: tuple[str, ...]
    boosts: int | None
    volunteers: int | None
    wait_median: timedelta | None
    wait_p95: timedelta | None
    boosts_median: int | None
    histogram: tuple[Bin, ...]
    networks: tuple[Row, ...]
    sectors: tuple[Row, ...]
    regions: tuple[Row, ...]
    checked: int | None
    """Volunteers asked for something in the last `CAP_DAYS` days, whose limits stayed the same."""
    circulating: int | None
    """Notices going round now."""
    without: int | None
    """How many of these have no boost yet; None also for a group of 1 to 4."""
    oldest: timedelta | None
    """How long one of these has waited at most; None when nobody waits, or too few."""
    load: float | None
    """What half of the volunteers asked in the last week gave at most, as a share of their caps."""
    above_cap: int | None
    """How many of these were asked for more in a day than their cap allows; None: too few to say."""
    collective: int | None
    """Shares by the collective's own account, which are not among the others."""


def impact(session: Session, *, now: datetime) -> Impact:
    """Count everything at `now` (aware UTC)."""
    start = statistics.since(session, now)
    sent = statistics.sent(session, now)
    networks = statistics.by_network(session)
    found = statistics.found_jobs(session)
    helpers = {part.person for part in networks}
    enough = len({one.seeker for one in sent}) >= LEAST
    shown = enough and len(helpers) >= LEAST
    per_notice = Counter(one.boosts for one in sent)
    waits = sorted(one.wait for one in sent if one.wait is not None)
    checked, above = above_cap(statistics.asks_since(session, now - timedelta(days=CAP_DAYS)))
    now_round = fairness(session, now=now)
    even = now_round.total >= LEAST
    own, owners = collective.done(session)
    return Impact(
        since=start if enough else None,
        begun=start is not None,
        notices=len(sent) if enough else None,
        found=found if found >= LEAST else None,
        names=_first_names(session) if found >= LEAST else (),
        boosts=sum(part.boosts for part in networks) if shown else None,
        volunteers=len(helpers) if shown else None,
        wait_median=coarse(ranked(waits, 0.5)) if enough and len(waits) >= LEAST else None,
        wait_p95=coarse(ranked(waits, 0.95)) if enough and len(waits) >= P95_LEAST else None,
        boosts_median=median(per_notice) if enough else None,
        histogram=bins(per_notice) if enough else (),
        networks=groups(networks) if shown else (),
        sectors=groups(_parts((one.sector, one) for one in sent)) if shown else (),
        regions=groups(_parts((one.region, one) for one in sent)) if shown else (),
        circulating=now_round.total if even else None,
        without=now_round.none if even and (not now_round.none or now_round.none >= LEAST) else None,
        oldest=coarse(now_round.oldest) if even and now_round.none >= LEAST and now_round.oldest else None,
        load=now_round.load if checked >= LEAST else None,
        checked=checked if checked >= LEAST else None,
        above_cap=above if checked >= LEAST else None,
        collective=own if owners >= LEAST else None,
    )


def _parts(pairs: Iterable[tuple[str, Sent]]) -> Iterator[Part]:
    return (Part(code, one.seeker, one.boosts) for code, one in pairs if one.boosts)


def ranked(ascending: Sequence[timedelta], rank: float) -> timedelta:
    """Give the value at `rank` (0..1) by nearest rank: 0.5 of four is the second."""
    return ascending[max(0, -int(-rank * len(ascending) // 1) - 1)]


def groups(parts: Iterable[Part], least: int = LEAST) -> tuple[Row, ...]:
    """Give the boosts of each group of at least `least` people, most boosts first, the others together last.

    Nothing is given where all together are fewer than `least` people.
    """
    people: dict[str, set[int]] = {}
    boosts: Counter[str] = Counter()
    for part in parts:
        people.setdefault(part.group, set()).add(part.person)
        boosts[part.group] += part.boosts
    by_size = sorted(people, key=lambda code: (len(people[code]), boosts[code], code))
    hidden: list[str] = []
    others: set[int] = set()
    while by_size and (len(people[by_size[0]]) < least or (hidden and len(others) < least)):
        hidden.append(by_size.pop(0))
        others |= people[hidden[-1]]
    if len(others) < least:
        # Nothing was hidden, or everything was and is still too little.
        hidden = []
    rows = [Row(code, boosts[code]) for code in sorted(by_size, key=lambda code: (-boosts[code], code))]
    return (*rows, *([Row(OTHERS, sum(boosts[code] for code in hidden))] if hidden else []))


def bins(per_notice: Mapping[int, int], least: int = LEAST) -> tuple[Bin, ...]:
    """Give the histogram of notices by boosts; a bin of fewer than `least` notices joins its neighbour."""
    found: list[Bin] = []
    for low, high in BINS:
        got = sum(
            notices
            for boosts, notices in per_notice.items()
            if boosts >= low and (high is None or boosts <= high)
        )
        found.append(Bin(low, high, got))
        if len(found) > 1 and 0 < found[-2].notices < least:
            _join(found)
    while len(found) > 1 and 0 < found[-1].notices < least:
        _join(found)
    return tuple(found) if all(one.notices >= least or not one.notices for one in found) else ()


def _join(found: list[Bin]) -> None:
    """Put the last two bins together."""
    last, before = found.pop(), found.pop()
    found.append(Bin(before.low, last.high, before.notices + last.notices))


def median(per_notice: Mapping[int, int]) -> int | None:
    """Give the middle number of boosts; of two middles the lower."""
    left = -(-sum(per_notice.values()) // 2)
    for boosts in sorted(per_notice):
        left -= per_notice[boosts]
        if left <= 0:
            return boosts
    return None


def coarse(wait: timedelta) -> timedelta:
    """Round a wait up, so that no moment can be read from it."""
    return max(COARSE, -(-wait // COARSE) * COARSE)


def above_cap(asks: Iterable[DayAsk]) -> tuple[int, int]:
    """Count the volunteers who were asked, and those asked for more in one of their days than their cap."""
    days: Counter[tuple[int, str]] = Counter()
    caps: dict[int, int] = {}
    for ask in asks:
        caps[ask.volunteer_id] = ask.cap_day
        days[ask.volunteer_id, ask.at.astimezone(ZoneInfo(ask.time_zone)).date().isoformat()] += 1
    return len(caps), len({who for (who, _), count in days.items() if count > caps[who]})


def _first_names(session: Session) -> tuple[str, ...]:
    """Give the first words of the latest names, each once."""
    names = (name.split()[0] for name in statistics.names_of_found(session, NAMES * 3) if name.split())
    return tuple(dict.fromkeys(names))[:NAMES]
