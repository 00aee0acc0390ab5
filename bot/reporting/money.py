"""What a network costs: spent today and this month, of what budget, on what; what waits for money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.budget import PRICES, Budget, Spent
from bot.storage import Session, spending


@dataclass(frozen=True, slots=True)
class Cost:
    """One network's ledger. Amounts are millionths of a US dollar, days and months those of UTC."""

    network: str
    spent: Spent
    budget: Budget
    paid: Mapping[str, tuple[int, int]]
    """Of this month: how many of each thing, and what they cost."""
    stopped: Mapping[str, datetime]
    """What there is no money for, and until when. Boosts by hand cost nothing and go on."""


def costs(session: Session, budgets: Mapping[str, Budget], now: datetime) -> tuple[Cost, ...]:
    """Look at the ledgers of networks that cost money: those with a budget, or that were paid for."""
    found = [_cost(session, name, budget, now) for name, budget in budgets.items()]
    return tuple(one for one in found if not one.budget.empty or one.paid)


def _cost(session: Session, network: str, budget: Budget, now: datetime) -> Cost:
    spent = spending.spent(session, network, now)
    prices = {what: price for (name, what), price in PRICES.items() if name == network}
    ends = {what: budget.stop(what, price, spent, now) for what, price in prices.items()}
    stopped = {what: until for what, until in ends.items() if until is not None}
    return Cost(network, spent, budget, spending.by_what(session, network, now), stopped)
