"""Sealed tokens. This folder cannot open them; see `bot.trust.vault`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, func, select, update

from bot.model.boost import Mode
from bot.model.volunteer import Access
from bot.storage import revocations
from bot.storage.many import among, run
from bot.storage.tables import AccessRow, AccountRow

_SOME = (
    columns(AccessRow.metadata.tables["access"], col(AccountRow.network))
    .join(AccountRow, col(AccountRow.id) == col(AccessRow.account_id))
    .where(among(AccessRow.account_id))
)
_USE = update(AccessRow).where(among(AccessRow.account_id)).values(used_at=bindparam("now"))


def _model(row: Any, network: str) -> Access:
    return Access(
        row.account_id,
        network,
        Mode(row.mode),
        row.sealed,
        row.given_at,
        row.used_at,
        row.lost_at,
        row.labelled_at,
        row.unlabelled_at,
    )


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


def of_volunteer(session: Session, volunteer_id: int) -> dict[int, Access]:
    """Give what a volunteer allows, by account; accounts without a token are absent."""
    query = select(AccessRow, AccountRow.network).join(AccountRow)
    rows = session.exec(query.where(AccountRow.volunteer_id == volunteer_id))
    return {row.account_id: _model(row, network) for row, network in rows}


def set_mode(session: Session, account_id: int, mode: Mode) -> None:
    """Let a token be used in another mode."""
    of_account = col(AccessRow.account_id) == account_id
    session.exec(update(AccessRow).where(of_account).values(mode=mode.value))


def label(session: Session, account_id: int, now: datetime, *, labelled: bool) -> None:
    """Note whether the collective's own account says that a program runs it."""
    seen = {"labelled_at" if labelled else "unlabelled_at": now}
    session.exec(update(AccessRow).where(col(AccessRow.account_id) == account_id).values(**seen))


def tally(session: Session) -> list[tuple[str, Mode, bool, int]]:
    """Count the accounts that are lent: network, mode, whether the network refuses the token, how many."""
    lost = col(AccessRow.lost_at).is_not(None)
    query = select(AccountRow.network, AccessRow.mode, lost, func.count()).join(AccessRow)
    rows = session.exec(query.group_by(AccountRow.network, AccessRow.mode, lost))
    return [(network, Mode(mode), bool(gone), count) for network, mode, gone, count in rows]


def some(session: Session, account_ids: Iterable[int]) -> dict[int, Access]:
    """Give what the volunteers of accounts allow, by account id; by hand only: absent."""
    found = run(session, _SOME, ids=list(account_ids))
    return {row.account_id: _model(row, row.network) for row in found}


def lent(session: Session) -> dict[int, Access]:
    """Give what volunteers allow on accounts that can be called for, by account id."""
    query = select(AccessRow, AccountRow.network).join(AccountRow).where(col(AccessRow.lost_at).is_(None))
    return {row.account_id: _model(row, network) for row, network in session.exec(query)}


def use(session: Session, account_ids: Sequence[int], now: datetime) -> None:
    """Note that the tokens of accounts were used."""
    run(session, _USE, ids=account_ids, now=now)


def page(session: Session, *, after: int = 0, limit: int = 500) -> list[Access]:
    """Give sealed tokens by account id."""
    query = select(AccessRow, AccountRow.network).join(AccountRow).where(col(AccessRow.account_id) > after)
    return [_model(*found) for found in session.exec(query.order_by(col(AccessRow.account_id)).limit(limit))]


def reseal(session: Session, account_id: int, *, old: str, new: str) -> bool:
    """Put another seal on a token, or a fresh one in its place, unless it has changed meanwhile."""
    same = col(AccessRow.account_id) == account_id, col(AccessRow.sealed) == old
    return session.exec(update(AccessRow).where(*same).values(sealed=new)).rowcount > 0


def lose(session: Session, account_id: int, now: datetime) -> None:
    """Note that the network refuses the token for good."""
    session.exec(update(AccessRow).where(col(AccessRow.account_id) == account_id).values(lost_at=now))


def give_up(session: Session, account_id: int, now: datetime) -> None:
    """Forget a token that no key opens any more: it is lost, and cannot even be given back."""
    lost = func.coalesce(AccessRow.lost_at, now)
    of_account = col(AccessRow.account_id) == account_id
    session.exec(update(AccessRow).where(of_account).values(sealed="", lost_at=lost))


def give_back(session: Session, account_id: int) -> bool:
    """Let a token go back to its network: from now on nothing is done with it. False: there is none."""
    row = session.get(AccessRow, account_id)
    if row is None:
        return False
    if row.sealed:
        revocations.add(session, account_id, row.sealed)
    session.delete(row)
    session.flush()
    return True
