"""Passwords of admins: argon2id, at most two at a time (64 MiB each)."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import UsageError

MIN_LENGTH = 12
MAX_LENGTH = 200
_hasher = PasswordHasher()
_gate = threading.Semaphore(2)
_threads = ThreadPoolExecutor(2, "argon2")
"""Log-ins wait for each other here, never in the way of the database's readers."""


@cache
def _nobody() -> str:
    return _hasher.hash("no such admin")


def hash_password(password: str) -> str:
    """Give the argon2id string of a password.

    Raises:
        UsageError: it is shorter than 12 or longer than 200 characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        message = (
            f"Choose a password of {MIN_LENGTH} to {MAX_LENGTH} characters; a few words in a row are good."
        )
        raise UsageError(message)
    with _gate:
        return _hasher.hash(password)


def password_fits(password: str, stored: str | None) -> bool:
    """Whether the password fits; as slow for an unknown admin (`stored` None) as for a known one."""
    with _gate:
        try:
            _hasher.verify(stored or _nobody(), password[:MAX_LENGTH])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


async def fits(password: str, stored: str | None) -> bool:
    """`password_fits` from asyncio."""
    return await asyncio.get_running_loop().run_in_executor(_threads, password_fits, password, stored)
