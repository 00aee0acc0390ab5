"""Security keys of admins."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.errors import NotFoundError
from bot.model.access import SecurityKey
from bot.model.text import N_, Message
from bot.storage.tables import SecurityKeyRow


def _model(row: SecurityKeyRow) -> SecurityKey:
    assert row.id is not None
    return SecurityKey(row.id, row.name, row.credential_id, row.public_key, row.count, row.since, row.used_at)


def listed(session: Session, admin_id: int) -> list[SecurityKey]:
    """Give an admin's keys in the order they came."""
    query = select(SecurityKeyRow).where(SecurityKeyRow.admin_id == admin_id)
    return [_model(row) for row in session.exec(query.order_by(col(SecurityKeyRow.id)))]


def get(session: Session, admin_id: int, key_id: int) -> SecurityKey:
    """Give one key of an admin.

    Raises:
        NotFoundError: the admin has no such key.
    """
    row = session.get(SecurityKeyRow, key_id)
    if row is None or row.admin_id != admin_id:
        raise NotFoundError(Message(N_("You have no such security key.")))
    return _model(row)


def owner(session: Session, credential_id: bytes) -> int | None:
    """Give the number of the admin whose key has this id; None when nobody's has."""
    query = select(SecurityKeyRow.admin_id).where(SecurityKeyRow.credential_id == credential_id)
    return session.exec(query).first()


def owners(session: Session) -> set[int]:
    """Give the admins who have a key."""
    return set(session.exec(select(SecurityKeyRow.admin_id)))


def add(
    session: Session,
    admin_id: int,
    name: str,
    credential_id: bytes,
    public_key: bytes,
    count: int,
    now: datetime,
) -> None:
    """Insert a key that nobody has."""
    session.add(
        SecurityKeyRow(
            admin_id=admin_id,
            credential_id=credential_id,
            public_key=public_key,
            count=count,
            name=name,
            since=now,
        )
    )
    session.flush()


def use(session: Session, key_id: int, count: int, now: datetime) -> None:
    """Note an answer of a key, and its count."""
    row = session.get(SecurityKeyRow, key_id)
    assert row is not None
    row.count, row.used_at = count, now
    session.add(row)
    session.flush()


def remove(session: Session, key_id: int) -> None:
    """Delete a key."""
    session.exec(delete(SecurityKeyRow).where(col(SecurityKeyRow.id) == key_id))


def forget(session: Session, admin_id: int) -> None:
    """Delete all keys of an admin."""
    session.exec(delete(SecurityKeyRow).where(col(SecurityKeyRow.admin_id) == admin_id))
