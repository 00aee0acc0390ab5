"""One damaged row stops itself: what fails together is done in halves, and what fails alone is put aside."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

import structlog

from bot.delivery import retry
from bot.delivery.places import due
from bot.delivery.terms import Terms
from bot.errors import DataError, UnreadableError
from bot.model.calls import Action
from bot.model.lane import Lane, Rest
from bot.storage import Session, calls, halts, lanes

T = TypeVar("T")
OURS = Path(__file__).parents[1]
log = structlog.get_logger()


def is_whole(error: Exception) -> bool:
    """Whether the database as a whole fails: full, locked, broken. Then nothing goes on."""
    return isinstance(error, DataError) and not isinstance(error, UnreadableError)


def found_at(error: Exception) -> dict[str, str]:
    """Name an error and its place for the log; what it says may quote a person."""
    wrapped = error.__cause__ if isinstance(error, UnreadableError) else None
    frames = extract_tb((wrapped or error).__traceback__)
    frame = [one for one in frames if Path(one.filename).is_relative_to(OURS)][-1]
    return {"error": type(error).__name__, "at": f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"}


async def sift(
    items: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[None]],
    aside: Callable[[T, Exception], Awaitable[None]],
) -> int:
    """Do `work` for all items, in halves where it fails; give what fails alone to `aside`.

    Gives how many items are dealt with, by one or the other.

    Raises:
        DataError: the database fails as a whole.
    """
    if not items:
        return 0
    try:
        await work(items)
    except Exception as error:
        if is_whole(error):
            raise
        if len(items) == 1:
            return await _alone(items[0], error, aside)
        half = len(items) // 2
        return await sift(items[:half], work, aside) + await sift(items[half:], work, aside)
    return len(items)


async def _alone(item: T, error: Exception, aside: Callable[[T, Exception], Awaitable[None]]) -> int:
    try:
        await aside(item, error)
    except Exception as second:
        if is_whole(second):
            raise
        log.error("not_put_aside", **found_at(second))  # noqa: TRY400  see `found_at`
        return 0
    return 1


def waiting(session: Session, terms: Terms, room: int, besides: Collection[Lane], now: datetime) -> list[int]:
    """Give the accounts that a turn would claim for."""
    halt = halts.current(session)
    return [lane.account_id for lane in due(session, terms, room=room, besides=besides, now=now, halt=halt)]


def put_aside(session: Session, account_id: int, *, now: datetime, share: float) -> int | None:
    """Put off, ever longer, the boost at which the claim of a lane fails; give it.

    The account's others go on meanwhile; where none is due the lane rests, which the admin sees.
    """
    kind = None if halts.current(session) is None else Action.UNDO
    first = calls.first_open(session, account_id, now, kind=kind)
    boost_id, until = None, now + retry.MOST
    if first is not None:
        boost_id, attempts = first
        until = now + retry.backoff(attempts + 1, share)
        why = "what is kept for it cannot be read; the log says where"
        row = {"boost_id": boost_id, "next_at": until, "attempts": attempts + 1}
        calls.change(session, [{**row, "error": UnreadableError.__name__, "why": why}])
    if first is None or calls.first_open(session, account_id, now, kind=kind) is None:
        lanes.rest(session, [account_id], until, Rest.DAMAGED)
    return boost_id
