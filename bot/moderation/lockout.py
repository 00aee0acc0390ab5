"""Ten wrong passwords or codes close a door for a quarter of an hour; nobody closes somebody else's door.

Whoever guesses does so through doors of their own: a browser that has logged in before has one per name,
everybody else one per name and network. All strangers together have a hundred wrong passwords an hour for a
name. So guesses of strangers never lock out the browser that an admin uses every day.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.trust.limits import Limit, Lock, Rate
from bot.trust.links import hash_token

TRIES = 10
SPAN = timedelta(minutes=15)
STRANGERS_MOST = 100
STRANGERS_PER = timedelta(hours=1)
NETWORK_MOST = 25
NETWORK_PER = timedelta(minutes=5)


def fold(name: str) -> str:
    """Give a name as doors tell it from others, whatever its length, case and spaces."""
    return hash_token(" ".join(unicodedata.normalize("NFKC", name[:200]).split()).casefold())


@dataclass(frozen=True, slots=True)
class Door:
    """One way in, with every limit that holds on it."""

    limits: Sequence[tuple[Limit, str]]

    def wait(self, now: datetime) -> timedelta:
        """Give how long it stays closed; zero when it is open."""
        return max(limit.wait(key, now) for limit, key in self.limits)

    def failed(self, now: datetime) -> None:
        """Count a wrong answer."""
        for limit, key in self.limits:
            limit.count(key, now)

    def passed(self) -> None:
        """Forget the wrong answers in a row."""
        for limit, key in self.limits:
            limit.passed(key)


class LockOut:
    """The doors of one site."""

    def __init__(self) -> None:
        self._passwords = Lock(TRIES, SPAN)
        self._codes = Lock(TRIES, SPAN)
        self._strangers = Rate(STRANGERS_MOST, STRANGERS_PER)
        self._networks = Rate(NETWORK_MOST, NETWORK_PER)

    def for_password(self, name: str, *, device: str, network: str) -> Door:
        """Give the door of a name. `device`: what tells a browser that has logged in as this name, or empty.

        `network` is where the visitor comes from; empty when it is not known.
        """
        key = fold(name)
        if device:
            return Door([(self._passwords, f"{key} {device}")])
        limits: list[tuple[Limit, str]] = [
            (self._passwords, f"{key} from {network}"),
            (self._strangers, key),
        ]
        return Door(limits + ([(self._networks, network)] if network else []))

    def for_code(self, admin_id: int, *, device: str) -> Door:
        """Give the door of an admin's codes. Who stands there has the password: all strangers share one."""
        return Door([(self._codes, f"{admin_id} {device}")])
