"""What opens an account of Bluesky, as text for the vault: a grant by OAuth or an app password's session."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from bot.model.secret import Secret
from bot.networks.errors import AccessLostError

MARGIN = timedelta(minutes=5)
"""Renewed that long before its end: a call that begins now ends in time."""
_SECRETS = ("access", "refresh", "key")
_DAY_S = 86_400
_NO_KEY = Secret("")


@dataclass(frozen=True, slots=True)
class Token:
    """`until` is the end of `access`, aware UTC; `pds` is where the account lives, as last looked up.

    OAuth only: `issuer` granted it to `client_id`, bound to `key` (a `jws.Key`), for `scope`. All four are
    empty for the session of an app password.
    """

    did: str
    pds: str
    access: Secret
    refresh: Secret
    until: datetime
    issuer: str = ""
    client_id: str = ""
    scope: str = ""
    key: Secret = _NO_KEY

    @property
    def oauth(self) -> bool:
        """Whether it is a grant by OAuth."""
        return bool(self.issuer)

    def good(self, now: datetime) -> bool:
        """Whether it need not be renewed at `now`."""
        return now < self.until - MARGIN

    def renewed(self, access: str, refresh: str, until: datetime, pds: str) -> Self:
        """Give it with a new pair, and with where the account lives now."""
        return replace(self, access=Secret(access), refresh=Secret(refresh), until=until, pds=pds)

    def sealed(self) -> Secret:
        """Give it as text."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        plain |= {name: plain[name].reveal() for name in _SECRETS}
        return Secret(json.dumps(plain | {"until": self.until.isoformat()}))


def read(secret: Secret) -> Token:
    """Read what `sealed` gave.

    Raises:
        AccessLostError: it is something else.
    """
    try:
        plain = json.loads(secret.reveal())
        plain |= {name: Secret(plain[name]) for name in _SECRETS}
        return Token(**plain | {"until": datetime.fromisoformat(plain["until"])})
    except (ValueError, TypeError, KeyError) as error:
        message = "what is kept is no token of Bluesky"
        raise AccessLostError(message) from error


def until_of(seconds: object, now: datetime) -> datetime:
    """Give the end of an access token that lasts `seconds`; an hour when that is not said, a day at most."""
    return now + timedelta(seconds=min(max(seconds, 0), _DAY_S) if isinstance(seconds, int) else 3600)
