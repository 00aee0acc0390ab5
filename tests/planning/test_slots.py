"""Slots and turns keep a volunteer's limits, on every day in every zone."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.volunteer import Limits
from bot.planning.slots import Turns, day_slots
from tests.planning.makers import SEED, limits

PARIS = Limits(5, 60, 22 * 60, 9 * 60, "Europe/Paris")
JUMPS = [
    date(2026, 3, 29),  # Paris
    date(2026, 10, 25),
    date(2026, 3, 8),  # New York, St John's, Havana
    date(2026, 11, 1),
    date(2026, 4, 5),  # Lord Howe (half an hour), Chatham
    date(2026, 10, 4),
    date(2018, 11, 4),  # São Paulo, at midnight
    date(2011, 12, 30),  # Apia: this day never was
    date(2011, 12, 31),
    date(2010, 11, 7),  # St John's, at 0:01: the clock goes back into yesterday
    date(2026, 4, 24),  # Cairo, at midnight
]
days = st.one_of(st.sampled_from(JUMPS), st.dates(date(2020, 1, 1), date(2035, 1, 1)))


@given(limits, days, st.integers(1, 99))
@example(Limits(20, 0, 0, 0, "Pacific/Apia"), date(2011, 12, 31), 1)
def test_slots_keep_every_limit(one: Limits, day: date, volunteer_id: int):
    """Slots of three days in a row: none in quiet hours, at most the cap a day, real minutes apart."""
    found = []
    for n in (-1, 0, 1):
        slots = day_slots(SEED, volunteer_id, one, day + timedelta(days=n))
        assert len(slots) <= one.cap_day
        assert all(local_day(one, slot) == day + timedelta(days=n) for slot in slots)
        found += slots
    assert not any(in_quiet_hours(one, slot) for slot in found)
    assert all(later - earlier >= spacing(one) for earlier, later in pairwise(found))


@given(limits, st.dates(date(2026, 5, 1), date(2026, 8, 1)), st.integers(1, 99))
def test_a_day_has_as_many_slots_as_fit(one: Limits, day: date, volunteer_id: int):
    """On a day without a jump there are min(cap, W/s) slots, and never none."""
    open_min = 1440 - one.quiet_len_min
    wanted = min(one.cap_day, max(1, open_min // max(1, one.spacing_min)))
    if ZoneInfo(one.time_zone).utcoffset(datetime(day.year, day.month, day.day)):  # noqa: DTZ001
        assert len(day_slots(SEED, volunteer_id, one, day)) <= wanted
    assert len(day_slots(SEED, volunteer_id, Limits(*_values(one), "UTC"), day)) == wanted


def _values(one: Limits) -> tuple[int, int, int, int]:
    return one.cap_day, one.spacing_min, one.quiet_start_min, one.quiet_len_min


def test_slots_are_derived_not_drawn():
    """The same secret gives the same slots again; another secret, volunteer or day gives others."""
    day = date(2026, 11, 17)
    slots = day_slots(SEED, 7, PARIS, day)
    assert slots == day_slots(SEED, 7, PARIS, day)
    assert len(slots) == 5
    others = (
        day_slots(b"another secret", 7, PARIS, day),
        day_slots(SEED, 8, PARIS, day),
        [slot - timedelta(days=1) for slot in day_slots(SEED, 7, PARIS, day + timedelta(days=1))],
    )
    assert all(slots != other for other in others)


def test_slots_spread_over_the_open_hours():
    """Over many volunteers, the open hours are used evenly; the last spacing of a day stays free."""
    hours = Counter(
        slot.astimezone(ZoneInfo("Europe/Paris")).hour
        for volunteer_id in range(2000)
        for slot in day_slots(SEED, volunteer_id, PARIS, date(2026, 11, 17))
    )
    assert set(hours) == set(range(7, 21))
    assert min(hours.values()) > 10_000 / 14 * 0.8


@given(
    limits,
    st.one_of(st.sampled_from(JUMPS), st.dates(date(2026, 1, 1), date(2026, 12, 1))),
    st.lists(st.integers(0, 900), min_size=1, max_size=40),
)
def test_taken_turns_keep_every_limit(one: Limits, day: date, waits: list[int]):
    """Whatever the waits between looks, taking every turn at once keeps cap, spacing and quiet hours."""
    turns = Turns(SEED, 1, one)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=18)
    taken: list[datetime] = []
    for wait in waits:
        turn = turns.first(now, now + timedelta(days=4))
        if turn is not None:
            assert turn.at >= now
            assert turn.slot <= turn.at
            turns.take(turn.at)
            taken.append(turn.at)
            now = turn.at
        now += timedelta(minutes=wait)
    assert not any(in_quiet_hours(one, at) for at in taken)
    assert all(later - earlier >= spacing(one) for earlier, later in pairwise(taken))
    assert max(Counter(local_day(one, at) for at in taken).values(), default=0) <= one.cap_day


def _local(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 17, hour, minute, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def test_never_asked_may_be_asked_at_once():
    """Somebody who has just joined gets their first turn now, not at their first slot."""
    assert Turns(SEED, 1, PARIS).first(_local(7, 1), _local(22)).at == _local(7, 1)  # type: ignore[union-attr]


def test_never_asked_still_sleeps():
    """Somebody who joins at night gets their first turn when their quiet hours end."""
    turn = Turns(SEED, 1, PARIS).first(_local(3), _local(22))
    assert turn is not None
    assert turn.at == _local(7)


@pytest.mark.parametrize("passed", [1, 3, 5])
def test_unused_slots_of_today_wait(passed: int):
    """After a few slots passed unused, as many turns come now, one spacing apart."""
    slots = day_slots(SEED, 1, PARIS, date(2026, 11, 17))
    yesterday = slots[0] - timedelta(days=1)
    turns = Turns(SEED, 1, PARIS, [], yesterday)
    now = slots[passed - 1] + timedelta(minutes=1)
    first = turns.first(now, now + timedelta(hours=12))
    assert first is not None
    assert (first.at, first.slot) == (now, slots[0])
    turns.take(first.at)
    second = turns.first(now, now + timedelta(hours=12))
    assert second is None or second.at >= now + timedelta(minutes=60)


def test_the_cap_counts_what_was_asked_today():
    """Five were asked today already: the next turn is tomorrow, outside quiet hours."""
    asked = [_local(8 + n) for n in range(5)]
    turn = Turns(SEED, 1, PARIS, asked, asked[-1]).first(_local(14), _local(14) + timedelta(days=1))
    assert turn is None or local_day(PARIS, turn.at) == date(2026, 11, 18)


def test_rolling_spacing_counts_from_the_last_ask():
    """A slot that comes too soon after an ask waits for the spacing."""
    slots = day_slots(SEED, 1, PARIS, date(2026, 11, 17))
    late = slots[1] - timedelta(minutes=5)
    turn = Turns(SEED, 1, PARIS, [late], late).first(late, late + timedelta(hours=9))
    assert turn is not None
    assert turn.at == max(late + timedelta(minutes=60), slots[1])
