"""Identities of admins at the collective's own log-in provider (OpenID Connect)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.model.access import Admin
from bot.storage import admins
from bot.storage.tables import AdminRow, IdentityRow


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an admin is at a provider: `subject` is the provider's own number, never an address or a name."""

    issuer: str
    subject: str
    since: datetime


def get(session: Session, admin_id: int) -> Identity | None:
    """Give an admin's identity."""
    row = session.get(IdentityRow, admin_id)
    return Identity(row.issuer, row.subject, row.since) if row else None


def owner(session: Session, issuer: str, subject: str) -> Admin | None:
    """Give the admin whose identity this is; None when it is nobody's."""
    query = select(AdminRow).join(IdentityRow, col(IdentityRow.admin_id) == col(AdminRow.id))
    row = session.exec(query.where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)).first()
    return admins.model(row) if row else None


def put(session: Session, admin_id: int, issuer: str, subject: str, now: datetime) -> None:
    """Store an admin's identity in place of any other."""
    session.merge(IdentityRow(admin_id=admin_id, issuer=issuer, subject=subject, since=now))
    session.flush()


def forget(session: Session, admin_id: int) -> None:
    """Forget an admin's identity."""
    session.exec(delete(IdentityRow).where(col(IdentityRow.admin_id) == admin_id))
