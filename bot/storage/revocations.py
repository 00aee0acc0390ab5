"""Tokens on their way back to their networks, sealed as they were kept."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, or_, select, update

from bot.model.lending import Revocation
from bot.storage.tables import AccountRow, RevocationRow

LEASE = timedelta(minutes=2)
"""How long a worker that tries has it for itself."""


def _model(row: RevocationRow, network: str) -> Revocation:
    assert row.id is not None
    return Revocation(
        row.id, row.account_id, network, row.sealed, row.tried_at, row.tries, row.next_at, row.why
    )


def add(session: Session, account_id: int, sealed: str) -> None:
    """Let a token go back to its network."""
    session.add(RevocationRow(account_id=account_id, sealed=sealed))
    session.flush()


def due(session: Session, now: datetime, limit: int) -> list[Revocation]:
    """Give those to be tried now, the oldest first."""
    when = or_(col(RevocationRow.next_at).is_(None), col(RevocationRow.next_at) <= now)
    return _listed(session, when, limit=limit)


def page(session: Session, *, after: int = 0, limit: int = 500) -> list[Revocation]:
    """Give all by their number."""
    return _listed(session, col(RevocationRow.id) > after, limit=limit)


def _listed(session: Session, *wheres: object, limit: int) -> list[Revocation]:
    query = select(RevocationRow, AccountRow.network).join(AccountRow)
    ordered = query.where(*wheres).order_by(col(RevocationRow.id))  # type: ignore[arg-type]
    return [_model(*found) for found in session.exec(ordered.limit(limit))]


def take(session: Session, one: Revocation, now: datetime) -> bool:
    """Let this worker alone try; False: another does."""
    unchanged = col(RevocationRow.id) == one.id, col(RevocationRow.tries) == one.tries
    values = {"tries": one.tries + 1, "tried_at": one.tried_at or now, "next_at": now + LEASE}
    return session.exec(update(RevocationRow).where(*unchanged).values(**values)).rowcount == 1


def later(session: Session, revocation_id: int, *, why: str, next_at: datetime) -> None:
    """Note what stood in the way, and when it is tried again."""
    of_id = col(RevocationRow.id) == revocation_id
    session.exec(update(RevocationRow).where(of_id).values(why=why, next_at=next_at))


def done(session: Session, revocation_id: int) -> None:
    """Forget a token that its network has taken back."""
    session.exec(delete(RevocationRow).where(col(RevocationRow.id) == revocation_id))


def waiting(session: Session) -> dict[str, tuple[int, str]]:
    """Count the tokens that could not be given back yet, by network, with the last reason."""
    query = (
        select(AccountRow.network, func.count(), func.max(RevocationRow.why))
        .join(RevocationRow)
        .where(RevocationRow.why != "")
        .group_by(AccountRow.network)
    )
    return {network: (count, why) for network, count, why in session.exec(query)}
