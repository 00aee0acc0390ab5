"""How long to wait before the next try. Pure."""

from datetime import timedelta

FIRST = timedelta(seconds=5)
MOST = timedelta(minutes=15)
LIMITED = timedelta(minutes=1)
"""After a limit whose end the network does not tell."""
REFUSED = (timedelta(minutes=5), timedelta(hours=1))
"""After the first and the second time in a row that a token is refused. The third time it is lost."""
_DOUBLINGS = 12


def backoff(failures: int, share: float) -> timedelta:
    """Give the wait after the n-th failure in a row (n from 1): twice as long each time, with jitter.

    `share` in 0..1 is a random number: between half and all of the span is waited, so that those who failed
    together do not come back together.
    """
    whole: timedelta = min(MOST, FIRST * 2 ** min(max(failures, 1) - 1, _DOUBLINGS))
    return whole * (0.5 + share / 2)


def after_refusal(refusals: int) -> timedelta | None:
    """Give the wait after a token was refused n times in a row (n from 1); None: it is lost."""
    return REFUSED[refusals - 1] if refusals <= len(REFUSED) else None
