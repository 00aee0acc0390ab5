"""No span ever holds more calls than the limit says, whatever the order; a step of the clock adds a tenth."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.model.calls import Action, Limit, Scope
from bot.model.quota import FRESH, Window, burst, holds, opens, shut, spend, use
from tests.clocks import NOW


def limit(most: int, per_s: float) -> Limit:
    """A limit of one app."""
    return Limit(Scope.APP, frozenset({Action.BOOST}), most, timedelta(seconds=per_s), "test")


@given(
    st.integers(1, 400),
    st.floats(1, 1e5),
    st.lists(st.floats(0, 0.4), max_size=300),
)
@example(3, 60.0, [0.0, 0.4] * 10)
def test_no_span_holds_more_than_its_most(most: int, per_s: float, gaps: list[float]):
    """Calls that are made as soon as they may, with any pauses between, never pass the limit in any span."""
    bound, window, now, made = limit(most, per_s), FRESH, NOW, []
    for gap in gaps:
        now = (opens(bound, window, now) or now) + gap * bound.per
        if opens(bound, window, now) is None:
            window = use(bound, window, now)
            made.append(now)
    for first in range(len(made) - most):
        assert made[first + most] - made[first] >= bound.per - timedelta(microseconds=most)


@given(
    st.integers(110, 400),
    st.floats(1, 1e5),
    st.lists(st.tuples(st.floats(0, 0.4), st.sampled_from((1, 2, 5, 11))), max_size=300),
)
def test_what_counts_more_passes_no_limit_either(most: int, per_s: float, acts: list[tuple[float, int]]):
    """Whatever the acts count as, no span holds more than the limit; each may go at last."""
    weights = {Action.BOOST: 2, Action.UNDO: 5, Action.READ_BACK: 11}
    bound = replace(limit(most, per_s), weights=weights)
    window, now, made = FRESH, NOW, []
    for gap, weight in acts:
        now = (opens(bound, window, now, weight) or now) + gap * bound.per
        assert opens(bound, window, now, weight) is None
        window = use(bound, window, now, weight)
        made.append((now, weight))
    for first, (start, _) in enumerate(made):
        end = start + bound.per - timedelta(microseconds=2 * most)
        assert sum(weight for at, weight in made[first:] if at < end) <= most


@given(st.integers(1, 400), st.floats(1, 1e5))
def test_what_is_idle_long_enough_is_wholly_free(most: int, per_s: float):
    """After a span of nothing the whole burst may go at once, and no more."""
    bound = limit(most, per_s)
    window, now = use(bound, FRESH, NOW), NOW + 2 * bound.per
    for _ in range(burst(bound)):
        assert opens(bound, window, now) is None
        window = use(bound, window, now)
    assert opens(bound, window, now) is not None


@given(st.integers(1, 400), st.floats(1, 1e5), st.floats(0, 1e6))
def test_a_clock_set_back_holds_for_a_span_at_most(most: int, per_s: float, back_s: float):
    """However far the clock is set back, the limit opens within one span."""
    bound, window = limit(most, per_s), FRESH
    for _ in range(burst(bound)):
        window = use(bound, window, NOW)
    now = NOW - timedelta(seconds=back_s)
    until = opens(bound, window, now)
    assert until is None or until <= now + bound.per


@given(
    st.integers(1, 400),
    st.floats(1, 1e5),
    st.lists(st.floats(0, 0.4), max_size=300),
    st.integers(0, 300),
    st.floats(0, 1e9),
)
@example(100, 60.0, [0.0] * 150, 99, 1e9)
def test_a_clock_set_forward_lets_a_tenth_more_through(
    most: int, per_s: float, gaps: list[float], step_at: int, step_s: float
):
    """However far it is set and whenever: in real time no span holds more than the limit and one burst."""
    bound, window, real, made, ahead = limit(most, per_s), FRESH, NOW, [], timedelta(0)
    for number, gap in enumerate(gaps):
        if number == step_at:
            ahead = timedelta(seconds=step_s)
        wall = real + ahead
        real = (opens(bound, window, wall) or wall) - ahead + gap * bound.per
        if opens(bound, window, real + ahead) is None:
            window = use(bound, window, real + ahead)
            made.append(real)
    for first in range(len(made) - most - burst(bound)):
        assert made[first + most + burst(bound)] - made[first] >= bound.per - timedelta(microseconds=most)


@pytest.mark.parametrize(("left", "shuts"), [(0, True), (1, False)])
def test_a_learnt_window_is_shut_when_nothing_is_left(left: int, shuts: bool):
    """It says so until its end, and nothing after it."""
    end = NOW + timedelta(minutes=15)
    window = Window(None, left, end)
    assert shut(window, NOW) == (end if shuts else None)
    assert shut(window, end) is None
    assert holds(window, NOW)
    assert not holds(window, end)
    assert shut(spend(window), NOW) == end
