"""What a network must be able to do before a volunteer can lend an account: OAuth, or a pasted password."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.model.secret import Secret
from bot.model.volunteer import Account


@dataclass(frozen=True, slots=True)
class Begun:
    """A connection under way: the page to send the volunteer to, and what must be kept until they come back.

    `state` is the random value the network gives back; it is the key under which the rest is kept, hashed.
    `kept` is text of the network's own making (verifier, issuer, key): it is sealed like a token.
    """

    url: str
    state: str
    kept: Secret


@dataclass(frozen=True, slots=True)
class Granted:
    """What the network granted. `handle` is who really said yes, normalised as on the roster."""

    handle: str
    token: Secret


class Connect(Protocol):
    """How accounts of one network are lent. Errors are those of `bot.networks.api.base`."""

    name: str
    password: bool
    """Whether a pasted app password is a second way, by `sign_in`."""

    async def begin(self, account: Account, back_to: str) -> Begun:
        """Prepare the network's own page of consent; `back_to` is our page that it leads back to."""
        ...

    async def finish(self, kept: Secret, back_to: str, answer: Mapping[str, str]) -> Granted:
        """Redeem what the network's page gave back (`code`, `state`, `iss`…) for a token.

        Raises:
            RefusedError: the volunteer said no, the code is used up, or another account or scope came back.
        """
        ...

    async def sign_in(self, account: Account, password: Secret) -> Granted:
        """Take an app password where `password` says so.

        Raises:
            RefusedError: it is not accepted.
        """
        ...

    async def revoke(self, token: Secret) -> None:
        """Give the token back: it must not work afterwards. One that works no more is given back."""
        ...
