"""How a watcher stands: where it goes on, what stands in its way, what it missed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Watching:
    """One source. `error` is empty or the name of one of the four errors; times are aware UTC."""

    name: str
    """`bluesky`, `mastodon:piaille.fr`, `x:search`, `x:mentions`."""
    network: str
    cursor: str = ""
    read_at: datetime | None = None
    """When it last had a whole answer."""
    error: str = ""
    why: str = ""
    failed_at: datetime | None = None
    """When the present trouble began."""
    until: datetime | None = None
    """When it tries again."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time that a watcher could not read back."""

    watcher: str
    at: datetime
    since: datetime | None
    until: datetime | None
    why: str
