"""`bot budget` and `bot status`: what X cost, what it would cost, what waits for money."""

from bot.app import build
from bot.model.budget import Budget
from bot.model.clock import SystemClock
from bot.settings import Settings
from bot.storage import spending

RICH = {"x_budget_day_usd": "1", "x_budget_month_usd": "20"}


def test_a_mode_is_estimated_before_it_is_switched_on(data):
    """Volunteers, boosts a day each and a look before each: by day, month, and how long the budget lasts."""
    found = data("budget", "--volunteers", "5", "--boosts", "3", "--posts", "100", "--json", **RICH)
    assert found["estimate_boosts_a_day"] == 15
    assert found["estimate_day_usd"] == "0.8"
    assert found["estimate_month_usd"] == "24"
    assert found["estimate_once_usd"] == "0.05"
    assert found["estimate_days_a_month"] == 25
    assert found["boosts_left"] == 66


def test_the_policy_says_how_many_boosts(data):
    """Without a number each volunteer makes as many as the policy of X lets them; looks can be left out."""
    found = data("budget", "--volunteers", "10", "--looks", "0", "--json", **RICH)
    assert (found["estimate_boosts_a_day"], found["estimate_day_usd"]) == (30, "0.45")


def test_what_was_spent_and_what_waits(data, installed):
    """The ledger by thing; with the day used up, what waits and until when, in status too."""
    app = build(Settings(data_dir=installed, _env_file=None))
    now = SystemClock().now()
    values = {"price": 15_000, "least": 66, "most": 66, "budget": Budget(10**9, 10**9), "now": now}
    app.store.run_write(spending.reserve, "x", "boost", **values)
    app.close()
    found = data("budget", "--json", **RICH)
    assert found["paid_this_month"] == ["boost 66: 0.99"]
    assert any(line.startswith("boost until ") for line in found["stopped"])
    assert found["posts_left"] == 2
    says = data("status", "--json", code=1, **RICH)["money"]["x"]
    assert says.startswith("0.99 of 1 USD today, 0.99 of 20 this month; no money for ")
