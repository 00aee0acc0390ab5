"""Shares that volunteers are asked to take back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, and_, col, exists, func, not_, select

from bot.model.boost import BoostState
from bot.model.calls import Action
from bot.storage import boosts, calls
from bot.storage.many import among, run
from bot.storage.tables import AccessRow, BoostRow, CallRow, RecallRow

_ASKED = select(RecallRow.boost_id, RecallRow.asked_at).where(
    among(RecallRow.boost_id), col(RecallRow.done_at).is_(None)
)


def add(session: Session, now: datetime, boost_ids: Iterable[int]) -> int:
    """Ask for boosts to be taken back; those asked for already stay as they are. Give how many are new."""
    ids = list(boost_ids)
    known = set(session.exec(select(RecallRow.boost_id).where(col(RecallRow.boost_id).in_(ids))))
    fresh = [RecallRow(boost_id=boost_id, asked_at=now) for boost_id in ids if boost_id not in known]
    session.add_all(fresh)
    session.flush()
    return len(fresh)


def by_bot(session: Session, now: datetime, notice_id: int) -> list[int]:
    """Let the calls that made boosts of a notice be taken back by calls; give the boosts, by id.

    Those whose outcome is not known yet are noted: delivery takes them back once they are known to be made.
    """
    of_notice = col(BoostRow.notice_id) == notice_id
    lent = (
        select(BoostRow.id)
        .join(CallRow, col(CallRow.boost_id) == col(BoostRow.id))
        .join(AccessRow, col(AccessRow.account_id) == col(BoostRow.account_id))
        .where(
            of_notice,
            col(BoostRow.state) == BoostState.VERIFIED.value,
            col(CallRow.remote_id) != "",
            col(AccessRow.lost_at).is_(None),
        )
    )
    made = [boost_id for boost_id in session.exec(lent) if boost_id is not None]
    unknown = select(BoostRow.id).where(
        of_notice, col(BoostRow.state).in_([BoostState.SENDING.value, BoostState.UNCERTAIN.value])
    )
    add(session, now, [*made, *(boost_id for boost_id in session.exec(unknown) if boost_id is not None)])
    for boost_id in made:
        boosts.move(session, boost_id, BoostState.UNDOING, ended_at=now)
        calls.open_call(session, boost_id, Action.UNDO, now)
    return made


def settle(session: Session, now: datetime, boost_id: int) -> bool:
    """Note that a boost was taken back; False when that was not asked for, or was noted already."""
    row = session.get(RecallRow, boost_id)
    if row is None or row.done_at is not None:
        return False
    row.done_at = now
    session.add(row)
    session.flush()
    return True


def asked(session: Session, boost_ids: Iterable[int]) -> dict[int, datetime]:
    """Give those boosts that somebody asked to be taken back and that have not been, and when that was."""
    return {row[0]: row[1] for row in run(session, _ASKED, ids=list(boost_ids))}


def waiting(session: Session, volunteer_id: int) -> list[int]:
    """Give the boosts that a volunteer is asked to take back by hand and has not, by id."""
    query = (
        select(RecallRow.boost_id)
        .join(BoostRow, col(BoostRow.id) == col(RecallRow.boost_id))
        .where(BoostRow.volunteer_id == volunteer_id, col(RecallRow.done_at).is_(None), _by_hand())
    )
    return list(session.exec(query.order_by(col(RecallRow.boost_id))))


def count(session: Session) -> int:
    """Count the boosts that wait to be taken back by their volunteers."""
    asked = (
        select(func.count())
        .select_from(RecallRow)
        .join(BoostRow, col(BoostRow.id) == col(RecallRow.boost_id))
    )
    return session.exec(asked.where(col(RecallRow.done_at).is_(None), _by_hand())).one()


def _by_hand() -> ColumnElement[bool]:
    """Only what delivery does not take back: made by hand, or the network did not let it."""
    bots = [state.value for state in (BoostState.SENDING, BoostState.UNCERTAIN)]
    under_way = exists().where(col(CallRow.boost_id) == col(BoostRow.id), col(CallRow.next_at).is_not(None))
    undoing = col(BoostRow.state) == BoostState.UNDOING.value
    return and_(col(BoostRow.state).not_in(bots), not_(and_(undoing, under_way)))
