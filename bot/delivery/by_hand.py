"""A volunteer boosts by hand: opened, declared, skipped, reported, undone.

A boost that is not this volunteer's does not exist for them. Every act may arrive twice (double tap, a page
left open): the second time changes nothing and is no error.
"""

from datetime import datetime

from bot.errors import ConflictError, NotFoundError, UsageError
from bot.model.boost import CALLED_STATES, WAITING_STATES, Boost, BoostState
from bot.model.day import local_day
from bot.model.journal import Actor
from bot.model.notice import Notice, NoticeState
from bot.model.plan import COUNTED_STATES
from bot.model.text import N_, Message
from bot.storage import Session, boosts, journal, notices, reports, volunteers

WHY_MAX = 500
"""Characters of a reason that are kept."""

TAKEN_BACK = Message(N_("This notice was taken back. Nothing to do."))
TOO_LATE = Message(N_("This share waited too long and its turn went to somebody else. Nothing to do."))
BY_BOT = Message(N_("The bot makes this share for you. Nothing to do."))
NOT_YET = Message(N_("This notice is not yours to share yet. It will come to your page by itself."))
ANSWERED = Message(N_("You have already answered this one. You can undo that the same day."))
DAY_OVER = Message(N_("That was on another day; it can no longer be undone."))
TURN_GONE = Message(N_("Somebody else took this turn meanwhile. Nothing to do."))
NO_WHY = Message(N_("Tell us what is wrong, so that a person can look at it"))


class TakenBackError(ConflictError):
    """The notice is no longer active: there is nothing left to do."""


def asked(session: Session, boost_id: int, *, volunteer_id: int) -> tuple[Boost, Notice]:
    """Give a boost that waits for the volunteer's answer, with its notice.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: the notice is no longer active.
        ConflictError: it does not wait for an answer.
    """
    boost = own(session, boost_id, volunteer_id)
    _check_waiting(session, boost)
    return boost, notices.get(session, boost.notice_id)


def open_boost(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> Boost:
    """Note that the volunteer went to the network. A step, never an outcome.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: the notice is no longer active.
        ConflictError: it has expired or is only planned.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state in {BoostState.OPENED, BoostState.DECLARED, BoostState.SKIPPED}:
        return boost
    _check_waiting(session, boost)
    return _move(session, boost, BoostState.OPENED, "opened", now, opened_at=now)


def declare(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> Boost:
    """Note that the volunteer says the boost is done.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: the notice is no longer active.
        ConflictError: it was skipped, has expired or is only planned.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state is BoostState.DECLARED:
        return boost
    _check_waiting(session, boost)
    return _move(session, boost, BoostState.DECLARED, "declared", now, ended_at=now)


def declare_opened(session: Session, *, volunteer_id: int, now: datetime) -> int:
    """Declare every boost the volunteer has opened on a notice that is still active; give how many."""
    done = 0
    for boost in boosts.listed(session, volunteer_id=volunteer_id, states=[BoostState.OPENED]):
        if notices.get(session, boost.notice_id).state is NoticeState.ACTIVE:
            declare(session, boost.id, volunteer_id=volunteer_id, now=now)
            done += 1
    return done


def skip(session: Session, boost_id: int, *, volunteer_id: int, now: datetime, why: str = "") -> Boost:
    """Note that the volunteer does not want this one. `why` is private and may be added by skipping again.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: the notice is no longer active.
        ConflictError: it was declared, has expired or is only planned.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state is BoostState.SKIPPED:
        if why:
            boosts.set_skip_why(session, boost.id, why[:WHY_MAX])
        return boost
    _check_waiting(session, boost)
    return _move(session, boost, BoostState.SKIPPED, "skipped", now, ended_at=now, skip_why=why[:WHY_MAX])


def report(session: Session, boost_id: int, *, volunteer_id: int, why: str, now: datetime) -> Boost:
    """Bring the notice back to the moderators, with the volunteer's words, and skip the boost.

    Nobody is asked for it until one of them has looked; the time is given back to its round.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        UsageError: `why` is empty.
        TakenBackError: the notice is no longer active.
        ConflictError: it was answered already, has expired or is only planned.
    """
    if not why.strip():
        raise UsageError(NO_WHY)
    boost = own(session, boost_id, volunteer_id)
    if boost.state is BoostState.SKIPPED and _reported(session, boost):
        return boost
    _check_waiting(session, boost)
    reports.add(
        session, notice_id=boost.notice_id, volunteer_id=volunteer_id, why=why.strip()[:WHY_MAX], now=now
    )
    actor = Actor("volunteer", volunteer_id)
    journal.write(session, now, actor, "notice.reported", f"notice:{boost.notice_id}", boost=boost.id)
    return _move(session, boost, BoostState.SKIPPED, "skipped", now, ended_at=now)


def undo(session: Session, boost_id: int, *, volunteer_id: int, now: datetime) -> Boost:
    """Take back a declaration, a skip or a report, until the volunteer's local midnight.

    A declaration on a notice that has ended meanwhile does not come back to the page: it is cancelled.

    Raises:
        NotFoundError: it is not this volunteer's boost.
        TakenBackError: it was skipped and the notice is no longer active.
        ConflictError: it was on another local day, or the notice has all its boosts without it.
    """
    boost = own(session, boost_id, volunteer_id)
    if boost.state in WAITING_STATES:
        return boost
    back = {BoostState.DECLARED: BoostState.OPENED, BoostState.SKIPPED: BoostState.ASKED}.get(boost.state)
    if back is None or boost.ended_at is None:
        raise refusal(boost)
    limits = volunteers.get(session, volunteer_id).limits
    if local_day(limits, boost.ended_at) != local_day(limits, now):
        raise ConflictError(DAY_OVER)
    notice = notices.get(session, boost.notice_id)
    active = notice.state is NoticeState.ACTIVE
    if boost.state is BoostState.SKIPPED:
        if not active:
            raise TakenBackError(TAKEN_BACK)
        if _counted(session, notice.id) >= notice.demand:
            raise ConflictError(TURN_GONE)
        reports.withdraw(session, notice_id=boost.notice_id, volunteer_id=volunteer_id, now=now)
        return _move(session, boost, back, "undone", now, ended_at=None, opened_at=None, skip_why="")
    undone = _move(session, boost, back, "undone", now, ended_at=None)
    return undone if active else _move(session, undone, BoostState.CANCELLED, "cancelled", now, ended_at=now)


def own(session: Session, boost_id: int, volunteer_id: int) -> Boost:
    """Give a boost of this volunteer.

    Raises:
        NotFoundError: it is not theirs.
    """
    missing = NotFoundError(Message(N_("This share is not on your page.")))
    try:
        boost = boosts.get(session, boost_id)
    except NotFoundError as error:
        raise missing from error
    if boost.volunteer_id != volunteer_id:
        raise missing
    return boost


def _check_waiting(session: Session, boost: Boost) -> None:
    """Refuse to act on a boost that is not waiting, or whose notice is not active."""
    if notices.get(session, boost.notice_id).state is not NoticeState.ACTIVE:
        raise TakenBackError(TAKEN_BACK)
    if boost.state not in WAITING_STATES:
        raise refusal(boost)


def refusal(boost: Boost) -> ConflictError:
    """Say why a boost cannot be answered."""
    if boost.state is BoostState.CANCELLED:
        return TakenBackError(TAKEN_BACK)
    if boost.state in CALLED_STATES | {BoostState.VERIFIED}:
        return ConflictError(BY_BOT)
    said = {BoostState.PLANNED: NOT_YET, BoostState.EXPIRED: TOO_LATE}
    return ConflictError(said.get(boost.state, ANSWERED))


def _counted(session: Session, notice_id: int) -> int:
    """Count a notice's boosts, done, being made or waited for: a skip has given its place back."""
    mine = boosts.listed(session, notice_id=notice_id, states=COUNTED_STATES, volunteers_only=True)
    return len(mine)


def _reported(session: Session, boost: Boost) -> bool:
    found = reports.unsettled(session, [boost.notice_id]).get(boost.notice_id, [])
    return any(one.volunteer_id == boost.volunteer_id for one in found)


def _move(
    session: Session, boost: Boost, to: BoostState, verb: str, now: datetime, **values: object
) -> Boost:
    moved = boosts.move(session, boost.id, to, **values)
    actor = Actor("volunteer", boost.volunteer_id)
    journal.write(session, now, actor, f"boost.{verb}", f"boost:{boost.id}", notice=boost.notice_id)
    return moved
