"""Take back all boosts of a notice: what was not made never is, what was made is undone as it was made."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import NotFoundError
from bot.model.boost import DONE_STATES, Boost, BoostState
from bot.model.journal import Actor
from bot.model.notice import LIVE_STATES, NoticeState
from bot.model.text import N_, Message
from bot.storage import Session, boosts, journal, notices, recalls

NOT_ASKED = Message(N_("Nobody asked you to undo this share."))


@dataclass(frozen=True, slots=True)
class Recalled:
    """What became of a notice's boosts: cancelled, to be undone by volunteers, being undone by the bot."""

    cancelled: int
    to_undo: tuple[Boost, ...]
    by_bot: int = 0


def take_back(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Recalled:
    """Cancel a notice's boosts that were not made, and ask for those that were to be undone.

    What a call made is undone by a call, as soon as the network's limits allow it; the rest by hand.
    A notice that goes round goes back to the moderators first, so that nobody is asked for it meanwhile.
    Doing it twice asks nobody twice.

    Raises:
        NotFoundError: there is no such notice.
    """
    if notices.get(session, notice_id).state in LIVE_STATES:
        notices.move(session, notice_id, NoticeState.PENDING, snoozed_until=None)
    cancelled = boosts.cancel(session, now, notice_id=notice_id)
    by_bot = recalls.by_bot(session, now, notice_id)
    done = boosts.listed(session, notice_id=notice_id, states=DONE_STATES)
    asked = recalls.add(session, now, [boost.id for boost in done])
    subject, count = f"notice:{notice_id}", len(by_bot)
    journal.write(
        session, now, actor, "notice.recalled", subject, cancelled=cancelled, asked=asked, by_bot=count
    )
    return Recalled(cancelled, tuple(done), count)


def undone(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> None:
    """Note that the volunteer has undone their share: it no longer counts. A second time changes nothing.

    Raises:
        NotFoundError: it is not this volunteer's boost, or nobody asked for it.
    """
    try:
        boost = boosts.get(session, boost_id)
    except NotFoundError as error:
        raise NotFoundError(NOT_ASKED) from error
    if boost.volunteer_id != volunteer_id:
        raise NotFoundError(NOT_ASKED)
    if not recalls.settle(session, now, boost_id):
        return
    if boost.state is BoostState.DECLARED:
        boosts.move(session, boost_id, BoostState.OPENED)
        boosts.move(session, boost_id, BoostState.CANCELLED, ended_at=now)
    elif boost.state in {BoostState.VERIFIED, BoostState.UNDOING}:
        boosts.move(session, boost_id, BoostState.UNDONE, ended_at=now)
    actor = Actor("volunteer", volunteer_id)
    journal.write(session, now, actor, "boost.removed", f"boost:{boost_id}", notice=boost.notice_id)
