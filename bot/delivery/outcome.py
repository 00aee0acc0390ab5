"""What a call came to."""

from dataclasses import dataclass

from bot.delivery.claim import Claim
from bot.networks.api.base import Look, Made
from bot.networks.errors import NetworkError, UnavailableError
from bot.networks.http import NoAnswerError, NotSentError


class UnreadableTokenError(UnavailableError):
    """The token that is kept cannot be opened: its account waits, and nobody else at its place."""

    name = "Unreadable"


@dataclass(frozen=True, slots=True)
class Located:
    """The network's own id of the post."""

    target: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The network says that the boost is not there: after `read_back`, and after `undo`."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """It was not done, or nobody knows. `begun`: the request that has the effect may have left."""

    error: NetworkError | NotSentError | NoAnswerError
    begun: bool


Outcome = Made | Look | Located | Absent | Trouble


@dataclass(frozen=True, slots=True)
class Ended:
    """A claim whose call has ended."""

    claim: Claim
    outcome: Outcome
