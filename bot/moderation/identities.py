"""Admins who log in at the collective's own provider: linked by themselves while logged in, never by name."""

from datetime import datetime

from bot.errors import ConflictError
from bot.model.access import Admin
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.moderation import admins
from bot.storage import Session, factors, identities, journal


def link(session: Session, admin: Admin, issuer: str, subject: str, *, now: datetime) -> None:
    """Let an admin log in by an identity from now on, in place of any other.

    Raises:
        ConflictError: it is another admin's.
    """
    owner = identities.owner(session, issuer, subject)
    if owner is not None and owner.id != admin.id:
        raise ConflictError(Message(N_("Another admin logs in with this account there.")))
    identities.put(session, admin.id, issuer, subject, now)
    journal.write(session, now, Actor("admin", admin.id), "admin.linked", f"admin:{admin.id}")


def unlink(session: Session, admin: Admin, *, now: datetime) -> None:
    """Let an admin log in by the password only."""
    identities.forget(session, admin.id)
    journal.write(session, now, Actor("admin", admin.id), "admin.unlinked", f"admin:{admin.id}")


def enter(
    session: Session, issuer: str, subject: str, *, proved: bool, now: datetime
) -> tuple[Admin, str, bool] | None:
    """Open a session for the admin of an identity; give the admin, its token, and whether it is whole.

    `proved`: the provider asked for a second factor that counts here; else ours is still to come, where the
    admin has one. None: it is nobody's identity.
    """
    admin = identities.owner(session, issuer, subject)
    if admin is None:
        return None
    whole = proved or not factors.has(session, admin.id)
    return admin, admins.log_in(session, admin.id, now, whole=whole), whole
