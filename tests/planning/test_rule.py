"""The slot-time rule, number by number (FAIRNESS.md 1.5)."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.volunteer import Account
from bot.planning.rule import Pull, bridge, circles, least_apart, rank, scarcity_of, spacing_after, weight_of
from tests.planning.makers import volunteer

SECTORS = frozenset({"sector:A", "sector:B"})


def test_zero_comes_before_everybody_then_the_level_then_who_is_scarce():
    """A boost for a notice of weight 2 counts half; a deadline a whole life later weighs three quarters."""
    assert rank(0, 1, 7.9, 3) == (0, 7, 3)
    assert rank(3, 2, 0.5, 3) == (1, 2, 3)
    assert rank(3, 2, 0.49, 3) == (1, 1, 3)
    assert rank(0, 1, 99, 9) < rank(1, 1, 0, 0) < rank(1, 1, 0, 1) < rank(2, 1, 0, 0)
    now, pull = datetime(2026, 11, 17, tzinfo=UTC), Pull(8, timedelta(days=7))
    assert weight_of(now + timedelta(days=7), pull) - weight_of(now, pull) == pytest.approx(6)
    assert [scarcity_of(n) for n in (0, 1, 2, 3, 4, 7, 8)] == [0, 1, 2, 2, 3, 3, 4]


def test_of_the_four_oldest_equals_the_one_that_opens_most_circles():
    """The first one among equals; whoever comes after four is not looked at."""
    none, one, both = SECTORS, frozenset({"sector:A"}), frozenset[str]()
    assert bridge([(7, none)], SECTORS) == 7
    assert bridge([(7, none), (8, one), (9, both)], SECTORS) == 9
    assert bridge([(7, one), (8, one)], SECTORS) == 7
    assert bridge([(7, both), (8, both)], SECTORS) == 7
    assert bridge([(7, none), (8, none), (9, none), (10, one), (11, both)], SECTORS) == 10
    assert bridge([(7, one), (8, frozenset()), (9, none)], SECTORS) == 8


def test_circles_are_what_the_volunteer_declared():
    """Of several accounts, only the one that boosts; nobody who takes all sectors stands for any."""
    accounts = [Account(1, 1, "x", "a"), Account(2, 1, "mastodon", "a@piaille.fr")]
    person = volunteer(1, sectors={"F"}, regions=None, languages={"fr"}, accounts=accounts)
    of_all = {"sector:F", "lang:fr", "place:x:", "place:mastodon:piaille.fr"}
    assert circles(person) == of_all
    assert circles(person, accounts[0]) == of_all - {"place:mastodon:piaille.fr"}


def test_the_spacing_varies_by_a_quarter_and_can_be_derived_again():
    """For one notice and number of boosts always the same, evenly spread, another for another secret."""
    hour = timedelta(hours=1)
    found = [spacing_after(b"secret", 1, boosts, hour) / hour for boosts in range(2_000)]
    assert found[:3] == [spacing_after(b"secret", 1, boosts, hour) / hour for boosts in range(3)]
    assert 0.75 <= min(found) < 0.76
    assert 1.24 < max(found) <= 1.25
    assert sum(found) / len(found) == pytest.approx(1, abs=0.01)
    assert spacing_after(b"other", 1, 0, hour) != spacing_after(b"secret", 1, 0, hour)
    assert spacing_after(b"secret", 2, 0, hour) != spacing_after(b"secret", 1, 0, hour)


def test_the_strictest_of_a_notices_networks_counts():
    """Networks without a spacing of their own want none."""
    apart = {"x": timedelta(minutes=20), "bluesky": timedelta(minutes=10)}
    assert least_apart(["bluesky", "x", "mastodon"], apart) == timedelta(minutes=20)
    assert least_apart(["mastodon"], apart) == timedelta(0)
