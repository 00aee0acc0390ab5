"""Connections under way: one an account, found by the hash of the state that its network gives back."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, or_, select, update

from bot.model.boost import Mode
from bot.model.lending import Connection, Trouble, Way
from bot.storage.tables import AccountRow, ConnectionRow

LEASE = timedelta(seconds=60)
"""A connection whose worker has not finished it by then was cut off."""


def _model(row: ConnectionRow, network: str) -> Connection:
    return Connection(
        account_id=row.account_id,
        network=network,
        mode=Mode(row.mode),
        way=Way(row.way),
        lang=row.lang,
        sealed=row.sealed,
        answer=row.answer,
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        trouble=Trouble(row.trouble) if row.trouble else None,
    )


def begin(
    session: Session,
    account_id: int,
    *,
    state_hash: str,
    mode: Mode,
    way: Way,
    lang: str,
    sealed: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a connection that begins, in the place of an earlier one. A pasted password needs no answer."""
    session.exec(delete(ConnectionRow).where(col(ConnectionRow.account_id) == account_id))
    session.add(
        ConnectionRow(
            account_id=account_id,
            state_hash=state_hash,
            mode=mode.value,
            way=way.value,
            lang=lang,
            sealed=sealed,
            begun_at=now,
            expires_at=expires_at,
            answered_at=now if way is Way.PASSWORD else None,
        )
    )
    session.flush()


def of(session: Session, account_id: int) -> Connection | None:
    """Give an account's connection."""
    return _one(session, ConnectionRow.account_id == account_id)


def by_state(session: Session, state_hash: str) -> Connection | None:
    """Give the connection to which an answer with this state belongs."""
    return _one(session, ConnectionRow.state_hash == state_hash)


def _one(session: Session, where: bool) -> Connection | None:
    query = select(ConnectionRow, AccountRow.network).join(AccountRow).where(where)
    found = session.exec(query).first()
    return _model(*found) if found else None


def answered(session: Session, account_id: int, sealed: str, now: datetime) -> None:
    """Keep what the network gave back."""
    of_account = col(ConnectionRow.account_id) == account_id
    session.exec(update(ConnectionRow).where(of_account).values(answer=sealed, answered_at=now))


def waiting(session: Session, now: datetime, limit: int) -> list[Connection]:
    """Give those that can be finished and that no worker has, the oldest first."""
    query = (
        select(ConnectionRow, AccountRow.network)
        .join(AccountRow)
        .where(
            ConnectionRow.trouble == "",
            col(ConnectionRow.answered_at).is_not(None),
            or_(col(ConnectionRow.taken_at).is_(None), col(ConnectionRow.taken_at) <= now - LEASE),
        )
        .order_by(col(ConnectionRow.answered_at))
    )
    return [_model(*found) for found in session.exec(query.limit(limit))]


def take(session: Session, account_id: int, now: datetime) -> bool:
    """Let this worker alone finish a connection; False: another has it, or had it and was cut off."""
    of_account = col(ConnectionRow.account_id) == account_id, col(ConnectionRow.trouble) == ""
    free = col(ConnectionRow.taken_at).is_(None)
    if session.exec(update(ConnectionRow).where(*of_account, free).values(taken_at=now)).rowcount:
        return True
    late = col(ConnectionRow.taken_at) <= now - LEASE
    if session.exec(update(ConnectionRow).where(*of_account, late).values(taken_at=now)).rowcount:
        fail(session, account_id, Trouble.CUT_OFF)
    return False


def fail(session: Session, account_id: int, trouble: Trouble) -> None:
    """Note why it did not come about, and forget what was kept for it."""
    of_account = col(ConnectionRow.account_id) == account_id
    session.exec(update(ConnectionRow).where(of_account).values(trouble=trouble.value, sealed="", answer=""))


def drop(session: Session, account_id: int) -> None:
    """Forget a connection."""
    session.exec(delete(ConnectionRow).where(col(ConnectionRow.account_id) == account_id))
