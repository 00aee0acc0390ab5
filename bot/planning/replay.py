"""The collective as the planner's log tells it, entry by entry. Pure; shares no code with the planner.

Words of the log (`bot.planning.log`) become views; an ask changes the view of its notice, as it did then.
What each notice should count is told a second time, from the asks and from what became of them.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import floor
from typing import Any, NamedTuple

from bot.model.boost import Boost
from bot.model.plan import COUNTED_STATES
from bot.model.volunteer import Limits
from bot.planning.rule import DEADLINE_SHARE, spacing_after
from bot.storage.plan_log import Facts

DAY = timedelta(hours=24)
CARRY = timedelta(days=30)
"""How long a boost counts for the later notices of its seeker."""
NOTHING = Facts({}, {}, {}, {}, {}, whole=True)


class Told(NamedTuple):
    """One ask, as the log tells it; from before the log, as its boost does."""

    boost: int
    notice: int
    volunteer: int
    account: int
    at: datetime


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
    free: datetime | None = None
    """From when spacing and daily maximum let it have one more; None: to be worked out again."""

    @property
    def own(self) -> int:
        """How many of its boosts are not carried over."""
        return sum(not carried for _, _, carried in self.boosts)

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

    @cached_property
    def networks(self) -> frozenset[str]:
        """Where the accounts are."""
        return frozenset(network for _, network, _ in self.accounts)

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
            *(place(account) for account in self.accounts if account_id in {None, account[0]}),
        }


def place(account: tuple[int, str, str]) -> str:
    """Give the circle of where an account is."""
    return f"place:{account[1]}:{account[2]}"


class World:
    """Everything the log has told so far."""

    def __init__(self, rows: Iterable[Boost], seed: bytes, facts: Facts = NOTHING) -> None:
        self.rows = {row.id: row for row in rows}
        self.facts = facts
        self.seed = seed
        self.rules: Mapping[str, Any] = {}
        self.notices: dict[int, NoticeView] = {}
        self.gone: set[int] = set()
        self.volunteers: dict[int, VolunteerView] = {}
        self.asks: dict[int, list[datetime]] = {}
        """By volunteer: every ask, ascending."""
        self.on_networks: dict[str, list[datetime]] = {}
        """By network: every ask, ascending."""
        self.told: dict[int, dict[int, Told]] = {}
        """By notice and volunteer."""
        self.reached: dict[int, set[str]] = {}
        """The circles by notice, the ones that are gone included; unknown ones are absent."""
        self.latest: datetime | None = None
        """The latest moment so far: an earlier one means that the clock was set back."""
        self._notices_of: dict[int, set[int]] = {}
        for notice, seeker in facts.seekers.items():
            self._notices_of.setdefault(seeker, set()).add(notice)

    def say_rules(self, data: Mapping[str, Any]) -> None:
        """Take in the rules in force."""
        self.rules = data
        for notice in self.notices.values():
            notice.free = None

    def say_notice(self, view: NoticeView) -> None:
        """Take in a notice as it is now."""
        self.notices[view.id] = view
        self.reached[view.id] = view.reached
        self.gone.discard(view.id)
        self._notices_of.setdefault(view.seeker, set()).add(view.id)

    def say_gone(self, number: int) -> None:
        """Take in that a notice is no longer active."""
        self.notices.pop(number, None)
        self.gone.add(number)

    def say_ask(self, ask: Told) -> None:
        """Do what an ask did."""
        insort(self.asks.setdefault(ask.volunteer, []), ask.at)
        self.told.setdefault(ask.notice, {})[ask.volunteer] = ask
        if row := self.rows.get(ask.boost):
            insort(self.on_networks.setdefault(row.network, []), ask.at)
        notice, volunteer = self.notices.get(ask.notice), self.volunteers.get(ask.volunteer)
        if notice is not None and ask.volunteer not in notice.asked:
            insort(notice.boosts, (ask.at, ask.volunteer, False))
            notice.asked.add(ask.volunteer)
            if volunteer is None:
                self.reached.pop(notice.id, None)
            else:
                notice.reached |= volunteer.circles(ask.account)
            notice.free = None

    def bearing(self, view: NoticeView, at: datetime) -> Iterator[tuple[Told, bool]]:
        """Give the asks that bear on a notice at `at`: its own, and 30 days of others, which are carried."""
        for number in self._notices_of.get(view.seeker, ()):
            for ask in self.told.get(number, {}).values():
                if number == view.id or (ask.at >= at - CARRY and not self._forgotten(view, ask, at)):
                    yield ask, number != view.id

    def _forgotten(self, view: NoticeView, ask: Told, at: datetime) -> bool:
        """Whether an admin let the seeker begin anew since; if just now, the log says which was first."""
        later = [moment for moment in self.facts.resets.get(view.seeker, ()) if ask.at < moment <= at]
        return any(moment < at for moment in later) or (bool(later) and ask.volunteer not in view.asked)

    def may_count(self, ask: Told, at: datetime) -> frozenset[bool]:
        """Say if an ask counts at `at`, by what became of it; both, when that changed at this moment."""
        row = self.rows.get(ask.boost)
        if row is None or (self.latest is not None and at < self.latest):
            return frozenset((True, False))
        ends = row.ended_at if row.state not in COUNTED_STATES else None
        spans = list(self.facts.second_thoughts.get(ask.boost, ()))
        found = {True}
        if row.state not in COUNTED_STATES and (ends is None or ends <= at):
            found = {False} if ends is None or ends < at else {True, False}
        for start, end in spans:
            if start <= at <= end:
                found |= {False}
        return frozenset(found)

    def rank(self, notice: NoticeView) -> tuple[int, int, int]:
        """Give where a notice stands by the slot-time rule; the least goes first."""
        boosts = len(notice.boosts)
        lives = notice.deadline.timestamp() / self.rules["life_s"]
        tag = floor(boosts / notice.weight + DEADLINE_SHARE * self.rules["mean"] * lives)
        return int(boosts > 0), tag, notice.scarcity

    def full(self, network: str, at: datetime) -> str:
        """Say why no more may be asked on a network at `at`; empty: one more may be."""
        limits = self.rules.get("networks", {}).get(network, ())
        for most, hours in zip(limits, (1, 24), strict=False):
            since = at - timedelta(hours=hours)
            asked = sum(since < before for before in self.on_networks.get(network, ()))
            if most is not None and asked >= most:
                return f"ask {asked + 1} on {network} within {hours} h, with {most} the most"
        return ""

    def seen(self, volunteer: VolunteerView, at: datetime) -> VolunteerView:
        """Give a volunteer without the accounts on networks that are full."""
        return replace(
            volunteer, accounts=tuple(one for one in volunteer.accounts if not self.full(one[1], at))
        )

    def free_from(self, notice: NoticeView) -> datetime:
        """Give from when a notice's own spacing and daily maximum let it have one more boost."""
        if notice.free is None:
            times = sorted(at for at, _, _ in notice.boosts)
            most = self.rules["day_max"]
            spacing = timedelta(seconds=self.rules["spacing_s"])
            notice.free = notice.opened
            if times:
                gap = max(spacing_after(self.seed, notice.id, len(times), spacing), self.apart(notice))
                notice.free = max(notice.opened, times[-1] + gap)
            if len(times) >= most:
                notice.free = max(notice.free, times[-most] + DAY)
        return notice.free

    def apart(self, notice: NoticeView) -> timedelta:
        """Give the least time that the networks of a notice's posts want between two of its boosts."""
        told = self.rules.get("apart_s", {})
        return timedelta(seconds=max((told.get(name, 0) for name in notice.networks), default=0))

    def is_free(self, notice: NoticeView, at: datetime) -> bool:
        """Whether a notice is open, below its demand and outside its spacing and daily maximum."""
        return self.free_from(notice) <= at < notice.deadline and notice.own < notice.demand


def fits(notice: NoticeView, volunteer: VolunteerView) -> bool:
    """Whether network, language, sector and region agree."""
    networks = volunteer.networks
    return (
        bool(networks & notice.networks if notice.networks else networks)
        and notice.lang in volunteer.languages
        and (notice.sector is None or volunteer.sectors is None or notice.sector in volunteer.sectors)
        and (notice.region is None or volunteer.regions is None or notice.region in volunteer.regions)
    )
