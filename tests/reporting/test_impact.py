"""Figures that cannot point at anybody."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.model.notice import CloseReason, NoticeState
from bot.reporting.impact import (
    COARSE,
    LEAST,
    OTHERS,
    above_cap,
    bins,
    coarse,
    groups,
    impact,
    median,
    ranked,
)
from bot.storage import boosts, journal, notices
from bot.storage.statistics import DayAsk, Part
from tests.conftest import NOW
from tests.planned import plan_boost

PARTS = st.lists(
    st.builds(Part, st.sampled_from("ABCDEFG"), st.integers(1, 30), st.integers(1, 5)),
    unique_by=lambda part: (part.group, part.person),
)


@given(PARTS)
def test_no_group_of_fewer_than_five_people_is_shown(parts):
    """Every row, the others included, stands for at least five people."""
    rows = groups(parts)
    named = {row.code for row in rows} - {OTHERS}
    people = Counter(part.group for part in parts)
    assert all(people[code] >= LEAST for code in named)
    if OTHERS in {row.code for row in rows}:
        assert len({part.person for part in parts if part.group not in named}) >= LEAST


@given(PARTS)
def test_nothing_can_be_found_by_subtraction(parts):
    """The rows add up to the total, so what is not named is exactly the others; or no row is shown."""
    rows = groups(parts)
    assert not rows or sum(row.boosts for row in rows) == sum(part.boosts for part in parts)


def test_small_groups_take_the_next_with_them():
    """One small group alone would be known from the total: the smallest of the large ones joins it."""
    parts = [Part("x", n, 2) for n in range(9)] + [Part("m", n, 1) for n in range(6)] + [Part("b", 99, 7)]
    assert [(row.code, row.boosts) for row in groups(parts)] == [("x", 18), (OTHERS, 13)]


def test_too_few_in_all_shows_nothing():
    """Four volunteers on three networks give no row."""
    assert groups([Part("x", 1, 9), Part("m", 2, 9), Part("b", 3, 9), Part("b", 4, 9)]) == ()


@given(st.dictionaries(st.integers(0, 20), st.integers(1, 12)))
def test_bins_hold_five_notices_or_none(per_notice):
    """A bin is empty or holds at least five notices; together they hold all, without a gap."""
    found = bins(per_notice)
    assert all(one.notices == 0 or one.notices >= LEAST for one in found)
    if found:
        assert sum(one.notices for one in found) == sum(per_notice.values())
        assert (found[0].low, found[-1].high) == (0, None)
        assert all(a.high is not None and a.high + 1 == b.low for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("per_notice", "middle"), [({}, None), ({3: 1}, 3), ({0: 2, 4: 2}, 0), ({0: 1, 4: 2}, 4), ({9: 7}, 9)]
)
def test_median(per_notice, middle):
    """The middle one, the lower of two."""
    assert median(per_notice) == middle


def test_ranks_are_the_nearest():
    """Half of four is the second; 0.95 of twenty is the nineteenth."""
    waits = [timedelta(minutes=n) for n in range(1, 21)]
    assert ranked(waits[:4], 0.5) == waits[1]
    assert ranked(waits, 0.95) == waits[18]
    assert ranked(waits[:1], 0.95) == waits[0]


@given(st.timedeltas(timedelta(0), timedelta(days=60)))
def test_waits_are_rounded_up(wait):
    """A wait is a multiple of five minutes, never shorter than it was."""
    assert coarse(wait) % COARSE == timedelta(0)
    assert wait <= coarse(wait) <= max(COARSE, wait + COARSE)


def test_caps_are_checked_by_local_day():
    """Two asks around midnight in Paris are two days; three in one day are above a cap of two."""
    before, after = NOW.replace(hour=22, minute=30), NOW.replace(hour=23, minute=30)
    fine = [DayAsk(1, before, "Europe/Paris", 1), DayAsk(1, after, "Europe/Paris", 1)]
    assert above_cap(fine) == (1, 0)
    assert above_cap([*fine, *[DayAsk(2, NOW, "Europe/Paris", 2)] * 3]) == (2, 1)


@pytest.fixture
def collective(store, make_notice, make_volunteer):
    """Twelve notices; six volunteers boosted the first ten, one minute after one another; six found a job."""

    def boost(session, notice, volunteer, at):
        boost_id = plan_boost(session, notice, volunteer, due_at=at)
        boosts.move(session, boost_id, BoostState.ASKED, asked_at=at)
        boosts.move(session, boost_id, BoostState.DECLARED, ended_at=at)

    made = [make_notice(sector="N", region="32", name=f"Name{n} Hidden") for n in range(12)]
    volunteers = [make_volunteer(cap_day=20) for _ in range(6)]
    for index, notice in enumerate(made[:10]):
        for late, volunteer in enumerate(volunteers):
            at = NOW + timedelta(minutes=10 * (index + 1) + late)
            store.run_write(boost, notice, volunteer, at)
    for notice in made[:6]:
        store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
    store.run_write(notices.update, made[0].id, show_name=True)
    return made, volunteers


def test_figures(store, collective):
    """Everything is counted: notices, boosts, volunteers, found jobs, waits, groups."""
    f = store.run_read(impact, now=NOW + timedelta(days=1))
    assert (f.notices, f.boosts, f.volunteers, f.found) == (12, 60, 6, 6)
    assert (f.wait_median, f.wait_p95) == (timedelta(minutes=50), None)
    assert [(r.code, r.boosts) for r in (*f.networks, *f.sectors, *f.regions)] == [
        ("x", 60),
        ("N", 60),
        ("32", 60),
    ]
    assert f.boosts_median == 6
    assert f.since == NOW


def test_changed_notices_keep_their_boosts(store, collective):
    """The wait of a notice that was changed and accepted again is the one before its first boost."""
    made, _ = collective
    later = NOW + timedelta(days=1)
    for notice in made[:6]:
        store.run_write(notices.update, notice.id, opened_at=later + timedelta(seconds=30))
    f = store.run_read(impact, now=later)
    assert (f.notices, f.boosts, f.wait_median) == (12, 60, timedelta(seconds=3000))
    assert [row.boosts for row in f.sectors] == [60]


def test_only_first_names_that_were_agreed_to(store, collective):
    """The first word of a name whose owner said yes; no other name."""
    assert store.run_read(impact, now=NOW).names == ("Name0",)


def test_names_wait_for_five(store, make_notice):
    """Four found jobs show neither their number nor a name."""
    for _ in range(4):
        notice = make_notice()
        store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
        store.run_write(notices.update, notice.id, show_name=True)
    f = store.run_read(impact, now=NOW)
    assert (f.found, f.names, f.notices, f.histogram) == (None, (), None, ())
    assert f.begun


def test_caps_from_the_database(store, collective):
    """Ten asks a day are within a cap of twenty; a volunteer whose settings changed is not counted."""
    now = NOW + timedelta(hours=12)
    f = store.run_read(impact, now=now)
    assert (f.checked, f.above_cap) == (6, 0)
    _, volunteers = collective
    for volunteer in volunteers[:2]:
        store.run_write(journal.write, now, CLI, "volunteer.settings_changed", f"volunteer:{volunteer.id}")
    assert store.run_read(impact, now=now).checked is None


def test_pending_notices_do_not_count(store, make_notice):
    """A notice that no moderator accepted has not gone round."""
    for _ in range(6):
        make_notice(state=NoticeState.PENDING)
    f = store.run_read(impact, now=NOW)
    assert (f.begun, f.notices) == (False, None)
