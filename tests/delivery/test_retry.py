"""How long is waited, and when many failures are one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import breaker, retry
from bot.delivery.terms import Terms


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_wait_lies_between_half_and_all_of_its_span(failures: int, share: float):
    """From 2.5 seconds to a quarter of an hour, never less after more failures."""
    wait = retry.backoff(failures, share)
    assert retry.FIRST / 2 <= wait <= retry.MOST
    assert retry.backoff(failures + 1, share) >= wait


def test_the_third_refusal_in_a_row_is_the_last():
    """Five minutes, an hour, lost."""
    waits = [retry.after_refusal(n) for n in (1, 2, 3, 4)]
    assert waits == [timedelta(minutes=5), timedelta(hours=1), None, None]


@pytest.mark.parametrize(
    ("refused", "good", "opens"), [(4, 0, False), (5, 0, True), (5, 5, False), (50, 49, True), (6, 40, False)]
)
def test_a_breaker_opens_for_many_and_for_most(refused: int, good: int, opens: bool):
    """A few lost tokens are a few people; most of those who called are the network."""
    assert breaker.opens(refused, good) is opens


def test_a_quiet_period_below_two_deadlines_is_refused():
    """A request that is still on its way could have its effect after the read."""
    with pytest.raises(ValueError, match="two deadlines"):
        Terms("one", {}, {}, deadline=timedelta(seconds=61), quiet=timedelta(seconds=120))
