"""Notices that came in while another of perhaps the same person was open: for moderators' eyes only."""

from collections.abc import Iterable

from sqlmodel import Session, col, delete, select

from bot.model.notice import OPEN_STATES
from bot.storage.tables import NoticeRow, TwinRow


def record(session: Session, notice_id: int, other_ids: Iterable[int]) -> None:
    """Note the open notices beside which one came in, in place of what was noted before.

    One that has none is noted beside itself: as much is written, so that the time this takes tells nothing.
    """
    session.exec(delete(TwinRow).where(col(TwinRow.notice_id) == notice_id))
    beside = set(other_ids) - {notice_id} or {notice_id}
    session.add_all(TwinRow(notice_id=notice_id, other_id=other) for other in beside)
    session.flush()


def forget(session: Session, notice_id: int) -> None:
    """Forget that a notice was like another."""
    session.exec(
        delete(TwinRow).where((col(TwinRow.notice_id) == notice_id) | (col(TwinRow.other_id) == notice_id))
    )


def still_open(session: Session, notice_ids: Iterable[int]) -> dict[int, list[int]]:
    """Give, for each of these notices that has any, the twins that have not ended, oldest first."""
    query = (
        select(TwinRow.notice_id, TwinRow.other_id)
        .join(NoticeRow, col(NoticeRow.id) == TwinRow.other_id)
        .where(
            col(TwinRow.notice_id).in_(list(notice_ids)),
            col(TwinRow.other_id) != col(TwinRow.notice_id),
            col(NoticeRow.state).in_(list(OPEN_STATES)),
        )
        .order_by(col(TwinRow.other_id))
    )
    found: dict[int, list[int]] = {}
    for notice_id, other_id in session.exec(query):
        found.setdefault(notice_id, []).append(other_id)
    return found
