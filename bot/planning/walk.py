"""Give the turns of a round away in time order. Pure.

A volunteer whose networks are all full waits for one to open. Of those who wait for the same one, as many are
called as places come free there: a thousand who wait cost no more than one.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heappop, heappush

from bot.model.volunteer import Volunteer
from bot.planning.board import Board, Taker
from bot.planning.quota import Quotas
from bot.planning.slots import Turn
from bot.planning.stick import Kept, Pick
from bot.planning.waiting import Caller

Give = Callable[[Pick, Volunteer, Taker, Turn], str]
"""Gives what was picked to a turn, and tells the network on which it is boosted."""


def walk(
    board: Board, callers: Sequence[Caller], kept: Kept, quotas: Quotas, until: datetime, give: Give
) -> None:
    """Give turns away until a moment; at the same moment, the volunteer who joined first chooses first.

    Args:
        board: with all notices.
        callers: the volunteers, in the order in which they joined.
        kept: the plan before.
        quotas: what is left on the networks.
        until: aware UTC.
        give: see `Give`.
    """
    _Walk(board, callers, kept, quotas, until, give).run()


class _Walk:
    def __init__(
        self,
        board: Board,
        callers: Sequence[Caller],
        kept: Kept,
        quotas: Quotas,
        until: datetime,
        give: Give,
    ) -> None:
        self._board, self._callers, self._kept, self._quotas = board, callers, kept, quotas
        self._until, self._give = until, give
        self._queue: list[tuple[datetime, int, Turn | str]] = []
        """What comes: a volunteer's turn; or, after those of the same moment, a network that may be open."""
        self._waiting: dict[str, list[int]] = defaultdict(list)
        """By network, those who wait for it to open."""

    def run(self) -> None:
        """Go through what comes, by time."""
        for place, caller in enumerate(self._callers):
            self._expect(place, caller.since)
        while self._queue:
            at, place, what = heappop(self._queue)
            if isinstance(what, str):
                self._open(what, at)
            else:
                self._turn(at, place, what)

    def _expect(self, place: int, since: datetime | None) -> None:
        """Note a volunteer's next turn; None: there is none."""
        if since is not None and (turn := self._callers[place].turns.first(since, self._until)):
            heappush(self._queue, (turn.at, place, turn))

    def _turn(self, at: datetime, place: int, turn: Turn) -> None:
        caller = self._callers[place]
        self._board.advance(at)
        seen, taker = self._quotas.visible(caller.volunteer, at), caller.taker
        if seen is not caller.volunteer:
            taker = taker.seen_as(seen)
        pick = self._kept.pick(caller.volunteer.id, taker, at)
        if pick.choice is not None:
            self._quotas.take(self._give(pick, seen, taker, turn), at)
            caller.take(pick.choice, at)
            self._expect(place, at)
        elif seen is caller.volunteer or not self._wait(place, pick.again, at):
            self._expect(place, pick.again)

    def _wait(self, place: int, again: datetime | None, at: datetime) -> bool:
        """Let a volunteer wait for a network, unless a notice gets free for them before one opens."""
        opens, network = self._quotas.next_open(self._callers[place].volunteer, at)
        if again is not None and again <= opens:
            return False
        if not self._waiting[network]:
            heappush(self._queue, (opens, len(self._callers), network))
        heappush(self._waiting[network], place)
        return True

    def _open(self, network: str, at: datetime) -> None:
        """Call the first who waits for a network; the next one when they have had their turn."""
        waiting = self._waiting[network]
        opens = self._quotas.opens(network, at)
        if opens <= at:
            self._expect(heappop(waiting), at)
        if waiting and max(opens, at) < self._until:
            heappush(self._queue, (max(opens, at), len(self._callers), network))
