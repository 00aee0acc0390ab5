"""When many tokens of one place are refused at once, the place is broken, not the volunteers. Pure."""

from datetime import timedelta

WINDOW = timedelta(minutes=10)
"""Refusals this close together count as one event."""
ENOUGH = 5
"""Accounts below which it may be chance."""
WAIT = timedelta(minutes=5)
"""Between two probes."""


def opens(refused: int, good: int) -> bool:
    """Whether nobody should call any more: most accounts that called within the window were refused."""
    return refused >= ENOUGH and refused > good
