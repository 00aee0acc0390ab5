"""What went wrong at a network, named by what the caller must do."""

from datetime import datetime

from bot.model.calls import Scope


class NetworkError(Exception):
    """Base of the four. `why` is a sentence for the operator: no token, no person's words."""

    name = ""

    def __init__(self, why: str, until: datetime | None = None, scope: Scope = Scope.ACCOUNT) -> None:
        super().__init__(why)
        self.why = why
        self.until = until
        """When to try again, aware UTC; None: the caller decides."""
        self.scope = scope
        """What has to wait: exactly this, and the rest goes on."""


class RateLimitedError(NetworkError):
    """A window, a quota or a budget is used up: wait until it opens again."""

    name = "RateLimited"


class UnavailableError(NetworkError):
    """No whole answer, or an answer that says to come back later: try again, ever less often."""

    name = "Unavailable"


class AccessLostError(NetworkError):
    """The credential is not accepted any more: a person must give a new one; try seldom."""

    name = "AccessLost"


class RefusedError(NetworkError):
    """The network understood and said no: asking the same again is useless until something changes."""

    name = "Refused"
