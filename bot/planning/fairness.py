"""Who boosts whom, when: the allocation of one round. Pure; its boundary is `allocate(snapshot, now)`.

The rule, `fewest-first/1`: walk the turns of all volunteers in time order. Each goes to the notice with the
fewest boosts (done, waited for or planned, over its weight) among those that fit; then the earliest deadline,
then the oldest. A notice keeps its spacing, its daily maximum and its demand. A turn whose notices are all
inside their spacing waits for the first that gets free.

Nothing is drawn at random and nothing depends on the order of the inputs: a second round on the same state
gives the same plan, and a round a minute later the same plan and one minute more.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.plan import Asked, Planned
from bot.model.volunteer import Account, Volunteer, VolunteerState
from bot.planning.board import Board, Choice
from bot.planning.eligibility import NoticeIndex
from bot.planning.slots import Turn, Turns
from bot.planning.waiting import Caller, reasons

RULE = "fewest-first/1"


@dataclass(frozen=True, slots=True)
class Rules:
    """The collective's own limits. `seed` is the secret that the volunteers' slots are derived from."""

    seed: bytes
    notice_spacing: timedelta
    notice_day_max: int
    horizon: timedelta


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything an allocation looks at.

    `notices` are active, with `opened_at` and `deadline`. `volunteers` are active or paused, with the
    accounts that count. `asked` has every boost ever asked for these notices, and every boost asked of these
    volunteers in the last two days. `last_asked` gives the last ask ever by volunteer. `planned` is the
    present plan.
    """

    rules: Rules
    notices: Sequence[Notice]
    volunteers: Sequence[Volunteer]
    asked: Sequence[Asked] = ()
    last_asked: Mapping[int, datetime] = field(default_factory=dict)
    planned: Sequence[Planned] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One boost to plan. `due_at` may lie a little in the past: due at once. `reason` is JSON-ready."""

    notice_id: int
    volunteer_id: int
    account_id: int
    network: str
    due_at: datetime
    reason: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round gives: boosts by due time, and why every other notice gets none (JSON-ready)."""

    assignments: tuple[Assignment, ...]
    unserved: Mapping[int, Mapping[str, Any]]


def allocate(snapshot: Snapshot, now: datetime) -> Plan:
    """Assign the volunteers' turns in [now, now + horizon) to notices.

    Every hard constraint holds in the plan: a pair at most once ever, the volunteers' caps, spacing, quiet
    hours and pauses, the notices' window, spacing, daily maximum and demand, and who fits whom.
    """
    rules = snapshot.rules
    notices = sorted(snapshot.notices, key=lambda n: (n.deadline, n.id))
    board = Board(notices, snapshot.asked, rules.notice_spacing, rules.notice_day_max)
    callers = _callers(snapshot, notices, now)
    assignments = _walk(board, callers, now + rules.horizon)
    served = {assignment.notice_id for assignment in assignments}
    return Plan(tuple(assignments), reasons(board, callers, snapshot.asked, served, now, rules.horizon))


def _walk(board: Board, callers: Sequence[Caller], until: datetime) -> list[Assignment]:
    """Give the turns away in time order; at the same moment, the volunteer who joined first chooses first."""
    made: list[Assignment] = []
    queue: list[tuple[datetime, int, Turn]] = []
    for place, caller in enumerate(callers):
        if caller.since is not None and caller.fits and (turn := caller.turns.first(caller.since, until)):
            queue.append((turn.at, place, turn))
    heapify(queue)
    while queue:
        at, place, turn = heappop(queue)
        caller = callers[place]
        board.advance(at)
        choice = board.choose(caller.fits)
        if choice is None:
            again = board.next_free(caller.fits)
        else:
            again = at
            made.append(_assignment(board, choice, caller.volunteer, turn))
            board.give(choice.position, at)
            caller.take(choice, at)
        next_turn = caller.turns.first(again, until) if again is not None and caller.fits else None
        if next_turn is not None:
            heappush(queue, (next_turn.at, place, next_turn))
    return made


def _callers(snapshot: Snapshot, notices: Sequence[Notice], now: datetime) -> list[Caller]:
    index = NoticeIndex(notices)
    position = {notice.id: i for i, notice in enumerate(notices)}
    times: dict[int, list[datetime]] = defaultdict(list)
    known: dict[int, int] = defaultdict(int)
    for boost in snapshot.asked:
        times[boost.volunteer_id].append(boost.at)
        if boost.notice_id in position:
            known[boost.volunteer_id] |= 1 << position[boost.notice_id]
    due: dict[int, datetime] = {}
    for planned in snapshot.planned:
        due[planned.volunteer_id] = min(planned.due_at, due.get(planned.volunteer_id, planned.due_at))
    return [
        Caller(
            volunteer,
            Turns(
                snapshot.rules.seed,
                volunteer.id,
                volunteer.limits,
                times[volunteer.id],
                snapshot.last_asked.get(volunteer.id),
            ),
            index.of(volunteer) & ~known[volunteer.id],
            _since(volunteer, due.get(volunteer.id), now),
        )
        for volunteer in sorted(snapshot.volunteers, key=lambda v: v.id)
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


def _assignment(board: Board, choice: Choice, volunteer: Volunteer, turn: Turn) -> Assignment:
    notice = board.notices[choice.position]
    account = matching_account(notice, volunteer)
    assert isinstance(account, Account), "the index and the rule for a pair agree"
    runner_up = None
    if choice.runner_up is not None:
        runner_up = {"notice": board.notices[choice.runner_up].id, "level": choice.runner_up_level}
    reason = {
        "rule": RULE,
        "boosts": choice.boosts,
        "level": choice.level,
        "candidates": choice.candidates,
        "runner_up": runner_up,
        "sector": notice.sector if volunteer.sectors is not None else None,
        "region": notice.region if volunteer.regions is not None else None,
        "slot": turn.slot.isoformat(),
    }
    return Assignment(notice.id, volunteer.id, account.id, account.network, turn.at, reason)
