"""What opens an account on an instance, as text to be sealed: the token, and where alone it may go. Pure."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.model.secret import Secret
from bot.networks.errors import AccessLostError

IDEMPOTENT = frozenset({"mastodon"})
"""Software on which a second boost is the first one (mastodon/mastodon app/services/reblog_service.rb).
GoToSocial and Hollo make another; of all others nothing is known."""


@dataclass(frozen=True, slots=True)
class App:
    """This installation as an instance knows it."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A token and what belongs to it. It is sent to `base` only, whatever the roster says later."""

    base: str
    """`https://piaille.fr`: the server that gave the token."""
    software: str
    """As the server names itself (NodeInfo): `mastodon`, `gotosocial`; empty when it does not say."""
    account_id: str
    """The account's id on this server."""
    app: App
    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    ends: str = ""
    """When the token ends, ISO 8601; empty: it does not."""

    @property
    def idempotent(self) -> bool:
        """Whether boosting twice is known to be one boost."""
        return self.software in IDEMPOTENT

    def text(self) -> Secret:
        """Write it, to be sealed."""
        return Secret(json.dumps(asdict(self)))


def read_key(text: Secret) -> Key:
    """Read what `Key.text` wrote.

    Raises:
        AccessLostError: it is something else.
    """
    try:
        data = json.loads(text.reveal())
        key = Key(**{**data, "app": App(**data["app"])})
        if key.ends:
            datetime.fromisoformat(key.ends)
    except (ValueError, TypeError, KeyError):
        message = "the token is not one that this program keeps for Mastodon"
        raise AccessLostError(message) from None  # the cause would show the text
    return key
