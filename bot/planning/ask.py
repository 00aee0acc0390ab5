"""The slot has come: decide by the rule, now, and ask.

The plan said who is due; which notice they get is decided here, from the present state (late binding). So a
withdrawal, a pause or a new notice counts from the next slot on, and every limit is checked at the moment of
asking: after hours without a daemon nobody gets more at once than their spacing allows.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.boost import Mode
from bot.model.calls import Action
from bot.model.journal import DAEMON
from bot.model.plan import Asked, Planned
from bot.model.policy import NO_POLICIES, Policies
from bot.model.volunteer import Volunteer
from bot.planning import log
from bot.planning.board import Board, Taker
from bot.planning.fairness import Assignment, Rules, assign, board_of, by_age
from bot.planning.mode import Modes
from bot.planning.quota import Quotas
from bot.planning.round import HISTORY, rules_of
from bot.planning.slots import Turn, Turns
from bot.settings import Settings
from bot.storage import Session, calls, halts, journal, plan_log, rounds, volunteers
from bot.trust.links import Keyring

_INSTANT = timedelta(microseconds=1)


def ask_due(
    session: Session,
    *,
    settings: Settings,
    keys: Keyring,
    networks: Collection[str],
    policies: Policies = NO_POLICIES,
    now: datetime,
) -> int:
    """Ask the volunteers whose slot has come; give how many are asked.

    A planned boost that is due stands for the slot. It is asked, for the notice it was planned for or for
    another one that goes first by now; or it is no longer planned, when the volunteer may not be asked or
    nothing fits, and the next round looks again. While the collective is halted nobody is asked.
    """
    due = rounds.planned(session, due_before=now)
    if not due or halts.current(session):
        return 0
    rules = rules_of(session, settings, keys, now, policies)
    people = {
        v.id: replace(v, accounts=tuple(a for a in v.accounts if a.network in networks))
        for v in volunteers.some(session, {boost.volunteer_id for boost in due})
    }
    asked = rounds.asked(session, now, history=HISTORY)
    notices = sorted((n for n in rounds.active(session) if n.opened_at and n.deadline), key=by_age)
    log.write_seen(session, now, rules, notices, list(people.values()), asked)
    board = board_of(rules, notices, asked)
    board.advance(now)
    quotas = Quotas(rules.networks, rounds.on_networks(session, rules.networks, now))
    callers = _Callers(rules, people, asked, rounds.last_asked(session, people), now)
    places = {notice.id: position for position, notice in enumerate(notices)}
    made = _decide(due, board, quotas, callers, places, now)
    modes = Modes(session, policies, notices, people.values())
    _write(session, due, made, modes, now, now + timedelta(hours=settings.patience_h))
    raised = {one.notice_id for _, one in made}
    rounds.reach(session, {n: board.standings[places[n]].reached for n in raised})
    return len(made)


def _decide(
    due: Sequence[Planned],
    board: Board,
    quotas: Quotas,
    callers: "_Callers",
    places: dict[int, int],
    now: datetime,
) -> list[tuple[Planned, Assignment]]:
    """Give each slot that has come to the notice that goes first, in the order of the plan."""
    made: list[tuple[Planned, Assignment]] = []
    for boost in due:
        volunteer = callers.people.get(boost.volunteer_id)
        turn = callers.turn(volunteer) if volunteer else None
        if volunteer is None or turn is None:
            continue
        seen = quotas.visible(volunteer, now)
        taker = callers.taker(volunteer, places)
        if seen is not volunteer:
            taker = taker.seen_as(seen)
        choice = board.choose(taker)
        if choice is not None:
            one = assign(board, choice, seen, taker, turn)
            made.append((boost, one))
            callers.take(volunteer)
            quotas.take(one.network, now)
    return made


class _Callers:
    """The volunteers who are due, with what they were asked before."""

    def __init__(
        self,
        rules: Rules,
        people: Mapping[int, Volunteer],
        asked: Sequence[Asked],
        last: dict[int, datetime],
        now: datetime,
    ) -> None:
        self.people = people
        self._now = now
        self._asked: dict[int, list[Asked]] = defaultdict(list)
        for boost in asked:
            self._asked[boost.volunteer_id].append(boost)
        self._turns = {
            v.id: Turns(rules.seed, v.id, v.limits, [b.at for b in self._asked[v.id]], last.get(v.id))
            for v in people.values()
            if v.may_be_asked(now)
        }
        self._takers: dict[int, Taker] = {}

    def turn(self, volunteer: Volunteer) -> Turn | None:
        """Give the volunteer's turn at this moment, if there is one: cap, spacing, quiet hours, slots."""
        turns = self._turns.get(volunteer.id)
        return turns.first(self._now, self._now + _INSTANT) if turns else None

    def taker(self, volunteer: Volunteer, places: dict[int, int]) -> Taker:
        """Give the volunteer as the board sees them."""
        if volunteer.id not in self._takers:
            before = [places[b.notice_id] for b in self._asked[volunteer.id] if b.notice_id in places]
            self._takers[volunteer.id] = Taker(volunteer, before)
        return self._takers[volunteer.id]

    def take(self, volunteer: Volunteer) -> None:
        """Note that the volunteer is asked now."""
        self._turns[volunteer.id].take(self._now)


def _write(
    session: Session,
    due: Sequence[Planned],
    made: Sequence[tuple[Planned, Assignment]],
    modes: Modes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Ask with the rows of the plan: a pair has one row for ever, and a volunteer one ask at a time.

    What the bot makes by itself is due now instead, and delivery has it from here.
    """
    done = {boost.id for boost, _ in made}
    rounds.unplan(session, [boost.id for boost in due if boost.id not in done])
    moved = [one for boost, one in made if one.notice_id != boost.notice_id]
    rounds.unplan_pairs(session, [(one.notice_id, one.volunteer_id) for one in moved])
    rounds.ask(
        session,
        [
            {
                "id": boost.id,
                **one.row(),
                "mode": modes.of(one).value,
                "asked_at": now,
                "expires_at": expires_at,
            }
            for boost, one in made
        ],
    )
    plan_log.append(session, [log.ask_entry(now, boost.id, one) for boost, one in made])
    for boost, one in made:
        bots = modes.of(one) is Mode.AUTOMATIC
        if bots:
            calls.open_call(session, boost.id, Action.BOOST, now)
        action = "boost.due" if bots else "boost.asked"
        journal.write(session, now, DAEMON, action, f"boost:{boost.id}", notice=one.notice_id)
