"""How often something may happen. Kept in memory: a restart forgets, which gives an attacker little."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

V = TypeVar("V")

KEYS_KEPT = 10_000
"""Keys that one limit remembers; the one longest untouched is forgotten first."""
NOTHING = timedelta(0)


class Limit(Protocol):
    """What says, for a key, whether something may happen once more."""

    def wait(self, key: str, now: datetime) -> timedelta:
        """Give how long until it may; zero when it may now."""
        ...

    def count(self, key: str, now: datetime) -> None:
        """Note that it happened."""
        ...

    def passed(self, key: str) -> None:
        """Note that it came to a good end."""
        ...


class _Memory(Generic[V]):
    """A dictionary that forgets what was not touched for longest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str) -> V | None:
        return self._kept.get(key)

    def put(self, key: str, value: V) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > KEYS_KEPT:
            self._kept.popitem(last=False)

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)


class Rate:
    """At most `most` times in any span of `per`, for each key."""

    def __init__(self, most: int, per: timedelta) -> None:
        self.most, self.per = most, per
        self._times: _Memory[deque[datetime]] = _Memory()

    def wait(self, key: str, now: datetime) -> timedelta:
        """Give how long until once more is allowed; zero when it is."""
        times = self._times.get(key)
        if times is None or len(times) < self.most:
            return NOTHING
        return max(NOTHING, times[0] + self.per - now)

    def count(self, key: str, now: datetime) -> None:
        """Note that it happened."""
        times = self._times.get(key) or deque(maxlen=self.most)
        times.append(now)
        self._times.put(key, times)

    def passed(self, key: str) -> None:
        """Change nothing: what happened counts, whatever came of it."""

    def take(self, key: str, now: datetime) -> timedelta:
        """Count it if it is allowed and give zero, else give how long to wait."""
        wait = self.wait(key, now)
        if not wait:
            self.count(key, now)
        return wait


class Lock:
    """After `tries` failures in a row nothing passes for `span`; then there are as many again. By key."""

    def __init__(self, tries: int, span: timedelta) -> None:
        self.tries, self.span = tries, span
        self._failed: _Memory[tuple[int, datetime]] = _Memory()

    def wait(self, key: str, now: datetime) -> timedelta:
        """Give how long the lock still holds; zero when it does not."""
        count, last = self._failed.get(key) or (0, now)
        return max(NOTHING, last + self.span - now) if count >= self.tries else NOTHING

    def count(self, key: str, now: datetime) -> None:
        """Note a failure."""
        count, _ = self._failed.get(key) or (0, now)
        self._failed.put(key, (1 if count >= self.tries else count + 1, now))

    def passed(self, key: str) -> None:
        """Forget the failures."""
        self._failed.drop(key)
