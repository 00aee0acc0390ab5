"""Why a notice gets nothing in a round, as data: `{"code": …}` with counts, codes and ISO 8601 times."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.model.boost import DONE_STATES
from bot.model.match import Mismatch
from bot.model.notice import Notice
from bot.model.plan import Asked, Wait
from bot.model.volunteer import Volunteer
from bot.planning.board import Board, Choice, Taker
from bot.planning.eligibility import Funnel, VolunteerIndex, bits
from bot.planning.quota import Quotas
from bot.planning.slots import Turns

LOOK_AHEAD = timedelta(days=3)
"""How far beyond the horizon the next turn is looked for."""


@dataclass(slots=True)
class Caller:
    """A volunteer during one walk."""

    volunteer: Volunteer
    turns: Turns
    taker: Taker
    since: datetime | None
    given: list[tuple[datetime, int]] = field(default_factory=list)
    """Turns used in this walk: when, and the boosts the notice had before."""

    def take(self, choice: Choice, at: datetime) -> None:
        """Use a turn."""
        self.turns.take(at)
        self.given.append((at, choice.boosts))


def reasons(
    board: Board,
    callers: Sequence[Caller],
    roster: VolunteerIndex,
    known: Mapping[int, int],
    asked: Iterable[Asked],
    served: Collection[int],
    quotas: Quotas,
    window: tuple[datetime, datetime],
) -> dict[int, Mapping[str, Any]]:
    """Give, by notice id, why each notice not in `served` got nothing.

    Args:
        board: after the walk.
        callers: after the walk, in the order of their ids.
        roster: of the callers' volunteers, in the same order.
        known: by notice id, the callers asked before, as a bit set.
        asked: every boost ever asked for these notices.
        served: ids of the notices that got something.
        quotas: what is left on the networks, after the walk.
        window: when the round began and how far it looked, aware UTC.
    """
    asker = _Asker(board, callers, roster, known, asked, quotas, window)
    return {
        standing.notice.id: asker.why(position)
        for position, standing in enumerate(board.standings)
        if standing.notice.id not in served
    }


class _Asker:
    def __init__(
        self,
        board: Board,
        callers: Sequence[Caller],
        roster: VolunteerIndex,
        known: Mapping[int, int],
        asked: Iterable[Asked],
        quotas: Quotas,
        window: tuple[datetime, datetime],
    ) -> None:
        self._quotas = quotas
        self._board, self._callers, self._roster, self._known = board, callers, roster, known
        self._now, self._until = window
        self._awake = sum(
            1 << i
            for i, caller in enumerate(callers)
            if caller.since is not None and caller.since < self._until
        )
        self._done: dict[int, int] = defaultdict(int)
        for boost in asked:
            self._done[boost.notice_id] += boost.state in DONE_STATES and not boost.carried
        self._next_turns: dict[int, datetime | None] = {}

    def why(self, position: int) -> dict[str, Any]:
        """Give the first thing in the way: the notice itself, who fits it, their turns."""
        standing = self._board.standings[position]
        notice = standing.notice
        assert notice.deadline is not None, "an active notice has a deadline"
        boosts = len(standing.times) - standing.carried
        if boosts >= notice.demand:
            done = self._done[notice.id]
            return {"code": Wait.COMPLETE, "done": done, "asked": boosts - done}
        if notice.deadline <= self._now:
            return {"code": Wait.OVER}
        funnel = self._roster.of(notice)
        if funnel.stopped_at is not None:
            return self._why_nobody(notice, funnel)
        left = funnel.fits & ~self._known.get(notice.id, 0)
        if not left:
            return {"code": Wait.ALL_ASKED, "volunteers": funnel.fits.bit_count()}
        if not left & self._awake:
            back = min((since for i in bits(left) if (since := self._callers[i].since)), default=None)
            return {"code": Wait.ALL_PAUSED, "volunteers": left.bit_count(), "next": _iso(back)}
        return self._why_no_turn(position, left & self._awake, notice.deadline)

    def _why_nobody(self, notice: Notice, funnel: Funnel) -> dict[str, Any]:
        if not self._callers:
            return {"code": Wait.NO_VOLUNTEERS}
        value = {
            Mismatch.NETWORK: sorted(notice.networks),
            Mismatch.LANGUAGE: notice.lang,
            Mismatch.SECTOR: notice.sector,
            Mismatch.REGION: notice.region,
        }[funnel.stopped_at or Mismatch.NETWORK]
        return {"code": Wait(f"no_{funnel.stopped_at}"), "volunteers": funnel.before, "value": value}

    def _why_no_turn(self, position: int, left: int, deadline: datetime) -> dict[str, Any]:
        """Say why none of the volunteers `left`, who could take the notice, has a turn for it."""
        standing = self._board.standings[position]
        notice, free = standing.notice, standing.free
        volunteers = left.bit_count()
        if full := self._full(notice, left, max(self._now, free), min(self._until, deadline)):
            opens = min(self._quotas.refused[name] for name in full)
            return {
                "code": Wait.NETWORK_FULL,
                "volunteers": volunteers,
                "networks": full,
                "next": _iso(opens) if opens < deadline else None,
            }
        taken = [boosts for i in bits(left) for at, boosts in self._callers[i].given if free <= at < deadline]
        if taken:
            return {
                "code": Wait.TURNS_TAKEN,
                "volunteers": volunteers,
                "turns": len(taken),
                "most": max(taken),
                "until": self._until.isoformat(),
            }
        if notice.opened_at is not None and notice.opened_at > self._now:
            return {"code": Wait.UNDO, "next": notice.opened_at.isoformat()}
        if free > self._now:
            return {"code": Wait.SPACED, "volunteers": volunteers, "next": free.isoformat()}
        coming = [moment for i in bits(left) if (moment := self._next_turn(i)) is not None]
        first = min((moment for moment in coming if moment < deadline), default=None)
        return {"code": Wait.NO_TURN, "volunteers": volunteers, "next": _iso(first)}

    def _full(self, notice: Notice, left: int, since: datetime, until: datetime) -> list[str]:
        """Give the networks of a notice when all of them were full and a turn for it was left over."""
        refused = self._quotas.refused
        if not refused or since >= until:
            return []
        people = [self._callers[i] for i in bits(left)]
        own = {account.network for caller in people for account in caller.volunteer.accounts}
        networks = own & notice.networks if notice.networks else own
        spare = networks <= refused.keys() and any(c.turns.first(since, until) for c in people)
        return sorted(networks) if spare else []

    def _next_turn(self, place: int) -> datetime | None:
        """Give a volunteer's first turn after the horizon."""
        if place not in self._next_turns:
            turn = self._callers[place].turns.first(self._until, self._until + LOOK_AHEAD)
            self._next_turns[place] = turn.at if turn else None
        return self._next_turns[place]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
