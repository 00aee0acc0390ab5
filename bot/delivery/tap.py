"""One tap: the volunteer asks here, and the call is made in their name."""

from datetime import datetime

from bot.delivery.by_hand import TAKEN_BACK, TakenBackError, own, refusal
from bot.errors import ConflictError
from bot.model.boost import CALLED_STATES, WAITING_STATES, Boost, BoostState, Mode
from bot.model.calls import Action
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.text import N_, Message
from bot.storage import Session, access, boosts, calls, journal, notices, reports

READ_AGAIN = Message(
    N_(
        "Someone has reported this notice, and our team reads it again. If it goes on, it comes back to your "
        "page by itself."
    )
)
BY_HAND = Message(N_("This one can only be shared by hand."))


def start_tap(session: Session, boost_id: int, volunteer_id: int, now: datetime) -> Boost:
    """Let a boost that waits for its volunteer be made by a call, as soon as the network's limits allow it.

    A second tap changes nothing.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: the notice is no longer active.
        ConflictError: it does not wait for an answer, it can only be made by hand, or a moderator reads its
            notice again.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state in CALLED_STATES | {BoostState.VERIFIED}:
        return boost
    if notices.get(session, boost.notice_id).state is not NoticeState.ACTIVE:
        raise TakenBackError(TAKEN_BACK)
    if boost.state not in WAITING_STATES:
        raise refusal(boost)
    if boost.notice_id in reports.held(session):
        raise ConflictError(READ_AGAIN)
    lent = access.of(session, boost.account_id)
    if boost.mode is Mode.BY_HAND or lent is None or lent.lost_at is not None:
        raise ConflictError(BY_HAND)
    tapped = boosts.move(session, boost.id, BoostState.DUE, due_at=now)
    calls.open_call(session, boost.id, Action.BOOST, now)
    actor = Actor("volunteer", volunteer_id)
    journal.write(session, now, actor, "boost.tapped", f"boost:{boost.id}", notice=boost.notice_id)
    return tapped
