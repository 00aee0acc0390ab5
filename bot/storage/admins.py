"""Admins and one-time links."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from bot.errors import NotFoundError
from bot.model.access import Admin, Role
from bot.storage.tables import AdminRow, OneTimeLinkRow


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that still works: for a new admin with this role, or for the one there is."""

    role: Role
    admin_id: int | None


def model(row: AdminRow) -> Admin:
    """Turn a row into an admin."""
    assert row.id is not None
    return Admin(row.id, row.name, row.created_at, Role(row.role))


def count(session: Session, role: Role | None = None) -> int:
    """Count the admins, all or those with exactly this role."""
    query = select(func.count()).select_from(AdminRow)
    return session.exec(query.where(AdminRow.role == role) if role else query).one()


def listed(session: Session) -> list[Admin]:
    """Give the admins in the order they came."""
    return [model(row) for row in session.exec(select(AdminRow).order_by(col(AdminRow.id)))]


def _row(session: Session, admin_id: int) -> AdminRow:
    row = session.get(AdminRow, admin_id)
    if row is None:
        message = f"There is no admin {admin_id}. `bot admins list` shows them."
        raise NotFoundError(message)
    return row


def get(session: Session, admin_id: int) -> Admin:
    """Give an admin.

    Raises:
        NotFoundError: there is no such admin.
    """
    return model(_row(session, admin_id))


def with_hash(session: Session, name: str) -> tuple[Admin, str] | None:
    """Give an admin by name with the password's argon2id string."""
    row = session.exec(select(AdminRow).where(AdminRow.name == name)).first()
    return (model(row), row.password_hash) if row else None


def add(session: Session, name: str, password_hash: str, role: Role, now: datetime) -> Admin:
    """Insert an admin whose name nobody has."""
    row = AdminRow(name=name, password_hash=password_hash, role=role.value, created_at=now)
    session.add(row)
    session.flush()
    return model(row)


def set_password(session: Session, admin_id: int, password_hash: str) -> Admin:
    """Change an admin's password.

    Raises:
        NotFoundError: there is no such admin.
    """
    row = _row(session, admin_id)
    row.password_hash = password_hash
    session.add(row)
    session.flush()
    return model(row)


def set_role(session: Session, admin_id: int, role: Role) -> Admin:
    """Give an admin another role.

    Raises:
        NotFoundError: there is no such admin.
    """
    row = _row(session, admin_id)
    row.role = role.value
    session.add(row)
    session.flush()
    return model(row)


def remove(session: Session, admin_id: int) -> None:
    """Delete an admin with their sessions and claims; their decisions stay, without a name.

    Raises:
        NotFoundError: there is no such admin.
    """
    session.delete(_row(session, admin_id))
    session.flush()


def add_link(session: Session, token_hash: str, purpose: str, link: Link, expires_at: datetime) -> None:
    """Store a link that works once."""
    row = OneTimeLinkRow(
        token_hash=token_hash,
        purpose=purpose,
        role=link.role.value,
        admin_id=link.admin_id,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()


def drop_links(session: Session, purpose: str, link: Link) -> None:
    """Forget the links like this one, of the same admin or for new ones with the same role."""
    of_admin = col(OneTimeLinkRow.admin_id)
    same = of_admin == link.admin_id if link.admin_id else col(OneTimeLinkRow.role) == link.role.value
    session.exec(
        delete(OneTimeLinkRow).where(
            col(OneTimeLinkRow.purpose) == purpose, same, of_admin.is_(None) == (link.admin_id is None)
        )
    )


def link(session: Session, token_hash: str, purpose: str, now: datetime) -> Link | None:
    """Give a link that still works, None for one that was used, ran out or never was."""
    row = session.get(OneTimeLinkRow, token_hash)
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= now:
        return None
    return Link(Role(row.role), row.admin_id)


def use_link(session: Session, token_hash: str, now: datetime) -> None:
    """Use up a link that `link` gave."""
    row = session.get(OneTimeLinkRow, token_hash)
    assert row is not None
    row.used_at = now
    session.add(row)
    session.flush()
