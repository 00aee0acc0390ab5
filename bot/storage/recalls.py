"""Shares that volunteers are asked to take back."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.storage.tables import BoostRow, RecallRow


def add(session: Session, now: datetime, boost_ids: Iterable[int]) -> int:
    """Ask for boosts to be taken back; those asked for already stay as they are. Give how many are new."""
    ids = list(boost_ids)
    known = set(session.exec(select(RecallRow.boost_id).where(col(RecallRow.boost_id).in_(ids))))
    fresh = [RecallRow(boost_id=boost_id, asked_at=now) for boost_id in ids if boost_id not in known]
    session.add_all(fresh)
    session.flush()
    return len(fresh)


def settle(session: Session, now: datetime, boost_id: int) -> bool:
    """Note that a boost was taken back; False when that was not asked for, or was noted already."""
    row = session.get(RecallRow, boost_id)
    if row is None or row.done_at is not None:
        return False
    row.done_at = now
    session.add(row)
    session.flush()
    return True


def asked(session: Session, boost_id: int) -> bool:
    """Whether somebody asked for a boost to be taken back, and it has not been."""
    row = session.get(RecallRow, boost_id)
    return row is not None and row.done_at is None


def waiting(session: Session, volunteer_id: int) -> list[int]:
    """Give the boosts that a volunteer is asked to take back and has not, by id."""
    query = (
        select(RecallRow.boost_id)
        .join(BoostRow, col(BoostRow.id) == col(RecallRow.boost_id))
        .where(BoostRow.volunteer_id == volunteer_id, col(RecallRow.done_at).is_(None))
    )
    return list(session.exec(query.order_by(col(RecallRow.boost_id))))


def count(session: Session) -> int:
    """Count the boosts that wait to be taken back."""
    return session.exec(
        select(func.count()).select_from(RecallRow).where(col(RecallRow.done_at).is_(None))
    ).one()
