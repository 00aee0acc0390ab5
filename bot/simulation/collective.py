"""Who takes part: volunteers and the notices that arrive, drawn from a seed or from one's own data."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.model.notice import Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.volunteer import Account, Limits, Volunteer, VolunteerState
from bot.planning.eligibility import VolunteerIndex
from bot.planning.quota import Most
from bot.planning.rule import scarcity_of
from bot.planning.slots import slots_a_day

START = datetime(2026, 3, 2, tzinfo=UTC)
"""Midnight of a Monday; the clocks of Europe go forward within the month that follows."""
DAY_S = 86_400
NETWORKS = {"x": 50, "linkedin": 20, "mastodon": 18, "bluesky": 12}
SECTORS = dict(zip("MKNHFDGJECIALB", (18, 14, 12, 10, 9, 9, 8, 7, 4, 3, 2, 2, 1, 1), strict=True))
REGIONS = {
    "11": 22,
    "84": 12,
    "32": 11,
    "75": 10,
    "76": 9,
    "93": 8,
    "44": 8,
    "52": 6,
    "53": 6,
    "28": 4,
    "27": 4,
}
NIGHT_WORK = 0.07
"""Share of volunteers who sleep by day: of France's employees 7.4 % usually work at night (DARES, 2012)."""
SLEEP_SD_MIN = 75
"""Standard deviation of when people sleep, a near-Gaussian (Roenneberg, Sleep Medicine Reviews, 2007)."""
INSTANCES = ("piaille.example", "mamot.example", "social.example")
_WORDS = NoticeText("", "", remote=False, contract=Contract.ANY, text="", name="")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is simulated. Shares are from 0 to 1.

    `supply` is the boosts that volunteers can give over those that are wanted: 0.2 means one for five.
    """

    volunteers: int = 200
    days: int = 30
    supply: float = 0.5
    cap_day: int = 5
    demand: int = 12
    round_days: int = 7
    spacing_min: int = 20
    day_max: int = 12
    refusals: float = 0.05
    silence: float = 0.1
    patience_h: int = 24
    reposting: float = 0.0
    """Share of the seekers who withdraw and send again every day."""
    weight_two: float = 0.0
    """Share of the seekers whose notice has the weight 2."""
    reach: bool = True
    """Whether new circles decide between equals."""
    networks: Mapping[str, Most] = field(default_factory=dict)
    """The most that is asked of all volunteers on a network."""
    same_nights: bool = False
    """Whether all volunteers sleep at about the same hours: nobody at all is awake from ten to six."""
    every_s: float | None = None
    """Mean seconds between two arrivals; None: as many arrive as `supply` says."""
    seed: int = 1

    @property
    def life(self) -> timedelta:
        """How long a notice goes round."""
        return timedelta(days=self.round_days)

    @property
    def end(self) -> datetime:
        """When the simulation stops."""
        return START + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Collective:
    """The volunteers, and what notices are like: each arrival is like one of `kinds`."""

    volunteers: Sequence[Volunteer]
    kinds: Sequence[Notice]


def invented(scenario: Scenario) -> Collective:
    """Draw a collective: skewed networks, sectors and regions, caps around `cap_day`, nights of their own."""
    rng = random.Random(f"{scenario.seed} people")  # noqa: S311
    nights = random.Random(f"{scenario.seed} nights")  # noqa: S311
    people = [_volunteer(rng, n, scenario.cap_day) for n in range(1, scenario.volunteers + 1)]
    if not scenario.same_nights:
        people = [replace(v, limits=_own_night(nights, v.limits)) for v in people]
    return Collective(people, [_kind(rng) for _ in range(2_000)])


def _some(rng: random.Random, weights: dict[str, int], most: int) -> frozenset[str]:
    return frozenset(rng.choices([*weights], [*weights.values()], k=rng.randint(1, most)))


def _volunteer(rng: random.Random, number: int, cap_day: int) -> Volunteer:
    networks = sorted(_some(rng, NETWORKS, 3))
    return Volunteer(
        id=number,
        name="",
        lang="fr",
        languages=frozenset({"fr"}) if rng.random() < 0.8 else frozenset({"fr", "en"}),  # noqa: PLR2004
        state=VolunteerState.ACTIVE,
        limits=Limits(
            cap_day=max(1, min(20, round(rng.gammavariate(4, cap_day / 4)))),
            spacing_min=rng.choice([30, 60, 60, 120]),
            quiet_start_min=rng.choice([1260, 1290, 1320]),
            quiet_len_min=rng.choice([540, 600, 660]),
            time_zone="Europe/Paris",
        ),
        sectors=None if rng.random() < 0.6 else _some(rng, SECTORS, 3),  # noqa: PLR2004
        regions=None if rng.random() < 0.6 else _some(rng, REGIONS, 2),  # noqa: PLR2004
        accounts=tuple(
            Account(
                number * 10 + i, number, name, f"v@{rng.choice(INSTANCES)}" if name == "mastodon" else "v"
            )
            for i, name in enumerate(networks)
        ),
        joined_at=START,
    )


def _own_night(rng: random.Random, limits: Limits) -> Limits:
    """Let somebody sleep earlier or later than the others, or by day."""
    by_day = rng.random() < NIGHT_WORK
    later = DAY_S // 120 if by_day else round(rng.gauss(0, SLEEP_SD_MIN) / 30) * 30
    return replace(limits, quiet_start_min=(limits.quiet_start_min + later) % (DAY_S // 60))


def _kind(rng: random.Random) -> Notice:
    networks = () if rng.random() < 0.3 else sorted(_some(rng, NETWORKS, 2))  # noqa: PLR2004
    return Notice(
        id=0,
        seeker_id=0,
        person_id=0,
        state=NoticeState.ACTIVE,
        words=_WORDS,
        lang="fr" if rng.random() < 0.95 else "en",  # noqa: PLR2004
        sector=None if rng.random() < 0.1 else rng.choices([*SECTORS], [*SECTORS.values()])[0],  # noqa: PLR2004
        region=None if rng.random() < 0.15 else rng.choices([*REGIONS], [*REGIONS.values()])[0],  # noqa: PLR2004
        posts=tuple(PostRef(name, "", "") for name in networks),
        share_slug="",
        revision=1,
        created_at=START,
        opened_at=START,
        deadline=START,
        demand=0,
        weight=1,
    )


def arrivals(scenario: Scenario, collective: Collective) -> Iterator[Notice]:
    """Give the notices in the order in which they open: a Poisson process."""
    rng = random.Random(f"{scenario.seed} arrivals")  # noqa: S311
    weights = random.Random(f"{scenario.seed} weights")  # noqa: S311
    roster = VolunteerIndex(collective.volunteers)
    slots = sum(slots_a_day(volunteer.limits) for volunteer in collective.volunteers)
    gap_s = scenario.every_s or DAY_S * scenario.supply * scenario.demand / max(1, slots)
    moment, number = START, 0
    while (moment := moment + timedelta(seconds=rng.expovariate(1 / gap_s))) < scenario.end:
        number += 1
        kind = rng.choice(collective.kinds)
        yield replace(
            kind,
            id=number,
            seeker_id=number,
            person_id=number,
            created_at=moment,
            opened_at=moment,
            deadline=moment + scenario.life,
            demand=scenario.demand,
            weight=2 if weights.random() < scenario.weight_two else kind.weight,
            scarcity=scarcity_of(roster.slots(roster.of(kind).fits)),
            reached=frozenset(),
        )
