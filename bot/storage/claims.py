"""Who reads which notice: claims of moderators."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.model.moderation import Claim
from bot.storage.tables import AdminRow, ClaimRow


def _claim(row: ClaimRow, name: str) -> Claim:
    return Claim(row.notice_id, row.admin_id, name, row.since, row.until)


def held(session: Session, now: datetime) -> dict[int, Claim]:
    """Give the claims that hold at `now`, by notice id."""
    query = select(ClaimRow, AdminRow.name).join(AdminRow).where(col(ClaimRow.until) > now)
    return {row.notice_id: _claim(row, name) for row, name in session.exec(query)}


def take(session: Session, notice_id: int, admin_id: int, since: datetime, until: datetime) -> None:
    """Reserve a notice for an admin, who lets go of any other."""
    session.exec(
        delete(ClaimRow).where((col(ClaimRow.admin_id) == admin_id) | (col(ClaimRow.notice_id) == notice_id))
    )
    session.add(ClaimRow(notice_id=notice_id, admin_id=admin_id, since=since, until=until))
    session.flush()


def drop(session: Session, notice_id: int) -> None:
    """Let go of a notice."""
    session.exec(delete(ClaimRow).where(col(ClaimRow.notice_id) == notice_id))
