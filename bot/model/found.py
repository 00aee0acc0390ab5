"""A post that a watcher saw, whatever its network, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.notice import PostRef
from bot.model.text import N_


class Sight(StrEnum):
    """What the rules say of a post that was seen. Only the first two become notices."""

    SEARCH = "search"
    ASKED = "asked"
    BOOST = "boost"
    REPLY = "reply"
    QUOTE = "quote"
    OFFER = "offer"
    LANGUAGE = "language"
    OPTED_OUT = "opted_out"
    HIDDEN = "hidden"
    LOCKED = "locked"
    SENSITIVE = "sensitive"
    BOT = "bot"
    EMPTY = "empty"
    KNOWN = "known"
    LATER = "later"


SIGHTS: dict[Sight, str] = {
    Sight.SEARCH: N_("reads like a search"),
    Sight.ASKED: N_("mentions the collective"),
    Sight.BOOST: N_("a share of another post"),
    Sight.REPLY: N_("a reply"),
    Sight.QUOTE: N_("quotes another post"),
    Sight.OFFER: N_("reads like a job offer"),
    Sight.LANGUAGE: N_("in another language"),
    Sight.OPTED_OUT: N_("its author wants no bots"),
    Sight.HIDDEN: N_("its author does not want to be found"),
    Sight.LOCKED: N_("its author’s account is locked"),
    Sight.SENSITIVE: N_("marked as sensitive"),
    Sight.BOT: N_("posted by a bot"),
    Sight.EMPTY: N_("says nothing besides hashtags and links"),
    Sight.KNOWN: N_("its author has a notice already"),
    Sight.LATER: N_("left for later: as many found posts wait as the queue takes"),
}
ENTERS = frozenset({Sight.SEARCH, Sight.ASKED})
"""Sights that become notices for moderators to read."""


@dataclass(frozen=True, slots=True)
class FoundAuthor:
    """Who posted, as far as the network told; unknown flags are False.

    `id` is the network's own and lasting (a DID, an actor's address, a number), `handle` may change.
    """

    id: str
    handle: str = ""
    name: str = ""
    bio: str = ""
    bot: bool = False
    locked: bool = False
    hidden: bool = False
    """Does not want to be found: `noindex`, `indexable` or `discoverable` false, `!no-unauthenticated`."""


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A public post that carries a watched hashtag or mentions the collective. `at` is aware UTC."""

    post: PostRef
    author: FoundAuthor
    text: str
    at: datetime
    lang: str = ""
    """As the network says: `fr`, `en-GB` or empty."""
    mentions: bool = False
    """Mentions the collective's own account."""
    boost: bool = False
    reply: bool = False
    quote: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """A stretch of time that a watcher could not read back; either end may be unknown."""

    since: datetime | None
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What a watcher read in one go. `cursor` is where the next one goes on, in the network's own words."""

    posts: tuple[FoundPost, ...]
    cursor: str
    missed: Missed | None = None
    read: int = 0
    """Posts or frames looked at, those without the hashtag included."""
