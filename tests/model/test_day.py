"""Quiet hours and local days, on ordinary days and on those when the clock jumps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.day import awake, in_quiet_hours, local_day, next_day, on_the_wall
from bot.model.volunteer import Limits
from tests.planning.makers import limits

NIGHT = Limits(5, 30, 22 * 60, 9 * 60, "Europe/Paris")
moments = st.datetimes(datetime(2009, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (datetime(2026, 11, 17, 21, 0, tzinfo=UTC), datetime(2026, 11, 18, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 18, 5, 59, 59, tzinfo=UTC), datetime(2026, 11, 18, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 18, 6, 0, tzinfo=UTC), datetime(2026, 11, 18, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
        (datetime(2028, 2, 28, 22, 0, tzinfo=UTC), datetime(2028, 2, 29, 6, 0, tzinfo=UTC)),
        (datetime(2028, 2, 29, 22, 0, tzinfo=UTC), datetime(2028, 3, 1, 6, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_at_seven_on_the_wall(moment: datetime, end: datetime):
    """22 h to 7 h in Paris, summer and winter and in the nights between, before and after a leap day."""
    assert awake(NIGHT, moment)[0] == end


def test_a_repeated_hour_is_quiet_twice():
    """Quiet until 2:30, and at 3:00 the clock goes back to 2:00: the second 2:15 is quiet too."""
    early = Limits(5, 30, 22 * 60, 270, "Europe/Paris")
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert not in_quiet_hours(early, datetime(2026, 10, 25, 0, 45, tzinfo=UTC))
    assert in_quiet_hours(early, second)
    assert awake(early, second)[0] == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_that_is_skipped_has_no_moment():
    """On 29 March 2026 the clock of Paris never shows 2:30."""
    seconds = [3600, 9000, 10_800]
    assert on_the_wall(NIGHT, date(2026, 3, 29), seconds) == [
        datetime(2026, 3, 29, 0, 0, tzinfo=UTC),
        None,
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    ]


@given(limits, moments)
def test_the_end_of_quiet_hours_is_outside_them(one: Limits, moment: datetime):
    """It is never earlier than the moment and never inside, in any zone on any day."""
    end = awake(one, moment)[0]
    assert moment <= end <= moment + timedelta(hours=49)
    assert not in_quiet_hours(one, end)
    assert (end == moment) == (not in_quiet_hours(one, moment))


@given(limits, moments)
def test_the_next_day_comes(one: Limits, moment: datetime):
    """It is always later, by a good day at most, and where the clock does not jump it is tomorrow."""
    following = next_day(one, moment)
    assert moment < following <= moment + timedelta(hours=49)
    if one.time_zone in {"UTC", "Asia/Kathmandu"}:
        assert local_day(one, following) == local_day(one, moment) + timedelta(days=1)
