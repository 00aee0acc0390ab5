"""An admin lets a boost be tried again: one that failed, or one whose outcome nobody could find out."""

from datetime import datetime, timedelta

from bot.errors import ConflictError
from bot.model.boost import Boost, BoostState
from bot.model.calls import Action
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.text import N_, Message
from bot.storage import Session, boosts, calls, journal, notices

TIME = timedelta(days=1)
"""How long a boost that is tried again may take."""

NOT_RETRIED = Message(N_("Only a share that failed, or whose outcome is unknown, can be tried again."))
OVER = Message(N_("Its notice does not go round any more."))
STANDS = Message(N_("This one will be asked for at the network by itself. Wait for that."))


def retry(session: Session, boost_id: int, *, now: datetime, actor: Actor) -> Boost:
    """Make a boost due again. Of an unknown one the admin says by this that it is not there.

    Raises:
        NotFoundError: there is no such boost.
        ConflictError: it neither failed nor is unknown for good, or its notice does not go round.
    """
    boost = boosts.get(session, boost_id)
    call = calls.of(session, [boost_id]).get(boost_id)
    if boost.state not in {BoostState.FAILED, BoostState.UNCERTAIN} or call is None:
        raise ConflictError(NOT_RETRIED)
    if boost.state is BoostState.UNCERTAIN and call.next_at is not None:
        raise ConflictError(STANDS)
    if notices.get(session, boost.notice_id).state is not NoticeState.ACTIVE:
        raise ConflictError(OVER)
    tried = boosts.move(session, boost_id, BoostState.DUE, ended_at=None, expires_at=now + TIME)
    calls.change(session, [{"boost_id": boost_id, "sent_at": None, "uncertain_since": None, "attempts": 0}])
    calls.open_call(session, boost_id, Action.BOOST, now)
    journal.write(session, now, actor, "boost.retried", f"boost:{boost_id}", notice=boost.notice_id)
    return tried


def made(session: Session, boost_id: int, *, now: datetime, actor: Actor) -> Boost:
    """Note that an admin has seen a boost whose outcome was unknown: it is there.

    Raises:
        NotFoundError: there is no such boost.
        ConflictError: its outcome is not unknown, or will be asked for by itself.
    """
    boost = boosts.get(session, boost_id)
    call = calls.of(session, [boost_id]).get(boost_id)
    if boost.state is not BoostState.UNCERTAIN or call is None:
        raise ConflictError(NOT_RETRIED)
    if call.next_at is not None:
        raise ConflictError(STANDS)
    journal.write(session, now, actor, "boost.verified", f"boost:{boost_id}", notice=boost.notice_id)
    return boosts.move(session, boost_id, BoostState.VERIFIED, ended_at=now)
