"""What X costs, as it is shown: spent, on what, and what waits for money until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.budget import MICROS, PRICES, WHATS, Budget, Spent, estimate, micros
from bot.reporting.money import costs
from bot.storage import spending
from tests.clocks import NOW

DOLLAR = Budget(micros(1), micros(1.5))
MIDNIGHT = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) + timedelta(days=1)


def spend(store, what, count, now=NOW):
    """Note what was paid for."""
    price = PRICES["x", what]
    roomy = Budget(10**9, 10**9)
    entry, _ = store.run_write(
        spending.reserve, "x", what, price=price, least=count, most=count, budget=roomy, now=now
    )
    store.run_write(spending.settle, entry, price=price, count=count)


def test_what_was_paid_for(store):
    """By thing and this month; the month before is not in it."""
    spend(store, "boost", 100, NOW - timedelta(days=40))
    spend(store, "boost", 3)
    spend(store, "search", 20, NOW - timedelta(days=2))
    [found] = store.run_read(costs, {"x": DOLLAR}, NOW)
    assert found.paid == {"boost": (3, 45_000), "search": (20, 100_000)}
    assert (found.spent.day, found.spent.month) == (45_000, 145_000)
    assert found.stopped == {}


def test_what_waits_until_when(store):
    """A day that is nearly used up stops reading, which asks for ten posts at once, before boosts."""
    spend(store, "boost", 64)
    [found] = store.run_read(costs, {"x": DOLLAR}, NOW)
    assert found.stopped == {"search": MIDNIGHT, "mentions": MIDNIGHT}
    spend(store, "boost", 3)
    [found] = store.run_read(costs, {"x": DOLLAR}, NOW)
    assert found.stopped.keys() == WHATS.keys()
    spend(store, "boost", 40, NOW - timedelta(days=1))
    [found] = store.run_read(costs, {"x": DOLLAR}, NOW)
    assert set(found.stopped.values()) == {datetime(2026, 12, 1, tzinfo=UTC)}


def test_a_network_without_money_is_not_shown(store):
    """Neither budget nor entry: nothing to say. An entry without a budget is said."""
    assert store.run_read(costs, {"x": Budget(0, 0)}, NOW) == ()
    spend(store, "boost", 1)
    [found] = store.run_read(costs, {"x": Budget(0, 0)}, NOW)
    assert (found.budget.empty, found.stopped) == (True, {})


def test_every_price_has_its_words():
    """Whatever is paid for can be said on a page."""
    assert {what for _, what in PRICES} == WHATS.keys()


@pytest.mark.parametrize(
    ("values", "day", "once"),
    [
        ({"posts": 150, "volunteers": 0, "boosts": 0, "looks": 0}, 0.75, 0),
        ({"posts": 0, "volunteers": 5, "boosts": 750, "looks": 0}, 11.25, 0.05),
        ({"posts": 0, "volunteers": 5, "boosts": 15, "looks": 15}, 0.30, 0.05),
    ],
)
def test_an_estimate_is_the_sum_of_its_prices(values, day, once):
    """150 posts are $0.75 a day, 750 boosts $11.25: the figures of the notes on X."""
    found = estimate("x", **values)
    assert (found.day, found.once) == (micros(day), micros(once))


@given(st.integers(0, 500), st.integers(0, 50 * MICROS), st.integers(0, 500 * MICROS))
def test_an_estimate_says_how_long_a_budget_lasts(boosts, day, month):
    """The days that it says fit the budget; one more does not."""
    found = estimate("x", posts=0, volunteers=0, boosts=boosts, looks=0)
    days = found.days(Budget(day, month))
    assert 0 <= days <= 30
    assert days == 0 or (found.day <= day and days * found.day <= month)
    if 0 < days < 30:
        assert (days + 1) * found.day > month


@given(st.integers(1, 10**8), st.integers(1, 10**8), st.integers(0, 10**8), st.sampled_from(sorted(WHATS)))
def test_what_is_stopped_would_pass_the_budget(day, month, spent, what):
    """Something waits exactly when the least of it would pass a limit, and until a day or month begins."""
    price, budget = PRICES["x", what], Budget(day, month)
    until = budget.stop(what, price, Spent(spent, spent), NOW)
    least = price * (10 if what in {"search", "mentions"} else 1)
    assert (until is not None) == (min(day, month) - spent < least)
    assert until is None or (until > NOW and until.hour == 0)
