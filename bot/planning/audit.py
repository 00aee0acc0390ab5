"""Replay the planner's log and prove every decision, or name the first breach. Pure.

Written from the definitions: nothing here asks the planner. Who fits, what is free and who goes first are
looked up by a plain scan over all notices, for every single ask: slower by far, and easy to read beside
FAIRNESS.md 1.2 and 1.5. Only the arithmetic of slots, jitter and local days is shared.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.model.boost import Boost
from bot.model.day import in_quiet_hours, local_day
from bot.planning.replay import NoticeView, VolunteerView, World, fits
from bot.planning.rule import BRIDGE, JITTER
from bot.planning.slots import day_slots


class Entry(Protocol):
    """A line of the log."""

    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def data(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True)
class Breach:
    """What does not hold: which promise, when, about what, and what was found."""

    promise: str
    at: datetime
    subject: str
    found: str

    def __str__(self) -> str:
        return f"{self.promise} does not hold: {self.subject} at {self.at.isoformat()}: {self.found}."


@dataclass
class Report:
    """What an audit looked at. `breach` is the first one, or None: everything holds."""

    entries: int = 0
    asks: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    """How often each promise was checked."""
    before: int = 0
    """Asks made before the log begins: only the database tells of them."""
    breach: Breach | None = None


@dataclass(frozen=True)
class _Ask:
    """One decision under the eye of the auditor."""

    at: datetime
    subject: str
    data: Mapping[str, Any]
    notice: NoticeView
    volunteer: VolunteerView
    past: Sequence[datetime]


def audit(
    entries: Iterable[Entry],
    rows: Sequence[Boost],
    seed: bytes,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Report:
    """Replay the log.

    Args:
        entries: from the beginning of the log, in order.
        rows: all boosts that were ever asked.
        seed: the installation's secret for slots.
        since: decisions before it are replayed but not checked.
        until: where to stop.
    """
    return _Auditor(rows, seed, since, until).run(entries)


class _Auditor:
    def __init__(
        self, rows: Sequence[Boost], seed: bytes, since: datetime | None, until: datetime | None
    ) -> None:
        self._world = World()
        self._world.know(rows)
        self._rows = {f"boost:{row.id}": row for row in rows}
        self._seed, self._since, self._until = seed, since, until
        self._report = Report()
        self._logged: set[str] = set()

    def run(self, entries: Iterable[Entry]) -> Report:
        """Go through the log, then compare it with the boosts."""
        begin: datetime | None = None
        end = self._until
        for entry in entries:
            if end is not None and entry.at >= end:
                break
            if begin is None:
                begin = entry.at
                self._remember(begin)
            self._report.entries += 1
            self._report.breach = self._take(entry)
            if self._report.breach:
                return self._report
        self._report.breach = self._missing(begin)
        return self._report

    def _remember(self, begin: datetime) -> None:
        """Enter the asks of before the log."""
        for at, row in sorted((row.asked_at or row.due_at, row.id) for row in self._rows.values()):
            if at < begin:
                volunteer = self._rows[f"boost:{row}"].volunteer_id
                self._world.asks.setdefault(volunteer, []).append(at)
                self._report.before += 1

    def _missing(self, begin: datetime | None) -> Breach | None:
        """Find a boost that was asked and of which the log says nothing."""
        for subject, row in self._rows.items():
            at = row.asked_at or row.due_at
            inside = begin is not None and at >= begin and (self._until is None or at < self._until)
            if inside and subject not in self._logged:
                return Breach("LOG", at, subject, "it was asked, and the log does not say so")
        return None

    def _take(self, entry: Entry) -> Breach | None:
        kind, _, number = entry.subject.partition(":")
        if entry.kind == "rules":
            self._world.rules = entry.data
        elif entry.kind == "volunteer":
            self._world.volunteers[int(number)] = VolunteerView.of(int(number), entry.data)
        elif entry.kind == "gone":
            self._world.notices.pop(int(number), None)
        elif entry.kind == "notice":
            return self._notice(entry, NoticeView.of(int(number), entry.data))
        elif entry.kind == "ask" and kind == "boost":
            return self._ask(entry)
        return None

    def _notice(self, entry: Entry, now: NoticeView) -> Breach | None:
        """Take in a notice; what counts for it is what was asked, less what was given back."""
        before = self._world.notices.get(now.id)
        self._world.notices[now.id] = now
        others = [n for n in self._world.notices.values() if n.seeker == now.seeker and n.id != now.id]
        if others:
            return Breach(
                "I10", entry.at, entry.subject, f"notice {others[0].id} of the same seeker is active"
            )
        if before is None:
            return None
        own = {volunteer for _, volunteer, carried in now.boosts if not carried}
        had = {volunteer for _, volunteer, carried in before.boosts if not carried}
        for volunteer in sorted(own - before.asked):
            return Breach("LOG", entry.at, entry.subject, f"volunteer {volunteer} counts and was never asked")
        for volunteer in sorted(had - own):
            if not self._world.given_back(now.id, volunteer):
                return Breach("LOG", entry.at, entry.subject, f"the boost of volunteer {volunteer} is lost")
        return None

    def _ask(self, entry: Entry) -> Breach | None:
        data = entry.data
        self._logged.add(entry.subject)
        row = self._rows.get(entry.subject)
        told = (data["notice"], data["volunteer"], data["account"], entry.at)
        if row is None:
            return Breach("LOG", entry.at, entry.subject, "the log tells of a boost that is not there")
        if told != (row.notice_id, row.volunteer_id, row.account_id, row.asked_at):
            return Breach("LOG", entry.at, entry.subject, "the boost says something else than the log")
        notice = self._world.notices.get(data["notice"])
        volunteer = self._world.volunteers.get(data["volunteer"])
        if notice is None:
            return Breach("I9", entry.at, entry.subject, f"notice {data['notice']} was not active")
        if volunteer is None:
            return Breach("I1", entry.at, entry.subject, f"volunteer {data['volunteer']} is unknown")
        past = self._world.asks.get(volunteer.id, [])
        if self._since is None or entry.at >= self._since:
            self._report.asks += 1
            ask = _Ask(entry.at, entry.subject, data, notice, volunteer, past)
            for promise, check in _CHECKS.items():
                self._report.checks[promise] += 1
                found = check(self, ask)
                if found:
                    return Breach(promise, entry.at, entry.subject, found)
        self._world.ask(notice, volunteer, data["account"], entry.at)
        return None

    # What was promised, one function each; an empty answer means that it holds.

    def eligible(self, ask: _Ask) -> str:
        """I1, I11: the notice and the volunteer's account fit, and the volunteer may be asked."""
        if not fits(ask.notice, ask.volunteer):
            return f"notice {ask.notice.id} does not fit volunteer {ask.volunteer.id}"
        networks = {number: network for number, network, _ in ask.volunteer.accounts}
        network = networks.get(ask.data["account"])
        if network is None or (ask.notice.networks and network not in ask.notice.networks):
            return f"account {ask.data['account']} cannot carry notice {ask.notice.id}"
        return ""

    def once(self, ask: _Ask) -> str:
        """I2: never asked for this seeker before."""
        return "the volunteer was asked before" if ask.volunteer.id in ask.notice.asked else ""

    def cap(self, ask: _Ask) -> str:
        """I3: the daily cap, by the volunteer's local day."""
        limits = ask.volunteer.limits
        today = sum(local_day(limits, at) == local_day(limits, ask.at) for at in ask.past)
        return f"{today + 1} asks on one local day, the cap is {limits.cap_day}" * (today >= limits.cap_day)

    def spaced(self, ask: _Ask) -> str:
        """I4, I5: the spacing to the last ask, and so the most in any hour, across midnight too."""
        gap = timedelta(minutes=max(1, ask.volunteer.limits.spacing_min))
        near = bool(ask.past) and ask.at - ask.past[-1] < gap
        return f"only {ask.at - ask.past[-1]} after the last ask" if near else ""

    def quiet(self, ask: _Ask) -> str:
        """I6: not in quiet hours."""
        return "in quiet hours" * in_quiet_hours(ask.volunteer.limits, ask.at)

    def demand(self, ask: _Ask) -> str:
        """I7: not more than the notice asks for."""
        own = sum(not carried for _, _, carried in ask.notice.boosts)
        return f"it has {own} boosts, its demand is {ask.notice.demand}" * (own >= ask.notice.demand)

    def free(self, ask: _Ask) -> str:
        """I8: the notice's own spacing and daily maximum."""
        least = (1 - JITTER) * self._world.rules["spacing_s"]
        near = [at for at, _, _ in ask.notice.boosts if (ask.at - at).total_seconds() < least]
        if near or not self._world.is_free(ask.notice, ask.at, self._seed):
            return f"notice {ask.notice.id} was not free yet"
        return ""

    def open(self, ask: _Ask) -> str:
        """I9: within the notice's round, and nobody who pauses or left."""
        if not ask.volunteer.awake(ask.at):
            return f"volunteer {ask.volunteer.id} is {ask.volunteer.state}"
        inside = ask.notice.opened <= ask.at < ask.notice.deadline
        return "" if inside else f"outside the round of notice {ask.notice.id}"

    def slot(self, ask: _Ask) -> str:
        """I12: a slot that can be derived again; the k-th ask of a day comes at its k-th slot or later."""
        limits = ask.volunteer.limits
        today = local_day(limits, ask.at)
        slots = day_slots(self._seed, ask.volunteer.id, limits, today)
        used = sum(local_day(limits, at) == today for at in ask.past)
        if used >= len(slots):
            return f"the day has {len(slots)} slots, this is ask {used + 1}"
        if ask.past and ask.at < slots[used]:
            return f"slot {used + 1} comes at {slots[used].isoformat()}"
        told = datetime.fromisoformat(ask.data["slot"])
        return "" if told == min(slots[used], ask.at) else "the slot it names cannot be derived again"

    def first(self, ask: _Ask) -> str:
        """P1, P2: no notice that could have had the slot goes before; among equals, new circles decide."""
        ranked = sorted(
            (self._world.rank(notice), notice.opened, notice.id)
            for notice in self._world.notices.values()
            if ask.volunteer.id not in notice.asked
            and fits(notice, ask.volunteer)
            and self._world.is_free(notice, ask.at, self._seed)
        )
        if not ranked or ask.data["candidates"] != len(ranked):
            return f"{len(ranked)} notices could have had the slot, the log says {ask.data['candidates']}"
        least = ranked[0][0]
        if self._world.rank(ask.notice) != least or ask.data["rank"] != list(least):
            return f"notice {ranked[0][2]} goes before notice {ask.notice.id}"
        equals = [number for found, _, number in ranked if found == least][:BRIDGE]
        if least[0]:
            circles = ask.volunteer.circles()
            chosen = max(equals, key=lambda n: len(circles - self._world.notices[n].reached))
        else:
            chosen = equals[0]
        return "" if chosen == ask.notice.id else f"among equals, notice {chosen} goes first"


_CHECKS: dict[str, Callable[[_Auditor, _Ask], str]] = {
    "I1 and I11": _Auditor.eligible,
    "I2": _Auditor.once,
    "I3": _Auditor.cap,
    "I4 and I5": _Auditor.spaced,
    "I6": _Auditor.quiet,
    "I7": _Auditor.demand,
    "I8": _Auditor.free,
    "I9": _Auditor.open,
    "I12": _Auditor.slot,
    "P1 and P2": _Auditor.first,
}
