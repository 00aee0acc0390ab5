"""Sealed tokens. This folder cannot open them; see `bot.trust.vault`."""

from datetime import datetime

from sqlmodel import Session, col, delete, func, select, update

from bot.model.boost import Mode
from bot.model.volunteer import Access
from bot.storage.tables import AccessRow, AccountRow


def _model(row: AccessRow, network: str) -> Access:
    return Access(row.account_id, network, Mode(row.mode), row.sealed, row.given_at, row.used_at, row.lost_at)


def give(session: Session, account_id: int, *, mode: Mode, sealed: str, now: datetime) -> None:
    """Keep a token that a volunteer has just given, in the place of an older one."""
    new = AccessRow(account_id=account_id, mode=mode.value, sealed=sealed, given_at=now, used_at=now)
    session.merge(new)
    session.flush()


def of(session: Session, account_id: int) -> Access | None:
    """Give what an account's volunteer allows; None: by hand only."""
    query = select(AccessRow, AccountRow.network).join(AccountRow).where(AccessRow.account_id == account_id)
    found = session.exec(query).first()
    return _model(*found) if found else None


def page(session: Session, *, after: int = 0, limit: int = 500) -> list[Access]:
    """Give sealed tokens by account id."""
    query = select(AccessRow, AccountRow.network).join(AccountRow).where(col(AccessRow.account_id) > after)
    return [_model(*found) for found in session.exec(query.order_by(col(AccessRow.account_id)).limit(limit))]


def by_key(session: Session) -> dict[str, int]:
    """Count the sealed tokens by the id of their key."""
    key = func.substr(AccessRow.sealed, 4, 8)
    return dict(session.exec(select(key, func.count()).group_by(key)).all())


def reseal(session: Session, account_id: int, *, old: str, new: str) -> None:
    """Put another seal on a token, unless it has changed meanwhile."""
    session.exec(
        update(AccessRow)
        .where(col(AccessRow.account_id) == account_id, col(AccessRow.sealed) == old)
        .values(sealed=new)
    )


def lose(session: Session, account_id: int, now: datetime) -> None:
    """Note that the network refuses the token for good."""
    session.exec(update(AccessRow).where(col(AccessRow.account_id) == account_id).values(lost_at=now))


def forget(session: Session, account_id: int) -> None:
    """Erase a token."""
    session.exec(delete(AccessRow).where(col(AccessRow.account_id) == account_id))
