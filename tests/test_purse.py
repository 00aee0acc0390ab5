"""Money for reads: a hard stop by UTC day and month, reservations that count until they are settled."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import purse, watching
from bot.app import build
from bot.errors import ConfigError
from bot.model.budget import MICROS, Budget, micros, usd
from bot.networks.errors import RateLimitedError
from bot.purse import Purse
from bot.settings import Settings
from bot.storage import spending
from tests.clocks import NOW

CENT = Budget(micros(0.10), micros(0.15))
"""Twenty posts a day, thirty a month."""


def test_a_day_ends_the_reading(app):
    """Room for twenty posts a day: the third ten are refused until midnight UTC."""
    purse = Purse(app, "x", CENT)

    async def spend():
        for _ in range(2):
            await purse.settle("search", await purse.reserve("search", 10, 10), 10)
        await purse.reserve("search", 10, 10)

    with pytest.raises(RateLimitedError, match=r"0\.1 USD a day") as raised:
        asyncio.run(spend())
    assert raised.value.until == datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) + timedelta(days=1)
    assert app.store.run_read(spending.spent, "x", NOW).day == micros(0.10)


def test_a_month_ends_it_too(app):
    """The next day has room for ten only; then nothing until the first of the next month."""
    later = NOW + timedelta(days=1)
    values = {"price": 5_000, "least": 10, "most": 20, "budget": CENT}
    app.store.run_write(spending.reserve, "x", "search", **values, now=NOW)
    _, count = app.store.run_write(spending.reserve, "x", "search", **values, now=later)
    assert count == 10
    assert app.store.run_write(spending.reserve, "x", "search", **values, now=later) == datetime(
        2026, 12, 1, tzinfo=UTC
    )


def test_what_was_reserved_counts_until_it_is_settled(app):
    """A call whose answer was lost stays as dear as it could have been; what was not returned is free."""
    entry, count = app.store.run_write(
        spending.reserve, "x", "search", price=5_000, least=10, most=100, budget=CENT, now=NOW
    )
    assert count == 20
    assert app.store.run_read(spending.spent, "x", NOW).day == 100_000
    app.store.run_write(spending.settle, entry, price=5_000, count=3)
    assert app.store.run_read(spending.spent, "x", NOW).day == 15_000


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_room_never_passes_either_limit(day, month, spent_day, spent_month):
    """Whatever was spent, the room fits both."""
    room = Budget(day, month).room(spent_day, spent_month)
    assert room >= 0
    assert room == 0 or (spent_day + room <= day and spent_month + room <= month)


def test_amounts_are_written_plainly():
    """Dollars with at most three digits, none that say nothing."""
    assert [usd(value) for value in (0, 5_000, 1_250_000, MICROS)] == ["0", "0.005", "1.25", "1"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "x_bearer_token, x_budget_day_usd, x_budget_month_usd"),
        ({"x_bearer_token": "t", "x_budget_day_usd": 1}, "needs x_budget_month_usd:"),
    ],
)
def test_nothing_starts_without_a_token_and_a_budget(tmp_path, values, says):
    """The start says what is missing."""
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", watch=("x",), **values))
    with pytest.raises(ConfigError, match=says):
        watching.check(app)
    app.close()


def test_search_and_mentions_are_watched(tmp_path):
    """With an account's number its mentions are read too."""
    values = {"x_bearer_token": "t", "x_budget_day_usd": 1, "x_budget_month_usd": 9, "x_account": "99"}
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", watch=("x",), **values))
    assert [source.name for source in watching.sources(app, None)] == ["x:search", "x:mentions"]
    app.close()


ALL = {
    "x_client_id": "id",
    "x_client_secret": "secret",
    "x_budget_day_usd": 1,
    "x_budget_month_usd": 9,
    "vault_key": "/elsewhere/vault.key",
}


@pytest.mark.parametrize("missing", [*ALL, ""])
def test_modes_that_could_do_nothing_stop_the_start(tmp_path, monkeypatch, missing):
    """Where policy lets calls boost on X, credentials, both budgets and the tokens' key must be there."""
    (tmp_path / "config/networks").mkdir(parents=True)
    (tmp_path / "config/networks/x.toml").write_text('modes = ["by_hand", "automatic"]', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    values = {name: value for name, value in ALL.items() if name != missing}
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", **values))
    try:
        if missing:
            with pytest.raises(ConfigError, match=f"allows automatic, which needs {missing}: "):
                purse.check(app)
        else:
            purse.check(app)
    finally:
        app.close()


def test_boosts_by_hand_need_nothing(app):
    """A fresh folder starts: by hand is all that is allowed."""
    purse.check(app)
