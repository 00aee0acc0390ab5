"""Dates as people write them."""

from datetime import UTC, date, datetime

import pytest

from bot.locale import formats


@pytest.mark.parametrize(
    ("one", "lang", "said"),
    [
        (date(2026, 12, 1), "fr", "mardi 1er décembre"),
        (date(2026, 12, 2), "fr", "mercredi 2 décembre"),
        (date(2026, 12, 11), "fr", "vendredi 11 décembre"),
        (date(2026, 12, 1), "en", "Tuesday 1 December"),
    ],
)
def test_first_of_a_month(one: date, lang: str, said: str):
    """In French the first is `1er`, and only the first; in English it is a number like the others."""
    assert formats.long_date(one, lang) == said
    noon = datetime(one.year, one.month, one.day, 12, tzinfo=UTC)
    assert formats.day(noon, "Europe/Paris", lang) == said


def test_date_with_its_year():
    """The year follows."""
    assert formats.year_date(date(2026, 1, 1), "fr") == "1er janvier 2026"
