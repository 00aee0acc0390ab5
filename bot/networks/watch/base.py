"""What every watcher is, and what it looks for."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.model.found import Batch
from bot.model.tags import tag_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for on one network: folded hashtags, and the collective's own account there."""

    tags: frozenset[str]
    account: str = ""
    """As the network writes it for good: a DID, `name@host`, a number. Empty: mentions are not known."""


def wanted(tags: Iterable[str], account: str = "") -> Wanted:
    """Make a `Wanted` of hashtags as people write them."""
    return Wanted(frozenset(map(tag_of, tags)), account)


class Source(Protocol):
    """One thing that is watched. It holds no state that a restart would miss."""

    name: str
    """Its own name in the database: `bluesky`, `mastodon:piaille.fr`, `x:search`."""
    network: str

    def batches(self, cursor: str) -> AsyncGenerator[Batch]:
        """Read on from a cursor, empty for "from now"; each batch is stored before the next is asked for.

        Raises:
            NetworkError: one of the four; what was not given yet will be read again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reserved:
    """Room in the budget for `count` posts."""

    entry: int
    count: int


class Purse(Protocol):
    """Money for reads: asked before each call, told after it."""

    async def reserve(self, what: str, least: int, most: int) -> Reserved:
        """Reserve room for between `least` and `most` posts.

        Raises:
            RateLimitedError: there is none, until the day or the month is over.
        """
        ...

    async def settle(self, what: str, reserved: Reserved, count: int) -> None:
        """Note how many posts the call returned. A call without a whole answer stays reserved."""
        ...
