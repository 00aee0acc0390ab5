"""What is past its date, a batch at a time. Which date that is, `bot.privacy.rules` says.

Each `find` takes the moment up to which something may have begun to be kept, and gives ids.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, SQLModel, col, delete, exists, func, or_, select, update

from bot.model.keeping import FOR_GOOD
from bot.model.notice import NoticeState
from bot.storage.cases import HOLDS_UNDO
from bot.storage.plan_log import PlanLogRow, PlanSeenRow
from bot.storage.sessions import IDLE, LONGEST
from bot.storage.tables import (
    AccessRow,
    AdminSessionRow,
    ClaimRow,
    ConnectionRow,
    ConsentRow,
    ConsentTextRow,
    DecisionRow,
    JournalRow,
    NoticeRow,
    OneTimeLinkRow,
    ReportRow,
    SeekerKeyRow,
    StampRow,
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
    query = select(DecisionRow.id).where(HOLDS_UNDO, col(DecisionRow.at) <= until)
    return session.exec(query.limit(limit)).all()


def forget_undo(session: Session, ids: Ids) -> None:
    """Erase what the undo of these decisions would put back."""
    for row in session.exec(select(DecisionRow).where(col(DecisionRow.id).in_(ids))):
        row.before = {}
        session.add(row)
    session.flush()


def reported_contacts(session: Session, until: datetime, limit: int) -> Ids:
    """Find reports of `until` or before that still hold the address of who made them."""
    query = select(ReportRow.id).where(ReportRow.contact != "", col(ReportRow.at) <= until)
    return session.exec(query.limit(limit)).all()


def forget_contacts(session: Session, ids: Ids) -> None:
    """Erase the addresses that these reports hold."""
    session.exec(update(ReportRow).where(col(ReportRow.id).in_(ids)).values(contact=""))


Find = Callable[[Session, datetime, int], Ids]
Drop = Callable[[Session, Ids], None]


def _by_age(table: type[SQLModel], began: Any, key: Any) -> tuple[Find, Drop]:
    """Give how rows are found that began to be kept at some moment or before, and how they are deleted."""

    def find(session: Session, until: datetime, limit: int) -> Ids:
        found: Ids = session.exec(select(key).where(began <= until).order_by(key).limit(limit)).all()
        return found

    def drop(session: Session, ids: Ids) -> None:
        session.exec(delete(table).where(key.in_(ids)))

    return find, drop


decisions, drop_decisions = _by_age(DecisionRow, col(DecisionRow.at), col(DecisionRow.id))
reports, drop_reports = _by_age(ReportRow, col(ReportRow.at), col(ReportRow.id))
tokens, _ = _by_age(AccessRow, col(AccessRow.used_at), col(AccessRow.account_id))
connections, drop_connections = _by_age(
    ConnectionRow, col(ConnectionRow.expires_at), col(ConnectionRow.account_id)
)
links, drop_links = _by_age(OneTimeLinkRow, col(OneTimeLinkRow.expires_at), col(OneTimeLinkRow.token_hash))
claims, drop_claims = _by_age(ClaimRow, col(ClaimRow.until), col(ClaimRow.notice_id))
stamps, drop_stamps = _by_age(StampRow, col(StampRow.until), col(StampRow.key))
plan_log, _drop_lines = _by_age(PlanLogRow, col(PlanLogRow.at), col(PlanLogRow.id))
consents, _drop_consents = _by_age(ConsentRow, col(ConsentRow.ended_at), col(ConsentRow.id))


def journal(session: Session, until: datetime, limit: int) -> Ids:
    """Find the journal's lines of `until` or before, those at its beginning."""
    kept = session.exec(select(func.min(JournalRow.id)).where(col(JournalRow.at) > until)).one()
    query = select(JournalRow.id).order_by(col(JournalRow.id)).limit(limit)
    return session.exec(query if kept is None else query.where(col(JournalRow.id) < kept)).all()


def drop_plan_log(session: Session, ids: Ids) -> None:
    """Delete lines of the planner's log. What they told of somebody is told anew at the next decision."""
    told: set[str] = set(session.exec(select(PlanLogRow.subject).where(col(PlanLogRow.id).in_(ids))))
    _drop_lines(session, ids)
    later: set[str] = set(session.exec(select(PlanLogRow.subject).where(col(PlanLogRow.subject).in_(told))))
    session.exec(delete(PlanSeenRow).where(col(PlanSeenRow.subject).in_(list(told - later))))


def drop_consents(session: Session, ids: Ids) -> None:
    """Delete consents, and the texts that no other consent names."""
    _drop_consents(session, ids)
    named = exists().where(col(ConsentRow.text_hash) == col(ConsentTextRow.text_hash))
    session.exec(delete(ConsentTextRow).where(~named))


def sessions(session: Session, until: datetime, limit: int) -> Ids:
    """Find the admins' log-ins that had run out by `until`."""
    idle = col(AdminSessionRow.seen_at) <= until - IDLE
    over = col(AdminSessionRow.created_at) <= until - LONGEST
    found: Ids = session.exec(select(AdminSessionRow.token_hash).where(idle | over).limit(limit)).all()
    return found


def drop_sessions(session: Session, ids: Ids) -> None:
    """Delete log-ins."""
    session.exec(delete(AdminSessionRow).where(col(AdminSessionRow.token_hash).in_(ids)))
