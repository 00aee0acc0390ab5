"""Security keys of admins: made, asked, taken off. What a key signs is asked once, of one session."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import ConflictError
from bot.model.access import Admin, SecurityKey
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.moderation import factors
from bot.storage import Session, journal, security_keys, sessions
from bot.storage import factors as stored
from bot.trust.links import Keyring, hash_token
from bot.trust.security_key import Site, WrongAnswerError, is_copy

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
"""How long a question waits for a key's answer: a person looks for the key, types its PIN."""
KEYS_MOST = 10
PURPOSE = "security-key-user"


@dataclass(frozen=True, slots=True)
class Given:
    """A key's answer as the browser of a session sent it. What was asked before `since` has run out."""

    site: Site
    token: str
    text: str
    since: datetime


def ask_new(
    session: Session, token: str, admin: Admin, *, site: Site, keys: Keyring, now: datetime
) -> dict[str, Any]:
    """Give what a browser needs to make a key for whoever is logged in by `token`.

    Raises:
        ConflictError: they have as many as one may have.
    """
    from bot.trust import webauthn  # noqa: PLC0415  only who uses keys pays for the library

    known = security_keys.listed(session, admin.id)
    if len(known) >= KEYS_MOST:
        raise ConflictError(
            Message(N_("You have %(n)s security keys. Take one off first."), {"n": KEYS_MOST})
        )
    user = bytes.fromhex(keys.digest(PURPOSE, str(admin.id)))
    ids = [key.credential_id for key in known]
    challenge = _challenge(session, token, now)
    return webauthn.to_make(site, challenge, user=user, name=admin.name, known=ids)


def ask(session: Session, token: str, admin: Admin, *, site: Site, now: datetime) -> dict[str, Any]:
    """Give what a browser needs to have one of the admin's keys answer in the session of `token`."""
    from bot.trust import webauthn  # noqa: PLC0415

    ids = [key.credential_id for key in security_keys.listed(session, admin.id)]
    return webauthn.to_answer(site, _challenge(session, token, now), ids)


def _challenge(session: Session, token: str, now: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    sessions.ask(session, hash_token(token), challenge, now)
    return challenge


def add(
    session: Session, admin: Admin, name: str, given: Given, *, keys: Keyring, now: datetime
) -> list[str] | None:
    """Store the key that was made; give the recovery codes that come with the first second factor, else none.

    None: it is no answer to what was asked, or the key is somebody's already; nothing is stored.
    """
    from bot.trust import webauthn  # noqa: PLC0415

    challenge = sessions.answered(session, hash_token(given.token), given.since)
    if challenge is None or len(security_keys.listed(session, admin.id)) >= KEYS_MOST:
        return None
    try:
        made = webauthn.made(given.site, challenge, given.text)
    except WrongAnswerError:
        return None
    if security_keys.owner(session, made.credential_id) is not None:
        return None
    first = not stored.has(session, admin.id)
    security_keys.add(session, admin.id, name, made.credential_id, made.public_key, made.count, now)
    journal.write(session, now, Actor("admin", admin.id), "admin.key_added", f"admin:{admin.id}")
    return factors.new_codes(session, admin, keys=keys, now=now) if first else []


def passes(session: Session, admin: Admin, given: Given, *, now: datetime) -> bool:
    """Whether one of the admin's keys answered what its session was asked; the question is used up by it.

    A count that does not rise means that the key was copied, or that an old answer is played again: it is
    refused and noted, so that the admin can take the key off.
    """
    from bot.trust import webauthn  # noqa: PLC0415

    challenge = sessions.answered(session, hash_token(given.token), given.since)
    if challenge is None:
        return False
    known = security_keys.listed(session, admin.id)
    try:
        key, count = webauthn.answered(given.site, challenge, known, given.text)
    except WrongAnswerError:
        return False
    if is_copy(key.count, count):
        journal.write(session, now, Actor("admin", admin.id), "admin.key_doubted", f"admin:{admin.id}")
        return False
    security_keys.use(session, key.id, count, now)
    return True


def remove(session: Session, admin: Admin, key_id: int, *, needed: bool, now: datetime) -> SecurityKey:
    """Take a key off.

    Raises:
        NotFoundError: the admin has no such key.
        ConflictError: it is the last second factor of an admin who needs one.
    """
    key = security_keys.get(session, admin.id, key_id)
    security_keys.remove(session, key.id)
    journal.write(session, now, Actor("admin", admin.id), "admin.key_removed", f"admin:{admin.id}")
    _after_removal(session, admin, needed=needed)
    return key


def remove_app(session: Session, admin: Admin, *, needed: bool, now: datetime) -> None:
    """Take the authenticator app off.

    Raises:
        ConflictError: it is the last second factor of an admin who needs one.
    """
    stored.forget_app(session, admin.id)
    journal.write(session, now, Actor("admin", admin.id), "admin.app_removed", f"admin:{admin.id}")
    _after_removal(session, admin, needed=needed)


def _after_removal(session: Session, admin: Admin, *, needed: bool) -> None:
    """Refuse to leave somebody without what they need; with the last factor its recovery codes go."""
    if stored.has(session, admin.id):
        return
    if needed:
        text = N_("This is your only second factor, and this site needs one. Set up another first.")
        raise ConflictError(Message(text))
    stored.forget(session, admin.id)
