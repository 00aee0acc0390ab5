"""Limits that are kept in memory."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.trust import limits
from bot.trust.limits import NOTHING, Lock, Rate

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(st.lists(st.integers(0, 600), max_size=60), st.integers(1, 5))
def test_never_more_in_any_span(gaps, most):
    """However the tries come, no span of five minutes holds more than were allowed."""
    rate, now, passed = Rate(most, 5 * MINUTE), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if not rate.take("one", now):
            passed.append(now)
    for at in passed:
        assert sum(at <= other < at + 5 * MINUTE for other in passed) <= most


def test_the_wait_is_the_wait():
    """Who waits as long as was said gets through, not a second before; others are not held up."""
    rate = Rate(2, 5 * MINUTE)
    assert [rate.take("one", NOW + k * MINUTE) for k in range(3)] == [NOTHING, NOTHING, 3 * MINUTE]
    assert rate.take("other", NOW + 2 * MINUTE) == NOTHING
    assert rate.take("one", NOW + 5 * MINUTE - timedelta(seconds=1)) == timedelta(seconds=1)
    assert rate.take("one", NOW + 5 * MINUTE) == NOTHING


def test_ten_failures_lock():
    """Nine failures lock nothing, the tenth locks for the span; then there are ten more."""
    lock = Lock(10, 15 * MINUTE)
    for _ in range(2):
        for _ in range(9):
            lock.count("one", NOW)
            assert lock.wait("one", NOW) == NOTHING
        lock.count("one", NOW)
        assert lock.wait("one", NOW) == 15 * MINUTE
        assert lock.wait("other", NOW) == NOTHING
        assert lock.wait("one", NOW + 15 * MINUTE) == NOTHING


def test_a_good_end_forgives():
    """After a success the failures before it count no more."""
    lock = Lock(2, MINUTE)
    lock.count("one", NOW)
    lock.passed("one")
    lock.count("one", NOW)
    assert lock.wait("one", NOW) == NOTHING


def test_memory_stays_small():
    """However many keys there are, the one longest untouched is forgotten."""
    rate = Rate(1, MINUTE)
    for number in range(limits.KEYS_KEPT + 1):
        rate.count(str(number), NOW)
    assert rate.wait("0", NOW) == NOTHING
    assert rate.wait("1", NOW) == MINUTE
