"""What a network may cost, in millionths of a US dollar, by UTC day and month. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model.text import N_

MICROS = 1_000_000
MONTH_DAYS = 30
PRICES = {
    ("x", "search"): 5_000,
    ("x", "mentions"): 5_000,
    ("x", "author"): 10_000,
    ("x", "look"): 5_000,
    ("x", "boost"): 15_000,
    ("x", "undo"): 10_000,
    ("x", "connect"): 10_000,
}
"""Of one post that is returned, of its author where X asks money for that, of one boost, of taking one
back, of one account that is connected: docs.x.com, x-api/getting-started/pricing (August 2026). Mentions
cost $0.001 only with a token of the very account that owns the developer app; this program has none. The
page does not name boosts: they are "User Interaction: Create"; taking one back is $0.005 or $0.010, so the
dearer is counted."""
WHATS = {
    "search": N_("posts found by a hashtag"),
    "mentions": N_("mentions read"),
    "author": N_("authors read"),
    "look": N_("posts read again"),
    "boost": N_("boosts"),
    "undo": N_("boosts taken back"),
    "connect": N_("accounts lent"),
}
"""What is paid for, as an admin reads it."""
LEAST = {"search": 10, "mentions": 10}
"""Of these fewer are never asked for at once; of all others one is."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a network cost in one UTC day and its month, reservations of running calls included."""

    day: int
    month: int


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

    def stop(self, what: str, price: int, spent: Spent, now: datetime) -> datetime | None:
        """Give until when there is no money for a thing; None: there is, or nothing is ever spent."""
        needed = price * LEAST.get(what, 1)
        if self.empty or self.room(spent.day, spent.month) >= needed:
            return None
        return self.opens(spent.month, needed, now)

    @property
    def empty(self) -> bool:
        """Whether nothing may be spent at all."""
        return not (self.day_micros and self.month_micros)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a network would cost, in millionths of a US dollar: every day, and once at the start."""

    day: int
    once: int

    def days(self, budget: Budget) -> int:
        """Give on how many days of a month of `MONTH_DAYS` a budget lasts; on none beyond the day's."""
        if self.day > budget.day_micros:
            return 0
        return MONTH_DAYS if self.day == 0 else min(MONTH_DAYS, budget.month_micros // self.day)


def estimate(network: str, *, posts: int, volunteers: int, boosts: int, looks: int) -> Estimate:
    """Estimate a day of `posts` found and `boosts` made after `looks`, and `volunteers` who lend accounts."""
    amounts = {"search": posts, "boost": boosts, "look": looks}
    day = sum(PRICES[network, what] * count for what, count in amounts.items())
    return Estimate(day, volunteers * PRICES[network, "connect"])


def usd(micros: int) -> str:
    """Write an amount: `0.005`, `1.25`."""
    return f"{micros / MICROS:.3f}".rstrip("0").rstrip(".") or "0"


def micros(amount: float) -> int:
    """Read an amount of dollars."""
    return round(amount * MICROS)
