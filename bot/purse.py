"""What is asked before money is spent: room in the budget, in one transaction with the reservation."""

from typing import TYPE_CHECKING

from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.budget import PRICES, Budget, micros, usd
from bot.networks.errors import RateLimitedError
from bot.networks.watch.base import Reserved
from bot.storage import spending

if TYPE_CHECKING:
    from bot.app import App
    from bot.settings import Settings


def budget_of(settings: "Settings") -> Budget:
    """Give the budget of X."""
    return Budget(micros(settings.x_budget_day_usd), micros(settings.x_budget_month_usd))


def budgets_of(settings: "Settings") -> dict[str, Budget]:
    """Give the budgets of the networks that cost money."""
    return {"x": budget_of(settings)} if "x" in settings.networks else {}


def check(app: "App") -> None:
    """Refuse to start where policy lets boosts on X be made by calls that could never be made.

    Raises:
        ConfigError: the message names what is missing.
    """
    policy, chosen = app.policies.get("x"), app.settings
    modes = sorted(policy.modes - {Mode.BY_HAND}) if policy else []
    needed = {
        "x_client_id": chosen.x_client_id,
        "x_client_secret": chosen.x_client_secret.get_secret_value(),
        "x_budget_day_usd": chosen.x_budget_day_usd,
        "x_budget_month_usd": chosen.x_budget_month_usd,
        "vault_key": chosen.vault_key,
    }
    missing = [name for name, value in needed.items() if not value]
    if modes and missing:
        message = f"config/networks/x.toml allows {', '.join(modes)}, which needs {', '.join(missing)}: "
        raise ConfigError(message + "each boost by a call costs money (docs/networks/x.md).")


class Purse:
    """See `bot.networks.watch.base.Purse`; for one network."""

    def __init__(self, app: "App", network: str, budget: Budget) -> None:
        self._app = app
        self._network = network
        self._budget = budget

    async def reserve(self, what: str, least: int, most: int) -> Reserved:
        """Reserve room for that many posts.

        Raises:
            RateLimitedError: the budget of the day or the month is used up, until it opens again.
        """
        got = await self._app.store.write(
            spending.reserve,
            self._network,
            what,
            price=PRICES[self._network, what],
            least=least,
            most=most,
            budget=self._budget,
            now=self._app.clock.now(),
        )
        if isinstance(got, tuple):
            return Reserved(*got)
        day, month = usd(self._budget.day_micros), usd(self._budget.month_micros)
        message = f"the budget is used up ({day} USD a day, {month} a month)"
        raise RateLimitedError(message, got)

    async def settle(self, what: str, reserved: Reserved, count: int) -> None:
        """Note how many posts came."""
        price = PRICES[self._network, what]
        await self._app.store.write(spending.settle, reserved.entry, price=price, count=count)
