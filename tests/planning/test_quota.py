"""The collective's limits on each network stand above what its volunteers allow (I11)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bot.app import App, build
from bot.errors import ConfigError
from bot.model.plan import Wait
from bot.planning import ask, prove
from bot.planning import round as planning
from bot.planning.fairness import Plan, Snapshot, allocate
from bot.planning.quota import DAY, HOUR, Most, Quotas, limits
from bot.settings import Settings, load
from bot.storage import boosts
from tests.conftest import NOW as START
from tests.planning import makers
from tests.planning.makers import NOW, RULES, drawn, notice, volunteer

most = st.builds(Most, st.sampled_from([1, 2, None]), st.sampled_from([2, 1, 4, None]))
all_limits = st.fixed_dictionaries({"x": most, "mastodon": most})


@st.composite
def asked_on(draw: st.DrawFn) -> dict[str, list[datetime]]:
    """Draw what was asked on each network in the last day."""
    minutes = st.lists(st.integers(0, 1439), max_size=4)
    return {name: sorted(NOW - timedelta(minutes=m) for m in draw(minutes)) for name in ("x", "mastodon")}


def _times(plan: Plan, before: Mapping[str, Sequence[datetime]], network: str) -> list[datetime]:
    planned = [one.due_at for one in plan.assignments if one.network == network]
    return sorted([*before.get(network, ()), *planned])


@st.composite
def limited(draw: st.DrawFn) -> Snapshot:
    """Draw a state with limits on two networks, and what was asked there."""
    snapshot = draw(makers.snapshots())
    rules = replace(snapshot.rules, networks=draw(all_limits), notice_spacing=timedelta(0))
    return replace(snapshot, rules=rules, on_networks=draw(asked_on()))


def _broken(snapshot: Snapshot, plan: Plan) -> str:
    """Name a window that the plan fills beyond its limit; nothing when it fills none."""
    for network, one in snapshot.rules.networks.items():
        times = _times(plan, snapshot.on_networks, network)
        planned = {a.due_at for a in plan.assignments if a.network == network}
        for period, count in one.windows():
            for i in range(count, len(times)):
                if times[i] - times[i - count] < period and times[i] in planned:
                    return f"{network}: more than {count} in {period}"
    return ""


def _free(snapshot: Snapshot) -> Plan:
    """Plan the same state without the limits."""
    return allocate(replace(snapshot, rules=replace(snapshot.rules, networks={})), NOW)


@given(limited())
def test_no_window_is_ever_exceeded(snapshot: Snapshot):
    """Whatever was asked before, a plan adds nothing to an hour or a day that has had its most."""
    plan = allocate(snapshot, NOW)
    event(f"without the limits: {_broken(snapshot, _free(snapshot)) or 'the same'}")
    assert not _broken(snapshot, plan)


def test_the_limits_that_are_drawn_bind():
    """In at least a third of what the property is tried on, the plan without limits would break one."""
    states: list[Snapshot] = drawn(limited())
    assert sum(bool(_broken(state, _free(state))) for state in states) >= len(states) / 3
    plans = [allocate(state, NOW).assignments for state in states]
    assert sum(any(a.network in ("x", "mastodon") for a in plan) for plan in plans) >= len(states) / 3


@given(makers.snapshots(), st.randoms(use_true_random=False))
def test_a_limit_that_never_binds_changes_nothing(snapshot: Snapshot, rng: Any):
    """With room to spare the plan is the one without limits, in whatever order the networks are named."""
    wide = [("x", Most(1000, 1000)), ("mastodon", Most(None, 1000))]
    rng.shuffle(wide)
    roomy = replace(snapshot, rules=replace(snapshot.rules, networks=dict(wide)))
    assert allocate(roomy, NOW) == allocate(snapshot, NOW)


def test_who_waits_for_a_network_is_called_one_by_one():
    """Of five volunteers on a network that opens once an hour, each gets the next hour, the first first."""
    people = [volunteer(n, cap_day=1, spacing_min=720) for n in range(1, 6)]
    rules = replace(RULES, networks={"x": Most(hour=1)}, notice_spacing=timedelta(0))
    plan = allocate(Snapshot(rules, [notice(1)], people), NOW)
    assert [one.volunteer_id for one in plan.assignments] == [1, 2, 3, 4, 5]
    assert {later.due_at - one.due_at for one, later in pairwise(plan.assignments)} == {HOUR}


def test_another_network_is_used_meanwhile():
    """Where X is full, a volunteer's Bluesky account is asked; a notice with a post on X alone waits."""
    person = volunteer(1, ("x", "bluesky"), cap_day=5, spacing_min=0)
    rules = replace(RULES, networks={"x": Most(day=1)})
    calls = [notice(1, ("x",)), notice(2, ("bluesky",)), notice(3, ())]
    plan = allocate(Snapshot(rules, calls, [person], on_networks={"x": [NOW - HOUR]}), NOW)
    soon = [one for one in plan.assignments if one.due_at < NOW + DAY - HOUR]
    assert {(one.notice_id, one.network) for one in soon} == {(2, "bluesky"), (3, "bluesky")}
    late = next(one for one in plan.assignments if one.notice_id == 1)
    assert late.due_at >= NOW + DAY - HOUR


def test_a_notice_is_told_which_network_is_full():
    """A volunteer has a turn, the network has not: the notice says so, and from when it may go on."""
    rules = replace(RULES, networks={"x": Most(day=1)}, horizon=timedelta(hours=12))
    plan = allocate(Snapshot(rules, [notice(1)], [volunteer(1)], on_networks={"x": [NOW - HOUR]}), NOW)
    assert plan.unserved[1] == {
        "code": Wait.NETWORK_FULL,
        "volunteers": 1,
        "networks": ["x"],
        "next": (NOW + DAY - HOUR).isoformat(),
    }


def test_a_post_keeps_the_distance_its_network_wants():
    """The jitter never makes it less than what the policy of the post's network says."""
    people = [volunteer(n, cap_day=1) for n in range(1, 9)]
    rules = replace(RULES, apart={"x": timedelta(minutes=20)})
    for names, least in ((("x",), 20), (("bluesky",), 15)):
        people = [volunteer(n, names, cap_day=1) for n in range(1, 30)]
        times = [one.due_at for one in allocate(Snapshot(rules, [notice(1, names)], people), NOW).assignments]
        gaps = [(later - at) / timedelta(minutes=1) for at, later in pairwise(times)]
        assert least <= min(gaps) < 20.1
    assert min(gaps) < 20


def test_quotas_count_any_window():
    """A place comes free when the oldest ask is an hour old, or a day; the later of both counts."""
    quotas = Quotas({"x": Most(2, 3)}, {"x": [NOW - timedelta(minutes=m) for m in (90, 50, 10)]})
    assert quotas.opens("x", NOW) == NOW - timedelta(minutes=90) + DAY
    assert quotas.opens("bluesky", NOW) == NOW
    hourly = Quotas({"x": Most(2)}, {"x": [NOW - timedelta(minutes=m) for m in (90, 50, 10)]})
    assert hourly.opens("x", NOW) == NOW + timedelta(minutes=10)
    hourly.take("x", NOW + timedelta(minutes=10))
    assert hourly.opens("x", NOW + timedelta(minutes=11)) == NOW + timedelta(minutes=50)
    assert hourly.tight("x", [NOW + timedelta(minutes=20)])
    assert not hourly.tight("x", [NOW + timedelta(hours=3)])


LIMITED = {"network_hour_max": {"x": 1}, "notice_spacing_min": 0}


def test_the_limit_binds_at_the_slot(app: App, make_notice: Any, make_volunteer: Any):
    """Three are due at once, one is asked; the others an hour and two hours later, though all could be."""
    for _ in range(3):
        make_notice(), make_volunteer()
    settings = Settings(data_dir=app.settings.data_dir, _env_file=None, **LIMITED)  # type: ignore[call-arg, arg-type]
    how = {"settings": settings, "keys": app.keys, "networks": app.networks}
    made = []
    for quarter in range(9):
        now = START + quarter * timedelta(minutes=15)
        app.store.run_write(planning.run, **how, now=now)
        made.append(app.store.run_write(ask.ask_due, **how, now=now))
    assert made == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    asked = app.store.run_read(boosts.listed, limit=100)
    assert Counter(one.notice_id for one in asked if one.asked_at) == {1: 1, 2: 1, 3: 1}


def test_there_is_no_proof_where_a_limit_may_bind(app: App, make_notice: Any, make_volunteer: Any):
    """The certificate tells the limit instead of turns that may never be used."""
    make_notice()
    for _ in range(3):
        make_volunteer(cap_day=1)
    settings = Settings(data_dir=app.settings.data_dir, _env_file=None, network_day_max={"x": 2})  # type: ignore[call-arg]
    snapshot = app.store.run_read(planning.read, settings, app.keys, app.networks, START)
    assert prove.tight(snapshot, START) == {"x": 2}
    wide = replace(snapshot, rules=replace(snapshot.rules, networks={"x": Most(None, 30)}))
    assert prove.tight(wide, START) == {}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"network_day_max": {"x": 0}}, "network_day_max"),
        ({"network_hour_max": {"myspace": 3}}, "myspace is not among"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(tmp_path: Path, values: dict[str, Any], says: str):
    """Zero, and a network that is not in use, are named at the start."""
    with pytest.raises(ConfigError, match=says):
        build(load(data_dir=tmp_path, **values))


def test_settings_become_limits_by_network():
    """A network may have one of them, or both."""
    assert limits({"x": 3}, {"x": 9, "bluesky": 5}) == {"bluesky": Most(None, 5), "x": Most(3, 9)}
