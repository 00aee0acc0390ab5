"""A volunteer takes back what was made in their name, or does by hand what could not be made."""

from datetime import datetime

from bot.delivery.by_hand import own, refusal
from bot.errors import ConflictError
from bot.model.boost import Boost, BoostState
from bot.model.calls import Action
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.storage import Session, access, boosts, calls, journal

ON_ITS_WAY = Message(N_("This share is on its way just now. Look again in a minute, then take it back."))
NOT_LENT = Message(N_("This account is not lent any more. Undo the share on the network itself."))
_GONE = frozenset({BoostState.UNDOING, BoostState.UNDONE, BoostState.CANCELLED})


def start_undo(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> Boost:
    """Let a boost that was made in a volunteer's name be undone; one that only waits is cancelled.

    A second tap changes nothing.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        ConflictError: it is on its way just now, was made by hand, or the account is not lent any more.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state in _GONE:
        return boost
    if boost.state is BoostState.DUE:
        return _move(session, boost, BoostState.CANCELLED, "boost.cancelled", now)
    if boost.state in {BoostState.SENDING, BoostState.UNCERTAIN}:
        raise ConflictError(ON_ITS_WAY)
    if boost.state is not BoostState.VERIFIED:
        raise refusal(boost)
    lent = access.of(session, boost.account_id)
    if lent is None or lent.lost_at is not None:
        raise ConflictError(NOT_LENT)
    undoing = _move(session, boost, BoostState.UNDOING, "boost.undo_asked", now)
    calls.open_call(session, boost.id, Action.UNDO, now)
    return undoing


def made_by_hand(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> Boost:
    """Note that the volunteer has made by hand what no call could make. A second tap changes nothing.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        ConflictError: it did not fail.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state is BoostState.DECLARED:
        return boost
    if boost.state is not BoostState.FAILED:
        raise refusal(boost)
    return _move(session, boost, BoostState.DECLARED, "boost.declared", now)


def _move(session: Session, boost: Boost, to: BoostState, action: str, now: datetime) -> Boost:
    moved = boosts.move(session, boost.id, to, ended_at=now)
    actor = Actor("volunteer", boost.volunteer_id)
    journal.write(session, now, actor, action, f"boost:{boost.id}", notice=boost.notice_id)
    return moved
