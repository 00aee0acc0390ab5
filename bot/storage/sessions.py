"""Sessions of admins: who is logged in, since when, and what they have proved."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from bot.model.access import Visit
from bot.storage import admins, factors
from bot.storage.tables import AdminRow, AdminSessionRow

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
MOST = 10
"""Sessions of one admin at a time."""
HALF_LONGEST = timedelta(minutes=10)
"""How long the page that asks for the code waits for it."""


def add(session: Session, admin_id: int, token_hash: str, now: datetime, *, whole: bool) -> None:
    """Open a session; of more than `MOST` the one longest unused ends.

    Those that ran out are erased like everything else that is past its date.
    """
    theirs = select(AdminSessionRow).where(AdminSessionRow.admin_id == admin_id)
    for row in session.exec(theirs.order_by(col(AdminSessionRow.seen_at).desc()).offset(MOST - 1)):
        session.delete(row)
    session.add(
        AdminSessionRow(
            token_hash=token_hash, admin_id=admin_id, created_at=now, seen_at=now, whole=whole, proved_at=now
        )
    )
    session.flush()


def get(session: Session, token_hash: str, now: datetime, *, speed: float = 1.0) -> Visit | None:
    """Give a session that is neither idle for 12 hours nor 7 days old, nor half for 10 minutes.

    `speed` is the clock's: on a fast one a session lasts as long for the person in front of it.
    """
    row = session.get(AdminSessionRow, token_hash)
    if row is None or row.seen_at < now - IDLE * speed:
        return None
    if row.created_at < now - (LONGEST if row.whole else HALF_LONGEST) * speed:
        return None
    admin = session.get(AdminRow, row.admin_id)
    if admin is None:
        return None
    has_factor = factors.has(session, row.admin_id)
    return Visit(admins.model(admin), row.whole, row.proved_at or row.created_at, has_factor)


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note that a session is in use."""
    row = session.get(AdminSessionRow, token_hash)
    if row is not None:
        row.seen_at = now
        session.add(row)


def prove(session: Session, token_hash: str, now: datetime) -> None:
    """Note that a factor was given once more."""
    row = session.get(AdminSessionRow, token_hash)
    if row is not None:
        row.proved_at = now
        session.add(row)


def ask(session: Session, token_hash: str, challenge: bytes, now: datetime) -> None:
    """Note what a security key is asked to sign in a session, in place of what was asked before."""
    row = session.get(AdminSessionRow, token_hash)
    if row is not None:
        row.challenge, row.asked_at = challenge, now
        session.add(row)


def answered(session: Session, token_hash: str, since: datetime) -> bytes | None:
    """Give what was asked in a session at `since` or later, once; None when nothing was."""
    row = session.get(AdminSessionRow, token_hash)
    if row is None or row.challenge is None or row.asked_at is None:
        return None
    challenge, asked_at = row.challenge, row.asked_at
    row.challenge = row.asked_at = None
    session.add(row)
    return challenge if asked_at >= since else None


def end(session: Session, token_hash: str) -> None:
    """End a session."""
    session.exec(delete(AdminSessionRow).where(col(AdminSessionRow.token_hash) == token_hash))


def end_all(session: Session, admin_id: int, *, but: str = "") -> None:
    """End all sessions of an admin; `but` is the token's hash of one that goes on."""
    theirs = col(AdminSessionRow.admin_id) == admin_id
    session.exec(delete(AdminSessionRow).where(theirs, col(AdminSessionRow.token_hash) != but))
    session.flush()


def listed(session: Session, admin_id: int) -> list[tuple[datetime, datetime]]:
    """Give when each of an admin's sessions began and was last used, newest first."""
    rows = session.exec(select(AdminSessionRow).where(AdminSessionRow.admin_id == admin_id))
    return sorted(((row.created_at, row.seen_at) for row in rows), reverse=True)
