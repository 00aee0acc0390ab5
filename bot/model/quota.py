"""What is left of a network's limits. Pure.

A limit that an adapter declares, "at most n calls in any span", is kept by the generic cell rate algorithm
(ITU-T I.371): one moment a limit, `busy_until`, which every call moves on by an interval, or by as many as
it counts for. A tenth of the limit may go at once, and the interval is as much longer as the limit needs to
hold in every span. A window that an answer told of holds beside it: the network knows what else used it, but
one window says nothing of a longer one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from bot.model.calls import Action, Limit, Scope

LEARNT = "="
REST = ""
_BURST_PART = 10


class Key(NamedTuple):
    """Names one limit, window or rest; `actions` as in `bot.storage.tables.calls.QuotaRow`."""

    network: str
    scope: Scope
    key: str
    """The account's id, the instance, or empty."""
    actions: str

    @classmethod
    def of(cls, network: str, scope: str, key: str, actions: str) -> Self:
        """Read one as it is stored."""
        return cls(network, Scope(scope), key, actions)


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of one of them; `why` is a sentence of the network's, for the operator."""

    busy_until: datetime | None = None
    left: int = 0
    until: datetime | None = None
    why: str = ""


FRESH = Window()


def named(limit: Limit) -> str:
    """Give the name of a declared limit: its actions and its span in seconds."""
    return f"{','.join(sorted(limit.actions))}/{limit.per.total_seconds():g}"


def burst(limit: Limit) -> int:
    """Give how many calls may go at once."""
    return max(1, limit.most // _BURST_PART)


def interval(limit: Limit) -> timedelta:
    """Give the time a call takes off a limit, so that no span ever holds more than `most` calls."""
    return limit.per / (limit.most - burst(limit) + 1)


def opens(limit: Limit, window: Window, now: datetime, weight: int = 1) -> datetime | None:
    """Give when the next call, that counts as `weight`, fits a declared limit; None: now."""
    free = _busy_until(limit, window, now) - (burst(limit) - weight) * interval(limit)
    return free if free > now else None


def use(limit: Limit, window: Window, now: datetime, weight: int = 1) -> Window:
    """Note one call that fits, and counts as `weight`."""
    return replace(window, busy_until=max(_busy_until(limit, window, now), now) + weight * interval(limit))


def _busy_until(limit: Limit, window: Window, now: datetime) -> datetime:
    # More than a whole span ahead: the clock was set back since. A whole span of nothing is enough.
    return min(window.busy_until or now, now + limit.per)


def shut(window: Window, now: datetime) -> datetime | None:
    """Give until when a learnt window, or a rest, lets no call through; None: it does."""
    return window.until if window.until is not None and window.until > now and window.left <= 0 else None


def spend(window: Window) -> Window:
    """Note one call in a learnt window."""
    return replace(window, left=max(0, window.left - 1))


def holds(window: Window, now: datetime) -> bool:
    """Whether what was learnt still says something."""
    return window.until is not None and window.until > now


def key_for(network: str, scope: Scope, account_id: int, instance: str, actions: str) -> Key:
    """Name a limit as it holds for one account."""
    which = str(account_id) if scope is Scope.ACCOUNT else instance if scope is Scope.INSTANCE else ""
    return Key(network, scope, which, actions)


def learnt_key(network: str, scope: Scope, account_id: int, instance: str, action: Action) -> Key:
    """Name a window learnt for one action."""
    return key_for(network, scope, account_id, instance, f"{LEARNT}{action.value}")
