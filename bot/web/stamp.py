"""When a form was shown, signed, in a hidden field: who fills it in faster than a person sends it twice.

A stamp is one of a kind; so a form that arrives a second time is known by it (`bot.storage.stamps`), and it
carries the work that a browser does before it sends: find the number whose hash together with the stamp is
the target.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.trust.links import Keyring

PURPOSE = "form-shown"
MIN_FILL_S = 2.0
"""Real seconds from showing to sending; a person needs a minute, a program none."""
MAX_AGE_S = 86_400.0
"""A form left open for longer is shown once more, so that nobody gathers them."""
WORK_MOST = 50_000
"""Numbers to try at most: a third of a second on a computer, a second or two on a phone."""


class Found(StrEnum):
    """What a stamp says about the form that came back with it."""

    GOOD = "good"
    FAST = "fast"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Task:
    """The work of one stamp, as the page gives it to the browser."""

    stamp: str
    target: str
    most: int


def make(keys: Keyring, at: float) -> str:
    """Sign the moment (Unix seconds) at which a form is shown."""
    shown = f"{at:.1f}.{secrets.token_hex(8)}"
    return f"{shown}.{keys.digest(PURPOSE, shown)[:32]}"


def waited(keys: Keyring, at: float) -> str:
    """Sign a form that is shown again at `at`: a person answers a question in less than `MIN_FILL_S`."""
    return make(keys, at - MIN_FILL_S - 1)


def read(keys: Keyring, stamp: str, at: float) -> Found:
    """Say how long ago a form was shown: within `MIN_FILL_S` or with no stamp of ours it is too fast."""
    shown, _, signature = stamp.rpartition(".")
    expected = keys.digest(PURPOSE, shown)[:32]
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return Found.FAST
    age = _age(stamp, at)
    return Found.FAST if age < MIN_FILL_S else Found.OLD if age > MAX_AGE_S else Found.GOOD


def left(stamp: str, at: float) -> timedelta:
    """Give how long a stamp of ours can still come back."""
    return timedelta(seconds=max(0.0, MAX_AGE_S - _age(stamp, at)))


def _age(stamp: str, at: float) -> float:
    return at - float(stamp.rpartition(".")[0].rpartition(".")[0])


def answer(keys: Keyring, stamp: str) -> str:
    """Give the number that solves a stamp's work."""
    return str(int(keys.digest("form-work", stamp)[:16], 16) % WORK_MOST)


def task(keys: Keyring, stamp: str) -> Task:
    """Give a stamp's work."""
    target = hashlib.sha256(f"{stamp}.{answer(keys, stamp)}".encode()).hexdigest()
    return Task(stamp, target, WORK_MOST)
