"""What a network declares: its name, how it reads a post's URL, and the human's own one-tap links."""

from typing import Protocol

from bot.model.notice import PostRef
from bot.model.text import Message
from bot.model.volunteer import Account


class LinkRefusedError(Exception):
    """The URL is this network's but not a post; `message` says what to paste instead."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class HandleRefusedError(Exception):
    """The handle cannot be one of this network; `message` says how it should look."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class Network(Protocol):
    """One network. Implementations hold no state and make no call for any of these."""

    name: str
    """Short name in the database and the settings: `x`."""
    label: str
    """Name people know: `X`."""
    handle_example: str
    order: int
    """Position in lists of networks."""
    next_tap: Message
    """What is left to do on the page of `boost_url`, e.g. "then confirm the repost"."""

    def read_post(self, url: str) -> PostRef | None:
        """Normalise the URL of a post; None when the URL is not this network's.

        Raises:
            LinkRefusedError: it is this network's, but a profile, a search, a list…
        """
        ...

    def read_handle(self, text: str) -> str:
        """Normalise a handle or a profile URL: the network's own form, lower case, no leading `@`.

        Raises:
            HandleRefusedError: no such handle can exist.
        """
        ...

    def boost_url(self, post: PostRef, account: Account) -> str:
        """Give the page on which `account`'s owner boosts the post in one more tap."""
        ...

    def account_url(self, account: Account, remote_id: str = "") -> str:
        """Give the page of an account, or of what it published, by what the network calls it."""
        ...

    def compose_url(self, text: str, page_url: str, account: Account) -> str:
        """Give the page on which `account`'s owner posts a link to a share page."""
        ...
