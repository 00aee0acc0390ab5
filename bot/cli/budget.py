"""`bot budget`: what reading X has cost today and this month, what is left, what a day would cost."""

from typing import Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, opened


def budget(
    posts: Annotated[
        int | None, typer.Option("--posts", min=0, help="Estimate for that many posts found a day.")
    ] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Show the ledger of X in US dollars, by UTC day and month. Reads only; no call is made."""
    from bot.model.budget import PRICES, usd
    from bot.purse import budget_of
    from bot.storage import spending

    with opened(data_dir) as app:
        limits = budget_of(app.settings)
        spent = app.store.run_read(spending.spent, "x", app.clock.now())
    price = PRICES["x", "search"]
    data: dict[str, object] = {
        "network": "x",
        "spent_day_usd": usd(spent.day),
        "budget_day_usd": usd(limits.day_micros),
        "spent_month_usd": usd(spent.month),
        "budget_month_usd": usd(limits.month_micros),
        "posts_left": limits.room(spent.day, spent.month) // price,
        "price_of_a_post_usd": usd(price),
    }
    if posts is not None:
        data |= {"estimate_day_usd": usd(posts * price), "estimate_month_usd": usd(30 * posts * price)}
    if as_json:
        show.document(data)
    else:
        show.pairs(data)
