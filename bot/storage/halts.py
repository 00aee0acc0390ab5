"""The flag that stops everything outgoing."""

from datetime import datetime

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, select

from bot.model.halt import Halt
from bot.model.journal import Actor
from bot.storage.many import run
from bot.storage.tables import HaltRow

_CURRENT = columns(col(HaltRow.id), col(HaltRow.since), col(HaltRow.actor), col(HaltRow.reason)).where(
    col(HaltRow.ended_at).is_(None)
)


def current(session: Session) -> Halt | None:
    """Give the halt in force, None when all may go out.

    Whatever goes out reads this first, in the transaction that claims it: an ask before it is made, the
    delivery engine before each call. So nothing leaves after the transaction that began the halt.
    """
    row = run(session, _CURRENT).first()
    return None if row is None else Halt(*row)


def begin(session: Session, now: datetime, actor: Actor, reason: str) -> int:
    """Set the flag and give the halt's number."""
    row = HaltRow(since=now, actor=str(actor), reason=reason)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def end(session: Session, now: datetime, actor: Actor, reason: str) -> None:
    """Take the flag away, if there is one."""
    row = _row(session)
    if row is not None:
        row.ended_at, row.ended_by, row.end_reason = now, str(actor), reason
        session.add(row)
        session.flush()


def _row(session: Session) -> HaltRow | None:
    return session.exec(select(HaltRow).where(col(HaltRow.ended_at).is_(None))).first()
