"""Admins, their sessions and one-time links."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from bot.errors import ConflictError
from bot.model.moderation import Admin
from bot.storage.tables import AdminRow, AdminSessionRow, OneTimeLinkRow

SESSION_IDLE = timedelta(hours=12)
SESSION_MAX = timedelta(days=14)


def _model(row: AdminRow) -> Admin:
    assert row.id is not None
    return Admin(row.id, row.name, row.created_at)


def count(session: Session) -> int:
    """Count the admins."""
    return session.exec(select(func.count()).select_from(AdminRow)).one()


def listed(session: Session) -> list[Admin]:
    """Give the admins in the order they came."""
    return [_model(row) for row in session.exec(select(AdminRow).order_by(col(AdminRow.id)))]


def with_hash(session: Session, name: str) -> tuple[Admin, str] | None:
    """Give an admin by name with the password's argon2id string."""
    row = session.exec(select(AdminRow).where(AdminRow.name == name)).first()
    return (_model(row), row.password_hash) if row else None


def set_password(session: Session, name: str, password_hash: str, now: datetime) -> Admin:
    """Create the admin `name`, or change the password and end the sessions of the one there is."""
    row = session.exec(select(AdminRow).where(AdminRow.name == name)).first()
    if row is None:
        row = AdminRow(name=name, password_hash=password_hash, created_at=now)
    else:
        row.password_hash = password_hash
        session.exec(delete(AdminSessionRow).where(col(AdminSessionRow.admin_id) == row.id))
    session.add(row)
    session.flush()
    return _model(row)


def log_in(session: Session, admin_id: int, token_hash: str, now: datetime) -> None:
    """Open a session and forget those that ran out."""
    session.exec(delete(AdminSessionRow).where(col(AdminSessionRow.seen_at) < now - SESSION_IDLE))
    session.add(AdminSessionRow(token_hash=token_hash, admin_id=admin_id, created_at=now, seen_at=now))
    session.flush()


def of_session(session: Session, token_hash: str, now: datetime) -> Admin | None:
    """Give the admin of a session that is neither idle for 12 hours nor 14 days old."""
    row = session.get(AdminSessionRow, token_hash)
    if row is None or row.seen_at < now - SESSION_IDLE or row.created_at < now - SESSION_MAX:
        return None
    admin = session.get(AdminRow, row.admin_id)
    return _model(admin) if admin else None


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note that a session is in use."""
    row = session.get(AdminSessionRow, token_hash)
    if row is not None:
        row.seen_at = now
        session.add(row)


def log_out(session: Session, token_hash: str) -> None:
    """End a session."""
    session.exec(delete(AdminSessionRow).where(col(AdminSessionRow.token_hash) == token_hash))


def add_link(session: Session, token_hash: str, purpose: str, expires_at: datetime) -> None:
    """Store a link that works once; the older ones of the same purpose stop working."""
    session.exec(delete(OneTimeLinkRow).where(col(OneTimeLinkRow.purpose) == purpose))
    session.add(OneTimeLinkRow(token_hash=token_hash, purpose=purpose, expires_at=expires_at))
    session.flush()


def link_good(session: Session, token_hash: str, purpose: str, now: datetime) -> bool:
    """Whether the link still works."""
    row = session.get(OneTimeLinkRow, token_hash)
    return row is not None and row.purpose == purpose and row.used_at is None and row.expires_at > now


def use_link(session: Session, token_hash: str, purpose: str, now: datetime) -> None:
    """Use a link up.

    Raises:
        ConflictError: it has been used, has run out, or never was.
    """
    if not link_good(session, token_hash, purpose, now):
        raise ConflictError("This link has been used or has run out. `bot admin link` prints a new one.")
    row = session.get(OneTimeLinkRow, token_hash)
    assert row is not None
    row.used_at = now
    session.add(row)
    session.flush()
