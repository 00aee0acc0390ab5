"""Second factors of admins and their recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from bot.storage import security_keys
from bot.storage.tables import RecoveryCodeRow, SecondFactorRow


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator app. `nonce` leads to its secret, `last_step` is the step of the last code it gave."""

    nonce: str
    since: datetime
    last_step: int


def get(session: Session, admin_id: int) -> Factor | None:
    """Give an admin's authenticator app."""
    row = session.get(SecondFactorRow, admin_id)
    return Factor(row.nonce, row.since, row.last_step) if row else None


def owners(session: Session) -> set[int]:
    """Give the admins who have a second factor, an app or a security key."""
    return set(session.exec(select(SecondFactorRow.admin_id))) | security_keys.owners(session)


def has(session: Session, admin_id: int) -> bool:
    """Whether an admin has a second factor, an app or a security key."""
    return get(session, admin_id) is not None or bool(security_keys.listed(session, admin_id))


def put(session: Session, admin_id: int, nonce: str, step: int, now: datetime) -> None:
    """Store an admin's app in place of any other, with the step of the code that proved it."""
    row = SecondFactorRow(admin_id=admin_id, nonce=nonce, since=now, last_step=step)
    session.merge(row)
    session.flush()


def use_step(session: Session, admin_id: int, step: int) -> None:
    """Use up the codes until this step."""
    row = session.get(SecondFactorRow, admin_id)
    assert row is not None
    row.last_step = step
    session.add(row)
    session.flush()


def set_codes(session: Session, admin_id: int, hashes: Iterable[str]) -> None:
    """Store recovery codes in place of the earlier ones."""
    session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.admin_id) == admin_id))
    session.add_all(RecoveryCodeRow(code_hash=one, admin_id=admin_id) for one in hashes)
    session.flush()


def use_code(session: Session, admin_id: int, code_hash: str) -> bool:
    """Delete a recovery code; whether it was there."""
    row = session.get(RecoveryCodeRow, code_hash)
    if row is None or row.admin_id != admin_id:
        return False
    session.delete(row)
    session.flush()
    return True


def codes_left(session: Session, admin_id: int) -> int:
    """Count the recovery codes that still work."""
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.admin_id == admin_id)
    return session.exec(query).one()


def forget_app(session: Session, admin_id: int) -> None:
    """Forget an admin's authenticator app."""
    session.exec(delete(SecondFactorRow).where(col(SecondFactorRow.admin_id) == admin_id))


def forget(session: Session, admin_id: int) -> None:
    """Forget an admin's app, security keys and recovery codes."""
    forget_app(session, admin_id)
    security_keys.forget(session, admin_id)
    set_codes(session, admin_id, [])
