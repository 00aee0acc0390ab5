"""A volunteer lends an account: a connection under way, a token on its way back to its network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.boost import Mode

LASTS = timedelta(minutes=10)
"""How long a connection that was begun may be finished."""
LENT_MODES = (Mode.ONE_TAP, Mode.AUTOMATIC)
"""Modes that need a token, the one that allows less first."""


class Way(StrEnum):
    """How a volunteer says yes: on the network's own page, or by an app password pasted here."""

    PAGE = "page"
    PASSWORD = "password"  # noqa: S105  the word, not one


class Trouble(StrEnum):
    """Why a connection did not come about."""

    REFUSED = "refused"
    """The network said no, or the volunteer did, or the code was used up."""
    PASSWORD = "password"  # noqa: S105  the word, not one
    """The app password is not accepted."""
    OTHER_ACCOUNT = "other_account"
    """Another account said yes than the one on the roster."""
    NOT_ALLOWED = "not_allowed"
    """The policy, the roster or the volunteer changed meanwhile."""
    UNAVAILABLE = "unavailable"
    """The network does not answer, or asks to come back later."""
    CUT_OFF = "cut_off"
    """The program stopped in the middle of it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One account's connection under way. `sealed` and `answer` open in delivery only.

    `answered_at` None: the volunteer has not come back from the network yet; `trouble` ends it.
    """

    account_id: int
    network: str
    mode: Mode
    way: Way
    lang: str
    sealed: str
    answer: str
    begun_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    trouble: Trouble | None

    def runs(self, now: datetime) -> bool:
        """Whether it may still come about."""
        return self.trouble is None and (self.answered_at is not None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token that goes back to its network. `next_at` None: not tried yet; `why`: what stood in the way."""

    id: int
    account_id: int
    network: str
    sealed: str
    tried_at: datetime | None
    tries: int
    next_at: datetime | None
    why: str
