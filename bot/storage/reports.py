"""What is reported about a notice, which a moderator then reads again.

A volunteer's report holds it: it waits, asked of nobody. One from outside does not, so that no stranger can
stop somebody's search.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from bot.model.moderation import Report
from bot.model.notice import NoticeState
from bot.storage.many import run
from bot.storage.tables import NoticeRow, ReportRow

_HELD = select(ReportRow.notice_id).where(
    col(ReportRow.settled_at).is_(None), col(ReportRow.token_hash).is_(None)
)


def add(
    session: Session,
    *,
    notice_id: int,
    volunteer_id: int | None,
    why: str,
    now: datetime,
    contact: str = "",
    token_hash: str | None = None,
) -> int:
    """Insert a remark, which brings the notice back to the moderators; give its id.

    `token_hash`: it comes from outside and is followed by this link.
    """
    row = ReportRow(
        notice_id=notice_id,
        volunteer_id=volunteer_id,
        at=now,
        why=why,
        contact=contact,
        token_hash=token_hash,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def withdraw(session: Session, *, notice_id: int, volunteer_id: int, now: datetime) -> None:
    """Delete the open remarks of a volunteer about a notice: the tap was a mistake."""
    found = [one for one in unsettled(session, [notice_id]).get(notice_id, ()) if not one.outside]
    mine = [one for one in found if one.volunteer_id == volunteer_id]
    if mine and len(mine) == len(found):
        give_back(session, notice_id, mine[0].at, now)
    session.exec(
        delete(ReportRow).where(
            col(ReportRow.notice_id) == notice_id,
            col(ReportRow.volunteer_id) == volunteer_id,
            col(ReportRow.settled_at).is_(None),
        )
    )


def unsettled(session: Session, notice_ids: Iterable[int] | None = None) -> dict[int, list[Report]]:
    """Give the remarks that no decision has settled, by notice id, oldest first."""
    query = select(ReportRow).where(col(ReportRow.settled_at).is_(None)).order_by(col(ReportRow.id))
    if notice_ids is not None:
        query = query.where(col(ReportRow.notice_id).in_(list(notice_ids)))
    found: dict[int, list[Report]] = {}
    for row in session.exec(query):
        found.setdefault(row.notice_id, []).append(_model(row))
    return found


def by_token(session: Session, token_hash: str) -> Report | None:
    """Give the report from outside that is followed by this link."""
    row = session.exec(select(ReportRow).where(ReportRow.token_hash == token_hash)).first()
    return _model(row) if row else None


def _model(row: ReportRow) -> Report:
    assert row.id is not None
    return Report(
        id=row.id,
        notice_id=row.notice_id,
        volunteer_id=row.volunteer_id,
        at=row.at,
        why=row.why,
        outside=row.token_hash is not None,
        contact=row.contact,
        settled_at=row.settled_at,
    )


def held(session: Session) -> frozenset[int]:
    """Give the ids of the notices with a volunteer's remark that no decision has settled: nobody is asked."""
    return frozenset(run(session, _HELD).scalars())


def give_back(session: Session, notice_id: int, since: datetime, now: datetime) -> None:
    """Make the round of an active notice longer by the time it waited for a moderator."""
    row = session.get(NoticeRow, notice_id)
    if row is not None and row.state == NoticeState.ACTIVE and row.deadline is not None:
        row.deadline += now - since
        session.add(row)
        session.flush()


def of(session: Session, volunteer_id: int) -> list[Report]:
    """Give every remark of a volunteer, oldest first."""
    query = select(ReportRow).where(ReportRow.volunteer_id == volunteer_id).order_by(col(ReportRow.id))
    return [_model(row) for row in session.exec(query)]


def told_by(session: Session, volunteer_id: int) -> frozenset[int]:
    """Give the notices that a volunteer has made a remark about."""
    return frozenset(session.exec(select(ReportRow.notice_id).where(ReportRow.volunteer_id == volunteer_id)))


def settle(session: Session, report_ids: Iterable[int], at: datetime | None) -> None:
    """Settle remarks, or open them again with None."""
    session.exec(update(ReportRow).where(col(ReportRow.id).in_(list(report_ids))).values(settled_at=at))
