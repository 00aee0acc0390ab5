"""Who boosts whom, when: the forecast of one round. Pure; its boundary is `allocate(snapshot, now)`.

A round walks the slots of all volunteers in time order and gives each to the notice that the slot-time rule
(`bot.planning.rule`) puts first; a slot whose notices are all inside their spacing waits for the first that
gets free. This is a forecast: what binds is the same rule once more, when the slot has come
(`bot.planning.ask`). As long as nothing happens in between, both give the same.

Nothing is drawn at random and nothing depends on the order of the inputs: a second round on the same state
gives the same plan, and a round a minute later the same plan and one minute more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.plan import Asked, Planned
from bot.model.volunteer import Account, Volunteer, VolunteerState
from bot.planning.board import Board, Bounds, Choice, Taker
from bot.planning.eligibility import VolunteerIndex
from bot.planning.quota import Most, Quotas
from bot.planning.rule import RULE, Pull, circles, scarcity_of
from bot.planning.slots import Turn, Turns
from bot.planning.stick import Kept, Pick
from bot.planning.waiting import Caller, reasons
from bot.planning.walk import walk


@dataclass(frozen=True, slots=True)
class Rules:
    """The collective's own limits, and what the rule needs to know of it.

    `seed` is the secret that the volunteers' slots are derived from, `life` how long a notice goes round,
    `mean_boosts` the mean of the boosts with which notices end. By network: the most asks of the collective,
    and the least time between two boosts of a notice with a post there. `bridge` is off in what-ifs only.
    """

    seed: bytes
    notice_spacing: timedelta
    notice_day_max: int
    horizon: timedelta
    life: timedelta = timedelta(days=7)
    mean_boosts: float = 6.0
    networks: Mapping[str, Most] = field(default_factory=dict)
    apart: Mapping[str, timedelta] = field(default_factory=dict)
    bridge: bool = True

    @property
    def bounds(self) -> Bounds:
        """What the board keeps to."""
        pull = Pull(self.mean_boosts, self.life)
        return Bounds(self.seed, self.notice_spacing, self.notice_day_max, pull, self.apart, self.bridge)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything an allocation looks at.

    `notices` are active, with `opened_at` and `deadline`. `volunteers` are active or paused, with the
    accounts that count. `asked` has every boost asked for the seekers of these notices (for this notice ever,
    for earlier ones in the last 30 days), and every boost asked of these volunteers in the last two days.
    `last_asked` gives the last ask ever by volunteer. `planned` is the present plan, by due time; at most
    `changes` of its pairs may change where they need not (None: all may). `on_networks`, by network with a
    limit, are the moments of its asks in the last 24 hours.
    """

    rules: Rules
    notices: Sequence[Notice]
    volunteers: Sequence[Volunteer]
    asked: Sequence[Asked] = ()
    last_asked: Mapping[int, datetime] = field(default_factory=dict)
    planned: Sequence[Planned] = ()
    changes: int | None = None
    on_networks: Mapping[str, Sequence[datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One boost to plan. `due_at` may lie a little in the past: due at once. `reason` is JSON-ready."""

    notice_id: int
    volunteer_id: int
    account_id: int
    network: str
    due_at: datetime
    reason: Mapping[str, Any]

    def row(self) -> dict[str, Any]:
        """Give the fields by name, as they are: `asdict` copies each reason, a third of a round's time."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round gives.

    Boosts by due time, why every other notice gets none (JSON-ready), and how scarce each notice's slots are.
    """

    assignments: tuple[Assignment, ...]
    unserved: Mapping[int, Mapping[str, Any]]
    scarcity: Mapping[int, int] = field(default_factory=dict)


def allocate(snapshot: Snapshot, now: datetime) -> Plan:
    """Assign the volunteers' slots in [now, now + horizon) to notices.

    Every hard constraint holds in the plan: a pair at most once ever, the volunteers' caps, spacing, quiet
    hours and pauses, the notices' window, spacing, daily maximum and demand, and who fits whom.
    """
    volunteers = sorted(snapshot.volunteers, key=lambda v: v.id)
    roster = VolunteerIndex(volunteers)
    known = _known(volunteers, snapshot.asked)
    scarcity = {
        notice.id: scarcity_of(roster.slots(roster.of(notice).fits & ~known[notice.id]))
        for notice in snapshot.notices
    }
    notices = sorted(
        (replace(notice, scarcity=scarcity[notice.id]) for notice in snapshot.notices), key=by_age
    )
    walked = _walked(snapshot, volunteers, notices, now, snapshot.changes)
    while (less := walked.kept.less) is not None:
        walked = _walked(snapshot, volunteers, notices, now, less)
    served = {assignment.notice_id for assignment in walked.made}
    window = (now, now + snapshot.rules.horizon)
    why = reasons(walked.board, walked.callers, roster, known, snapshot.asked, served, walked.quotas, window)
    return Plan(tuple(walked.made), why, scarcity)


def by_age(notice: Notice) -> tuple[datetime, int]:
    """Give the place of an active notice among equals: the oldest first."""
    assert notice.opened_at is not None, "an active notice has been opened"
    return notice.opened_at, notice.id


def board_of(rules: Rules, notices: Sequence[Notice], asked: Iterable[Asked]) -> Board:
    """Put active notices, in the order `by_age`, on a board."""
    board = Board(rules.bounds)
    boosts: dict[int, list[Asked]] = defaultdict(list)
    for boost in asked:
        boosts[boost.notice_id].append(boost)
    for notice in notices:
        board.add(notice, boosts[notice.id])
    return board


def assign(board: Board, choice: Choice, volunteer: Volunteer, taker: Taker, turn: Turn) -> Assignment:
    """Give the chosen notice to a volunteer's turn, on the board too."""
    standing = board.standings[choice.position]
    notice = standing.notice
    account = matching_account(notice, volunteer, standing.reached)
    assert isinstance(account, Account), "the shelves and the rule for a pair agree"
    rivals = board.rivals(taker, choice)
    runner_up = None
    if rivals.runner_up is not None and rivals.rank is not None:
        other = board.standings[rivals.runner_up].notice.id
        runner_up = {"notice": other, "rank": list(rivals.rank)}
    reason = {
        "rule": RULE,
        "boosts": choice.boosts,
        "rank": list(choice.rank),
        "candidates": rivals.candidates,
        "runner_up": runner_up,
        "sector": notice.sector if volunteer.sectors is not None else None,
        "region": notice.region if volunteer.regions is not None else None,
        "slot": turn.slot.isoformat(),
    }
    board.give(choice.position, turn.at, taker, circles(volunteer, account))
    return Assignment(notice.id, volunteer.id, account.id, account.network, turn.at, reason)


def _kept(
    board: Board,
    snapshot: Snapshot,
    callers: Sequence[Caller],
    notices: Sequence[Notice],
    changes: int | None,
) -> Kept:
    """Note what each volunteer who can be called had in the plan before."""
    kept = Kept(board, changes, snapshot.changes or 0)
    places = {notice.id: position for position, notice in enumerate(notices)}
    had: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for planned in snapshot.planned:
        if planned.notice_id in places:
            had[planned.volunteer_id].append((planned.due_at, places[planned.notice_id]))
    for caller in callers:
        if caller.since is not None:
            kept.expect(caller.volunteer.id, caller.taker, sorted(had[caller.volunteer.id]))
    return kept


class _Walked(NamedTuple):
    """A walk that is done: what it gave, and everything it left behind."""

    made: list[Assignment]
    board: Board
    callers: Sequence[Caller]
    kept: Kept
    quotas: Quotas


def _walked(
    snapshot: Snapshot,
    volunteers: Sequence[Volunteer],
    notices: Sequence[Notice],
    now: datetime,
    changes: int | None,
) -> _Walked:
    board = board_of(snapshot.rules, notices, snapshot.asked)
    callers = _callers(snapshot, volunteers, notices, now)
    kept = _kept(board, snapshot, callers, notices, changes)
    quotas = Quotas(snapshot.rules.networks, snapshot.on_networks)
    made: list[Assignment] = []

    def give(pick: Pick, volunteer: Volunteer, taker: Taker, turn: Turn) -> str:
        assert pick.choice is not None, "only what was picked is given"
        one = assign(board, pick.choice, volunteer, taker, turn)
        made.append(replace(one, reason={**one.reason, "kept": True}) if pick.kept else one)
        return one.network

    walk(board, callers, kept, quotas, now + snapshot.rules.horizon, give)
    return _Walked(made, board, callers, kept, quotas)


def _known(volunteers: Sequence[Volunteer], asked: Iterable[Asked]) -> defaultdict[int, int]:
    """Give, by notice id, the volunteers who were asked for it, as a bit set."""
    place = {volunteer.id: i for i, volunteer in enumerate(volunteers)}
    known: defaultdict[int, int] = defaultdict(int)
    for boost in asked:
        if boost.volunteer_id in place:
            known[boost.notice_id] |= 1 << place[boost.volunteer_id]
    return known


def _callers(
    snapshot: Snapshot, volunteers: Sequence[Volunteer], notices: Sequence[Notice], now: datetime
) -> list[Caller]:
    position = {notice.id: i for i, notice in enumerate(notices)}
    times: dict[int, list[datetime]] = defaultdict(list)
    known: dict[int, set[int]] = defaultdict(set)
    for boost in snapshot.asked:
        times[boost.volunteer_id].append(boost.at)
        if boost.notice_id in position:
            known[boost.volunteer_id].add(position[boost.notice_id])
    due: dict[int, datetime] = {}
    for planned in snapshot.planned:
        due[planned.volunteer_id] = min(planned.due_at, due.get(planned.volunteer_id, planned.due_at))
    seed, last = snapshot.rules.seed, snapshot.last_asked
    return [
        Caller(
            volunteer,
            Turns(seed, volunteer.id, volunteer.limits, times[volunteer.id], last.get(volunteer.id)),
            Taker(volunteer, known[volunteer.id]),
            _since(volunteer, due.get(volunteer.id), now),
        )
        for volunteer in volunteers
    ]


def _since(volunteer: Volunteer, due: datetime | None, now: datetime) -> datetime | None:
    """Give the moment from which turns are looked for; None: the volunteer is paused without an end.

    A boost that is due but not asked yet keeps its time: otherwise "at once" would be a later moment in every
    round, and the plan would never stand still.
    """
    if not volunteer.may_be_asked(now):
        return volunteer.paused_until if volunteer.state is VolunteerState.PAUSED else None
    limits = volunteer.limits
    if (
        due is not None
        and now - spacing(limits) < due <= now
        and local_day(limits, due) == local_day(limits, now)
        and not in_quiet_hours(limits, now)
    ):
        return due
    return now
