"""`bot budget`: what X has cost today and this month, what is left, what more would cost."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, opened

if TYPE_CHECKING:
    from bot.model.budget import Budget
    from bot.reporting.money import Cost

Posts = Annotated[int | None, typer.Option("--posts", min=0, help="Estimate for so many posts found a day.")]
Volunteers = Annotated[
    int | None, typer.Option("--volunteers", min=0, help="Estimate for so many who lend an account.")
]
Boosts = Annotated[
    int | None,
    typer.Option("--boosts", min=0, help="Boosts a day for each of them; the policy's cap unless given."),
]
Looks = Annotated[
    int | None,
    typer.Option("--looks", min=0, help="Posts read again a day; one before each boost unless given."),
]


def budget(
    posts: Posts = None,
    volunteers: Volunteers = None,
    boosts: Boosts = None,
    looks: Looks = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Show the ledger of X in US dollars, by UTC day and month. Reads only; no call is made."""
    from bot.model.budget import PRICES, estimate, usd
    from bot.purse import budget_of, budgets_of
    from bot.reporting.money import costs

    with opened(data_dir) as app:
        limits = budget_of(app.settings)
        spent = app.store.run_read(costs, budgets_of(app.settings), app.clock.now())
        cap = app.policies["x"].cap_day if "x" in app.policies else 0
    data = _ledger(limits, spent[0] if spent else None)
    if (posts, volunteers, boosts, looks) != (None,) * 4:
        made = (volunteers or 0) * (cap if boosts is None else boosts)
        found = estimate(
            "x",
            posts=posts or 0,
            volunteers=volunteers or 0,
            boosts=made,
            looks=made if looks is None else looks,
        )
        data |= {
            "estimate_boosts_a_day": made,
            "estimate_day_usd": usd(found.day),
            "estimate_month_usd": usd(30 * found.day),
            "estimate_once_usd": usd(found.once),
            "estimate_days_a_month": found.days(limits),
        }
    data["price_of_a_post_usd"], data["price_of_a_boost_usd"] = (
        usd(PRICES["x", what]) for what in ("search", "boost")
    )
    if as_json:
        show.document(data)
    else:
        show.pairs(data)


def _ledger(limits: "Budget", found: "Cost | None") -> dict[str, Any]:
    """Give what was spent of what; nothing yet where there is neither a budget nor an entry."""
    from bot.model.budget import PRICES, Spent, usd

    spent = found.spent if found else Spent(0, 0)
    room = limits.room(spent.day, spent.month)
    return {
        "network": "x",
        "spent_day_usd": usd(spent.day),
        "budget_day_usd": usd(limits.day_micros),
        "spent_month_usd": usd(spent.month),
        "budget_month_usd": usd(limits.month_micros),
        "paid_this_month": [f"{what} {n}: {usd(cost)}" for what, (n, cost) in found.paid.items()]
        if found
        else [],
        "stopped": stops(found) if found else [],
        "posts_left": room // PRICES["x", "search"],
        "boosts_left": room // PRICES["x", "boost"],
    }


def stops(found: "Cost") -> list[str]:
    """Give what there is no money for, and until when."""
    return [f"{what} until {until:%Y-%m-%d %H:%M}Z" for what, until in found.stopped.items()]


def line(found: "Cost") -> str:
    """Say what a network costs, for `bot status`."""
    from bot.model.budget import usd

    spent, limits = found.spent, found.budget
    says = f"{usd(spent.day)} of {usd(limits.day_micros)} USD today, "
    says += f"{usd(spent.month)} of {usd(limits.month_micros)} this month"
    return f"{says}; no money for {', '.join(stops(found))}" if found.stopped else says
