"""What a network must be able to do before Languette calls it in a volunteer's name.

Every method makes at most the calls it names, ends within its own deadline, and raises one of the four errors
of `bot.networks.errors` when a whole answer says why it was not done, or `bot.networks.http.NoAnswerError`
when nobody knows whether it was. It never retries by itself: `bot.delivery` decides, after it has written
down what it knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.model.calls import Action, Learnt, Limit
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.model.volunteer import Account


@dataclass(frozen=True, slots=True)
class Lent:
    """An account and what opens it. `token` is text of the network's own making, see its `connect` module."""

    account: Account
    token: Secret


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be done, written down before the call and the same at every try.

    `target` is the post as `locate` found it. `at` is the moment of the first try, aware UTC in whole
    milliseconds: a network whose record has a key and a date of its own derives both from `boost_id` and it.
    """

    boost_id: int
    target: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """The boost exists. `remote_id` is what `undo` needs; `before` says it was there before we called."""

    remote_id: str
    before: bool = False
    learnt: tuple[Learnt, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """A post as it is now: a digest of its words; None when it is gone, private or not for this account."""

    digest: str | None
    learnt: tuple[Learnt, ...] = field(default=(), compare=False)
    edited_at: datetime | None = field(default=None, compare=False)
    """When its author last edited it, by the network's clock; None: never, or the network does not say."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the collective's own account is about to publish of a notice, the same at every try.

    `key` names it for ever (a notice's revision has one), `words` are plain text that a moderator saw, `url`
    is the notice's share page, `lang` a code like `fr`, `at` the moment of the first try, aware UTC in whole
    milliseconds.
    """

    key: str
    words: str
    url: str
    lang: str
    at: datetime


class Api(Protocol):
    """One network's calls. Holds connections and nothing that a restart would miss."""

    name: str
    limits: tuple[Limit, ...]
    prices: Mapping[Action, int]
    """Micro-dollars a call; an absent action is free."""
    reads_back: bool
    """Whether `read_back` is strong. Where it is not, an unknown outcome stays unknown: never sent again."""

    def place(self, account: Account) -> str:
        """Give what `locate`'s answer holds for: the instance where ids are its own, empty for everywhere."""
        ...

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Give a fresh token, to be kept before it is used; None, without a call, while this one is good.

        Raises:
            AccessLostError: the volunteer must connect anew.
        """
        ...

    async def locate(self, lent: Lent, post: PostRef) -> str:
        """Give the network's own id of a post, as this account's place knows it.

        Raises:
            RefusedError: there is no such post, or not for this account.
        """
        ...

    async def look(self, lent: Lent, target: str) -> Look:
        """Read a post again, so that only what a moderator saw is boosted."""
        ...

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Boost. The same intent twice is one boost wherever the network allows that to be said."""
        ...

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:
        """Take a boost back; one that is not there any more is taken back."""
        ...

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:
        """Ask, strongly consistent, whether the boost exists; None when it does not."""
        ...


class Publisher(Protocol):
    """What a network can do besides, for the collective's own account; errors are those of `Api`."""

    name: str

    async def publish(self, lent: Lent, draft: Draft) -> Made:
        """Publish the words, cut to the network's length, with the link. The same draft twice is one post."""
        ...

    async def find(self, lent: Lent, draft: Draft) -> Made | None:
        """Ask, strongly consistent, whether the draft was published; None when it was not."""
        ...

    async def retract(self, lent: Lent, remote_id: str) -> None:
        """Delete what was published; what is not there any more is deleted."""
        ...

    async def labelled(self, lent: Lent) -> bool:
        """Whether the account says, in the network's own way, that a program runs it."""
        ...
