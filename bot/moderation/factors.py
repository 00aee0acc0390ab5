"""An authenticator app as an admin's second factor, and recovery codes for the day phone and key are lost."""

import secrets
from datetime import datetime

from bot.model.access import Admin
from bot.model.journal import Actor
from bot.storage import Session, factors, journal
from bot.trust import totp
from bot.trust.links import Keyring

CODES = 10
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that looks like another."""
CODE_PARTS, CODE_PART = 4, 6
"""Letters of a code: 118 bits, so that a plain keyed hash keeps it (ASVS 6.5.2)."""
PURPOSE = "recovery-code"


def enrol(
    session: Session, admin: Admin, nonce: str, code: str, *, keys: Keyring, now: datetime
) -> list[str] | None:
    """Store the app of `nonce` once a code proves that the app knows it; give the recovery codes.

    They are shown once and kept as keyed hashes. None: the code is not the app's, nothing is stored.
    """
    step = totp.step_of(totp.secret_of(keys, admin.id, nonce), _plain(code), now)
    if step is None:
        return None
    factors.put(session, admin.id, nonce, step, now)
    journal.write(session, now, Actor("admin", admin.id), "admin.factor_set", f"admin:{admin.id}")
    return new_codes(session, admin, keys=keys, now=now)


def new_codes(session: Session, admin: Admin, *, keys: Keyring, now: datetime) -> list[str]:
    """Give ten new recovery codes; the earlier ones stop working."""
    made = ["-".join(_random() for _ in range(CODE_PARTS)) for _ in range(CODES)]
    factors.set_codes(session, admin.id, [_hash(keys, admin.id, code) for code in made])
    journal.write(session, now, Actor("admin", admin.id), "admin.codes_made", f"admin:{admin.id}")
    return made


def passes(session: Session, admin: Admin, code: str, *, keys: Keyring, now: datetime) -> bool:
    """Whether a code is the app's or a recovery code; either is used up by it."""
    app, code = factors.get(session, admin.id), _plain(code)
    if app is not None:
        secret = totp.secret_of(keys, admin.id, app.nonce)
        step = totp.step_of(secret, code, now, after=app.last_step)
        if step is not None:
            factors.use_step(session, admin.id, step)
            return True
    if not factors.use_code(session, admin.id, _hash(keys, admin.id, code)):
        return False
    left = factors.codes_left(session, admin.id)
    journal.write(session, now, Actor("admin", admin.id), "admin.code_used", f"admin:{admin.id}", left=left)
    return True


def _random() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_PART))


def _plain(code: str) -> str:
    """Give a code as it is compared, however it was typed."""
    return "".join(char for char in code.lower() if char.isalnum())


def _hash(keys: Keyring, admin_id: int, code: str) -> str:
    return keys.digest(PURPOSE, f"{admin_id}:{_plain(code)}")
