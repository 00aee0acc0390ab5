"""Log-in of admins: the password, then the code; sessions, and the proof that dangerous acts want."""

from datetime import datetime, timedelta

from bot.errors import UsageError
from bot.model.access import Admin, Visit
from bot.model.journal import Actor
from bot.moderation import factors, security_keys
from bot.moderation.admins import clean_name, log_in
from bot.storage import Session, admins, journal, sessions
from bot.trust.links import Keyring, hash_token

FRESH = timedelta(minutes=10)
"""How long a password or a code proves, for dangerous acts, that it is still the same person."""


def known(session: Session, name: str) -> tuple[Admin, str] | None:
    """Give the admin of a typed name and the hash to hold the password against; None for an unknown one."""
    try:
        return admins.with_hash(session, clean_name(name))
    except UsageError:
        return None


def hash_of(session: Session, admin: Admin) -> str | None:
    """Give the hash to hold an admin's password against."""
    found = admins.with_hash(session, admin.name)
    return found[1] if found else None


def finish(
    session: Session,
    token: str,
    proof: str | security_keys.Given,
    *,
    keys: Keyring,
    now: datetime,
    speed: float = 1.0,
) -> str | None:
    """Turn a half session into a whole one by a code or a key's answer; give its token, another one.

    None: it is wrong.
    """
    visit = visit_of(session, token, now, speed=speed)
    if visit is None or not passes(session, visit.admin, proof, keys=keys, now=now):
        return None
    sessions.end(session, hash_token(token))
    return log_in(session, visit.admin.id, now)


def passes(
    session: Session, admin: Admin, proof: str | security_keys.Given, *, keys: Keyring, now: datetime
) -> bool:
    """Whether a code, or a key's answer, is the admin's; either is used up by it."""
    if isinstance(proof, str):
        return factors.passes(session, admin, proof, keys=keys, now=now)
    return security_keys.passes(session, admin, proof, now=now)


def visit_of(session: Session, token: str, now: datetime, *, speed: float = 1.0) -> Visit | None:
    """Give the session of a cookie's token, None when there is none that holds; `speed` is the clock's."""
    return sessions.get(session, hash_token(token), now, speed=speed) if token else None


def touch(session: Session, token: str, now: datetime) -> None:
    """Note that a session is in use."""
    sessions.touch(session, hash_token(token), now)


def prove(session: Session, token: str, *, admin: Admin, now: datetime) -> None:
    """Note that whoever is logged in has given a factor once more."""
    sessions.prove(session, hash_token(token), now)
    journal.write(session, now, Actor("admin", admin.id), "admin.proved", f"admin:{admin.id}")


def log_out(session: Session, token: str, *, admin_id: int, now: datetime) -> None:
    """End a session."""
    sessions.end(session, hash_token(token))
    journal.write(session, now, Actor("admin", admin_id), "admin.logged_out", f"admin:{admin_id}")


def log_out_everywhere(session: Session, *, admin_id: int, now: datetime) -> None:
    """End every session of an admin, this one too."""
    sessions.end_all(session, admin_id)
    journal.write(session, now, Actor("admin", admin_id), "admin.logged_out", f"admin:{admin_id}", all=True)
