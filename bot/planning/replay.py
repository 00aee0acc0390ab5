"""The collective as the planner's log tells it, entry by entry. Pure; shares no code with the planner.

Words of the log (`bot.planning.log`) become views; an ask changes the view of its notice, as it did then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import Any

from bot.model.boost import Boost
from bot.model.plan import COUNTED_STATES
from bot.model.volunteer import Limits
from bot.planning.rule import DEADLINE_SHARE, spacing_after

DAY = timedelta(hours=24)


@dataclass
class NoticeView:
    """A notice as the planner saw it. `boosts` are those that counted: when, whose, carried over or not."""

    id: int
    seeker: int
    networks: frozenset[str]
    lang: str
    sector: str | None
    region: str | None
    weight: int
    demand: int
    opened: datetime
    deadline: datetime
    scarcity: int
    reached: set[str]
    boosts: list[tuple[datetime, int, bool]]
    asked: set[int]

    @classmethod
    def of(cls, notice_id: int, data: Mapping[str, Any]) -> "NoticeView":
        """Read an entry."""
        fields = dict(data)
        fields["networks"] = frozenset(fields["networks"])
        fields["opened"], fields["deadline"] = map(datetime.fromisoformat, (data["opened"], data["deadline"]))
        fields["reached"], fields["asked"] = set(data["reached"]), set(data["asked"])
        fields["boosts"] = sorted((datetime.fromisoformat(at), v, bool(c)) for at, v, c in data["boosts"])
        return cls(notice_id, **fields)


@dataclass(frozen=True)
class VolunteerView:
    """A volunteer as the planner saw them; None for sectors or regions means all."""

    id: int
    state: str
    paused_until: datetime | None
    languages: frozenset[str]
    sectors: frozenset[str] | None
    regions: frozenset[str] | None
    accounts: tuple[tuple[int, str, str], ...]
    limits: Limits

    @classmethod
    def of(cls, volunteer_id: int, data: Mapping[str, Any]) -> "VolunteerView":
        """Read an entry."""
        until = data["paused_until"]
        names = ("cap_day", "spacing_min", "quiet_start_min", "quiet_len_min", "time_zone")
        return cls(
            volunteer_id,
            data["state"],
            datetime.fromisoformat(until) if until else None,
            frozenset(data["languages"]),
            None if data["sectors"] is None else frozenset(data["sectors"]),
            None if data["regions"] is None else frozenset(data["regions"]),
            tuple((number, network, instance) for number, network, instance in data["accounts"]),
            Limits(**{name: data[name] for name in names}),
        )

    def awake(self, at: datetime) -> bool:
        """Whether neither a pause nor a departure stands in the way."""
        back = self.state == "paused" and self.paused_until is not None and self.paused_until <= at
        return self.state == "active" or back

    def circles(self, account_id: int | None = None) -> set[str]:
        """Give the circles that a boost opens, of one account or of all."""
        return {
            *(f"sector:{code}" for code in self.sectors or ()),
            *(f"region:{code}" for code in self.regions or ()),
            *(f"lang:{code}" for code in self.languages),
            *(
                f"place:{network}:{instance}"
                for number, network, instance in self.accounts
                if account_id in {None, number}
            ),
        }


@dataclass
class World:
    """Everything the log has told so far."""

    rules: Mapping[str, Any] = field(default_factory=dict)
    notices: dict[int, NoticeView] = field(default_factory=dict)
    volunteers: dict[int, VolunteerView] = field(default_factory=dict)
    asks: dict[int, list[datetime]] = field(default_factory=dict)
    """By volunteer: every ask, ascending."""
    pairs: dict[tuple[int, int], Boost] = field(default_factory=dict)

    def know(self, rows: Iterable[Boost]) -> None:
        """Take in what the boosts themselves say; asks are entered as the log tells them."""
        self.pairs = {(row.notice_id, row.volunteer_id): row for row in rows}

    def ask(self, notice: NoticeView, volunteer: VolunteerView, account_id: int, at: datetime) -> None:
        """Do what an ask did."""
        notice.boosts.append((at, volunteer.id, False))
        notice.asked.add(volunteer.id)
        notice.reached |= volunteer.circles(account_id)
        self.asks.setdefault(volunteer.id, []).append(at)

    def given_back(self, notice_id: int, volunteer_id: int) -> bool:
        """Whether the boosts agree that an ask no longer counts for its notice."""
        row = self.pairs.get((notice_id, volunteer_id))
        return row is None or row.state not in COUNTED_STATES

    def rank(self, notice: NoticeView) -> tuple[int, int, int]:
        """Give where a notice stands by the slot-time rule; the least goes first."""
        boosts = len(notice.boosts)
        lives = notice.deadline.timestamp() / self.rules["life_s"]
        tag = floor(boosts / notice.weight + DEADLINE_SHARE * self.rules["mean"] * lives)
        return int(boosts > 0), tag, notice.scarcity

    def is_free(self, notice: NoticeView, at: datetime, seed: bytes) -> bool:
        """Whether a notice is open, below its demand and outside its spacing and daily maximum."""
        times = sorted(at for at, _, _ in notice.boosts)
        spacing = timedelta(seconds=self.rules["spacing_s"])
        return (
            notice.opened <= at < notice.deadline
            and sum(not carried for _, _, carried in notice.boosts) < notice.demand
            and not (times and at - times[-1] < spacing_after(seed, notice.id, len(times), spacing))
            and sum(at - earlier < DAY for earlier in times) < self.rules["day_max"]
        )


def fits(notice: NoticeView, volunteer: VolunteerView) -> bool:
    """Whether network, language, sector and region agree."""
    networks = {network for _, network, _ in volunteer.accounts}
    return (
        bool(networks & notice.networks if notice.networks else networks)
        and notice.lang in volunteer.languages
        and (notice.sector is None or volunteer.sectors is None or notice.sector in volunteer.sectors)
        and (notice.region is None or volunteer.regions is None or notice.region in volunteer.regions)
    )
