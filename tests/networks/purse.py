"""A purse without a database."""

from collections import Counter

from bot.networks.errors import RateLimitedError
from bot.networks.watch.base import Reserved


class Counted:
    """A purse with room for so many things that cost."""

    def __init__(self, room=10_000):
        self.room = room
        self.settled = []
        self.paid = Counter()

    async def reserve(self, _what, least, most):
        """Give room, or say that there is none."""
        if self.room < least:
            message = "the budget is used up"
            raise RateLimitedError(message)
        return Reserved(len(self.settled), min(most, self.room))

    async def settle(self, what, _reserved, count):
        """Count what came."""
        self.paid[what] += count
        self.room -= count
        self.settled.append(count)
