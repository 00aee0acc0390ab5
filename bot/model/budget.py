"""What a network may cost, in millionths of a US dollar, by UTC day and month. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MICROS = 1_000_000
PRICES = {
    ("x", "search"): 5_000,
    ("x", "mentions"): 5_000,
    ("x", "look"): 5_000,
    ("x", "boost"): 15_000,
    ("x", "undo"): 10_000,
    ("x", "connect"): 10_000,
}
"""Of one post that is returned, one boost, one boost taken back, one account that is connected; see
docs.x.com, x-api/getting-started/pricing (August 2026). Mentions cost $0.001 only with a token of the very
account that owns the developer app; this program has none. The page does not name boosts: they are "User
Interaction: Create"; taking one back is $0.005 or $0.010, so the dearer is counted."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a network may cost; a spending that would pass either is not begun."""

    day_micros: int
    month_micros: int

    def room(self, spent_day: int, spent_month: int) -> int:
        """Give what may still be spent now."""
        return max(0, min(self.day_micros - spent_day, self.month_micros - spent_month))

    def opens(self, spent_month: int, needed: int, now: datetime) -> datetime:
        """Give when `needed` fits again: the next UTC day, or the next month."""
        today = datetime(now.year, now.month, now.day, tzinfo=UTC)
        if self.month_micros - spent_month >= needed:
            return today + timedelta(days=1)
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a network cost in one UTC day and its month, reservations of running calls included."""

    day: int
    month: int


def usd(micros: int) -> str:
    """Write an amount: `0.005`, `1.25`."""
    return f"{micros / MICROS:.3f}".rstrip("0").rstrip(".") or "0"


def micros(amount: float) -> int:
    """Read an amount of dollars."""
    return round(amount * MICROS)
