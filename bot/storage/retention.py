"""What is past its date, a batch at a time. Which date that is, `bot.privacy.rules` says.

Each `find` takes the moment up to which something may have begun to be kept, and gives ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, SQLModel, col, delete, exists, func, or_, select

from bot.model.keeping import FOR_GOOD
from bot.model.notice import NoticeState
from bot.storage.plan_log import PlanLogRow, PlanSeenRow
from bot.storage.sessions import IDLE, LONGEST
from bot.storage.tables import (
    AccessRow,
    AdminSessionRow,
    ClaimRow,
    ConsentRow,
    ConsentTextRow,
    DecisionRow,
    JournalRow,
    NoticeRow,
    OneTimeLinkRow,
    ReportRow,
    SeekerKeyRow,
)

Ids = Sequence[Any]


def _notices(session: Session, limit: int, *wheres: ColumnElement[bool]) -> Ids:
    query = select(NoticeRow.id).where(*wheres).order_by(col(NoticeRow.id))
    return session.exec(query.limit(limit)).all()


def ended(session: Session, until: datetime, limit: int) -> Ids:
    """Find notices with words that ended for good by `until`."""
    ends = col(NoticeRow.close_reason).in_([reason.value for reason in FOR_GOOD])
    return _notices(session, limit, col(NoticeRow.title) != "", ends, col(NoticeRow.closed_at) <= until)


def silent(session: Session, until: datetime, limit: int) -> Ids:
    """Find notices with words whose seekers gave their last sign by `until`."""
    alive = func.coalesce(NoticeRow.alive_at, NoticeRow.created_at)
    return _notices(session, limit, col(NoticeRow.title) != "", alive <= until)


def old(session: Session, until: datetime, limit: int) -> Ids:
    """Find notices with words that were sent by `until`."""
    return _notices(session, limit, col(NoticeRow.title) != "", col(NoticeRow.created_at) <= until)


def shown_names(session: Session, until: datetime, limit: int) -> Ids:
    """Find notices without words whose name is shown since `until` or before."""
    nameless = col(NoticeRow.title) == "", col(NoticeRow.name) != ""
    return _notices(session, limit, *nameless, col(NoticeRow.closed_at) <= until)


def shows_name(session: Session, notice_id: int) -> bool:
    """Whether the owner of a notice agreed that the name is shown."""
    row = session.get(NoticeRow, notice_id)
    return row is not None and row.show_name


def recognised(session: Session, until: datetime, limit: int) -> Ids:
    """Find seekers who can be recognised, and whose last notice ended by `until`."""
    lives = exists().where(
        col(NoticeRow.seeker_id) == col(SeekerKeyRow.seeker_id),
        or_(
            col(NoticeRow.state) != NoticeState.CLOSED.value,
            col(NoticeRow.title) != "",
            col(NoticeRow.closed_at) > until,
        ),
    )
    query = select(SeekerKeyRow.seeker_id).where(~lives).distinct().order_by(col(SeekerKeyRow.seeker_id))
    return session.exec(query.limit(limit)).all()


def undoable(session: Session, until: datetime, limit: int) -> Ids:
    """Find decisions of `until` or before that still hold what their undo would put back."""
    holds = func.length(DecisionRow.before) > len("{}")
    query = select(DecisionRow.id).where(holds, col(DecisionRow.at) <= until)
    return session.exec(query.limit(limit)).all()


def forget_undo(session: Session, ids: Ids) -> None:
    """Erase what the undo of these decisions would put back."""
    for row in session.exec(select(DecisionRow).where(col(DecisionRow.id).in_(ids))):
        row.before = {}
        session.add(row)
    session.flush()


def _since(session: Session, column: Any, key: Any, until: datetime, limit: int) -> Ids:
    found: Ids = session.exec(select(key).where(column <= until).order_by(key).limit(limit)).all()
    return found


def _drop(session: Session, table: type[SQLModel], key: Any, ids: Ids) -> None:
    session.exec(delete(table).where(key.in_(ids)))


def decisions(session: Session, until: datetime, limit: int) -> Ids:
    """Find decisions of `until` or before."""
    return _since(session, col(DecisionRow.at), col(DecisionRow.id), until, limit)


def drop_decisions(session: Session, ids: Ids) -> None:
    """Delete decisions."""
    _drop(session, DecisionRow, col(DecisionRow.id), ids)


def reports(session: Session, until: datetime, limit: int) -> Ids:
    """Find volunteers' reports of `until` or before."""
    return _since(session, col(ReportRow.at), col(ReportRow.id), until, limit)


def drop_reports(session: Session, ids: Ids) -> None:
    """Delete reports."""
    _drop(session, ReportRow, col(ReportRow.id), ids)


def journal(session: Session, until: datetime, limit: int) -> Ids:
    """Find the journal's lines of `until` or before, those at its beginning."""
    kept = session.exec(select(func.min(JournalRow.id)).where(col(JournalRow.at) > until)).one()
    query = select(JournalRow.id).order_by(col(JournalRow.id)).limit(limit)
    return session.exec(query if kept is None else query.where(col(JournalRow.id) < kept)).all()


def plan_log(session: Session, until: datetime, limit: int) -> Ids:
    """Find the lines of the planner's log of `until` or before."""
    return _since(session, col(PlanLogRow.at), col(PlanLogRow.id), until, limit)


def drop_plan_log(session: Session, ids: Ids) -> None:
    """Delete lines of the planner's log. What they told of somebody is told anew at the next decision."""
    told: set[str] = set(session.exec(select(PlanLogRow.subject).where(col(PlanLogRow.id).in_(ids))))
    _drop(session, PlanLogRow, col(PlanLogRow.id), ids)
    later: set[str] = set(session.exec(select(PlanLogRow.subject).where(col(PlanLogRow.subject).in_(told))))
    _drop(session, PlanSeenRow, col(PlanSeenRow.subject), list(told - later))


def consents(session: Session, until: datetime, limit: int) -> Ids:
    """Find consents whose object ended by `until`."""
    return _since(session, col(ConsentRow.ended_at), col(ConsentRow.id), until, limit)


def drop_consents(session: Session, ids: Ids) -> None:
    """Delete consents, and the texts that no other consent names."""
    _drop(session, ConsentRow, col(ConsentRow.id), ids)
    named = exists().where(col(ConsentRow.text_hash) == col(ConsentTextRow.text_hash))
    session.exec(delete(ConsentTextRow).where(~named))


def tokens(session: Session, until: datetime, limit: int) -> Ids:
    """Find the tokens that nothing has used since `until`."""
    return _since(session, col(AccessRow.used_at), col(AccessRow.account_id), until, limit)


def drop_tokens(session: Session, ids: Ids) -> None:
    """Delete tokens."""
    _drop(session, AccessRow, col(AccessRow.account_id), ids)


def sessions(session: Session, until: datetime, limit: int) -> Ids:
    """Find the admins' log-ins that had run out by `until`."""
    idle = col(AdminSessionRow.seen_at) <= until - IDLE
    over = col(AdminSessionRow.created_at) <= until - LONGEST
    found: Ids = session.exec(select(AdminSessionRow.token_hash).where(idle | over).limit(limit)).all()
    return found


def drop_sessions(session: Session, ids: Ids) -> None:
    """Delete log-ins."""
    _drop(session, AdminSessionRow, col(AdminSessionRow.token_hash), ids)


def links(session: Session, until: datetime, limit: int) -> Ids:
    """Find the one-time links that had run out by `until`."""
    return _since(session, col(OneTimeLinkRow.expires_at), col(OneTimeLinkRow.token_hash), until, limit)


def drop_links(session: Session, ids: Ids) -> None:
    """Delete one-time links."""
    _drop(session, OneTimeLinkRow, col(OneTimeLinkRow.token_hash), ids)


def claims(session: Session, until: datetime, limit: int) -> Ids:
    """Find the moderators' claims that had run out by `until`."""
    return _since(session, col(ClaimRow.until), col(ClaimRow.notice_id), until, limit)


def drop_claims(session: Session, ids: Ids) -> None:
    """Delete claims."""
    _drop(session, ClaimRow, col(ClaimRow.notice_id), ids)
