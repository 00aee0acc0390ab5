"""Replay the planner's log and prove every decision, or name the first breach. Pure.

Independent of the planner: no board, no shelves. Every line is checked against the ones before it, every ask
against what it promises (`bot.planning.promises`), and all of them against the boosts themselves. What cannot
be checked is counted and said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.model.boost import Boost
from bot.planning.promises import PROMISES, Ask
from bot.planning.replay import NOTHING, NoticeView, Told, VolunteerView, World
from bot.planning.rule import RULE
from bot.storage.plan_log import Facts

EXPECTED = {
    **{name: expected for name, (expected, _) in PROMISES.items()},
    "I10": "one active notice of a seeker",
    "LOG": "the log and the boosts tell the same",
}


class Entry(Protocol):
    """A line of the log."""

    @property
    def id(self) -> int: ...  # noqa: D102
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
    """What does not hold: which promise, when, about what, what was expected and what was found."""

    promise: str
    at: datetime
    subject: str
    found: str
    notice: int | None = None
    volunteer: int | None = None

    @property
    def expected(self) -> str:
        """What was promised."""
        return EXPECTED[self.promise]

    def __str__(self) -> str:
        pair = f" (notice {self.notice}, volunteer {self.volunteer})" if self.notice else ""
        return (
            f"{self.promise} does not hold: {self.subject}{pair} at {self.at.isoformat()}: "
            f"expected: {self.expected}; found: {self.found}."
        )


@dataclass
class Report:
    """What an audit looked at. `breach` is the first one, or None: everything holds."""

    entries: int = 0
    asks: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    """How often each promise was checked."""
    unchecked: Counter[str] = field(default_factory=Counter)
    """What could not be checked, and how often."""
    before: int = 0
    """Asks made before the log begins: only the database tells of them."""
    breach: Breach | None = None


def audit(
    entries: Iterable[Entry],
    rows: Sequence[Boost],
    seed: bytes,
    *,
    facts: Facts = NOTHING,
    earlier: Iterable[Entry] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Report:
    """Replay the log.

    Args:
        entries: in order; from the beginning, or behind `earlier`.
        rows: all boosts that were ever asked.
        seed: the installation's secret for slots.
        facts: what other tables say of notices and volunteers.
        earlier: what `entries` builds on, see `bot.storage.plan_log.before`; not checked.
        since: decisions before it are replayed but not checked.
        until: where to stop.
    """
    return _Auditor(World(rows, seed, facts), since, until).run(earlier, entries)


class _Auditor:
    def __init__(self, world: World, since: datetime | None, until: datetime | None) -> None:
        self._world = world
        self._since, self._until = since, until
        self._report = Report()
        self._logged: set[int] = set()
        self._begin: datetime | None = None
        self._last = 0
        self._set_back = False
        self._made: list[Told] = []

    def run(self, earlier: Iterable[Entry], entries: Iterable[Entry]) -> Report:
        """Go through the log, then compare it with the boosts."""
        for entry in earlier:
            self._remember(entry.at)
            self._take_in(entry)
        for entry in entries:
            if self._until is not None and entry.at >= self._until:
                break
            self._remember(entry.at)
            self._report.entries += 1
            self._report.breach = self._line(entry)
            if self._report.breach:
                return self._report
        self._report.breach = self._missing() or self._too_late()
        return self._report

    def _remember(self, at: datetime) -> None:
        """At the first line, take the asks of before the log from their boosts."""
        if self._begin is not None:
            return
        self._begin = at
        for row in self._world.rows.values():
            asked = row.asked_at or row.due_at
            if asked < at:
                told = Told(row.id, row.notice_id, row.volunteer_id, row.account_id, asked)
                self._world.say_ask(told)
                inside = self._since is None or asked >= self._since
                self._report.before += inside and (self._until is None or asked < self._until)

    def _checked(self, at: datetime) -> bool:
        return self._since is None or at >= self._since

    def _line(self, entry: Entry) -> Breach | None:
        hole = entry.id and self._last and entry.id != self._last + 1
        self._last = entry.id
        if hole:
            return Breach("LOG", entry.at, entry.subject, "a line before this one is missing in the log")
        try:
            breach = self._check(entry) if self._checked(entry.at) else None
            if breach is None:
                self._take_in(entry)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            return Breach("LOG", entry.at, entry.subject, f"a line that cannot be read ({error!r})")
        return breach

    def _take_in(self, entry: Entry) -> None:
        """Let the world be as this line tells."""
        world, number = self._world, int(entry.subject.partition(":")[2] or 0)
        if world.latest is None or entry.at >= world.latest:
            world.latest = entry.at
        else:
            self._set_back = True
        if entry.kind == "rules":
            world.say_rules(entry.data)
        elif entry.kind == "volunteer":
            world.volunteers[number] = VolunteerView.of(number, entry.data)
        elif entry.kind == "gone":
            world.say_gone(number)
        elif entry.kind == "notice":
            world.say_notice(NoticeView.of(number, entry.data))
        elif entry.kind == "ask":
            self._logged.add(number)
            world.say_ask(_told(entry))

    def _check(self, entry: Entry) -> Breach | None:
        if entry.kind == "ask":
            return self._ask(entry)
        if entry.kind == "notice":
            return self._notice(entry)
        if entry.kind not in {"rules", "volunteer", "gone"}:
            self._report.unchecked[f"lines of the unknown kind {entry.kind}"] += 1
        return None

    def _notice(self, entry: Entry) -> Breach | None:
        """Hold a notice against its seeker's other ones and against every ask so far."""
        view = NoticeView.of(int(entry.subject.partition(":")[2]), entry.data)
        for other in self._world.notices.values():
            if other.seeker == view.seeker and other.id != view.id:
                return Breach("I10", entry.at, entry.subject, f"notice {other.id} of the same seeker, active")
        if self._world.facts.seekers.get(view.id, view.seeker) != view.seeker:
            return Breach("LOG", entry.at, entry.subject, f"seeker {view.seeker}, whose notice it is not")
        return self._counted(entry, view)

    def _counted(self, entry: Entry, view: NoticeView) -> Breach | None:
        """Compare what a notice counts with the asks and what became of them."""
        found = ""
        told = {(at, volunteer): carried for at, volunteer, carried in view.boosts}
        asked = set(view.asked)
        for ask, carried in self._world.bearing(view, entry.at):
            counts = told.pop((ask.at, ask.volunteer), None)
            may = self._world.may_count(ask, entry.at)
            if counts not in {None, carried} or (counts is not None) not in may:
                word = "is not counted" if counts is None else "is counted wrongly"
                found = f"the boost of volunteer {ask.volunteer} {word}"
            if ask.volunteer not in view.asked:
                found = f"volunteer {ask.volunteer} is not among those who were asked"
            asked.discard(ask.volunteer)
        first = self._world.facts.whole and view.id not in self._world.told
        if view.reached != self._world.reached.get(view.id, set() if first else view.reached):
            found = "circles that its boosts have not reached, or not those that they have"
        if told or asked:
            never = asked or {volunteer for _, volunteer in told}
            found = f"volunteer {min(never)} counts and was never asked"
        self._report.checks["LOG"] += 1
        return Breach("LOG", entry.at, entry.subject, found, view.id) if found else None

    def _ask(self, entry: Entry) -> Breach | None:
        told, world = _told(entry), self._world
        unknown = self._unknown(entry, told)
        if unknown:
            self._report.unchecked[unknown] += 1
            return self._same(entry, told)
        if told.notice not in world.notices:
            found = f"notice {told.notice} was not active"
            return Breach("I9", entry.at, entry.subject, found, told.notice, told.volunteer)
        self._report.asks += 1
        self._made.append(told)
        if not world.facts.whole:
            self._report.unchecked["decisions whose candidates the log may not tell all"] += 1
        who = world.volunteers[told.volunteer]
        ask = Ask(entry.at, entry.data, world.notices[told.notice], world.seen(who, entry.at), world, who)
        for promise, (_, check) in PROMISES.items():
            self._report.checks[promise] += 1
            found = check(ask)
            if found:
                return Breach(promise, entry.at, entry.subject, found, told.notice, told.volunteer)
        return self._same(entry, told)

    def _unknown(self, entry: Entry, told: Told) -> str:
        """Say what the log does not tell of an ask, so that it cannot be checked."""
        world = self._world
        if not world.rules:
            return "decisions whose rules the log does not tell"
        if entry.data["rule"] != RULE or world.rules["rule"] != RULE:
            return "decisions by another version of the rule"
        if told.volunteer not in world.volunteers:
            return "decisions whose volunteer the log does not tell"
        if told.notice not in world.notices and told.notice not in world.gone and not world.facts.whole:
            return "decisions whose notice the log does not tell"
        return ""

    def _same(self, entry: Entry, told: Told) -> Breach | None:
        """Hold an ask against its boost."""
        row, found = self._world.rows.get(told.boost), ""
        if row is None:
            found = "a boost that is not there"
        elif told.boost in self._logged:
            found = "an ask that the log tells twice"
        elif told != (row.id, row.notice_id, row.volunteer_id, row.account_id, row.asked_at):
            found = "a boost that says something else than the log"
        return Breach("LOG", entry.at, entry.subject, found, told.notice, told.volunteer) if found else None

    def _missing(self) -> Breach | None:
        """Find a boost that was asked and of which the log says nothing."""
        for row in self._world.rows.values():
            at = row.asked_at or row.due_at
            inside = self._begin is not None and at >= self._begin and self._checked(at)
            if inside and (self._until is None or at < self._until) and row.id not in self._logged:
                found = "a boost that was asked, and of which the log does not tell"
                return Breach("LOG", at, f"boost:{row.id}", found, row.notice_id, row.volunteer_id)
        return None

    def _too_late(self) -> Breach | None:
        """Find an ask after its notice ended for good, or its volunteer left, whatever the log says."""
        facts = self._world.facts
        if self._set_back:
            self._report.unchecked["asks against the ends of notices: the clock was set back"] += len(
                self._made
            )
            return None
        for told in self._made:
            ends = {
                f"notice {told.notice} had ended": facts.closings.get(told.notice),
                f"volunteer {told.volunteer} had left": facts.leavings.get(told.volunteer),
            }
            for found, at in ends.items():
                if at is not None and at < told.at:
                    subject = f"boost:{told.boost}"
                    return Breach("I9", told.at, subject, found, told.notice, told.volunteer)
        return None


def _told(entry: Entry) -> Told:
    data, number = entry.data, int(entry.subject.partition(":")[2])
    return Told(number, data["notice"], data["volunteer"], data["account"], entry.at)
