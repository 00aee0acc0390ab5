"""The promises of the exact round, for whatever Hypothesis draws; and the page that names a test for each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bot.planning import spread, verify
from bot.planning.certificate import certificates
from bot.planning.exact import allocate as exactly
from bot.planning.fairness import Snapshot, allocate
from bot.planning.problem import Id, Request, Round, Volunteer
from tests.planning import exact_rounds, makers, oracles
from tests.planning.makers import NOW, drawn

PAGE = Path(__file__).parents[2] / "docs/reference/properties.md"
NAMES = (*(f"I{n}" for n in range(1, 13)), *(f"P{n}" for n in range(1, 11)))
ROW = re.compile(r"^\| ([IP]\d+) \| [^|]+ \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+)\.py::(\w+)`")


def levels(requests: Sequence[Request], pairs: Mapping[Id, Sequence[Id]]) -> list[Fraction]:
    """Give the levels a plan reaches, ascending."""
    return sorted((r.received + len(pairs[r.id])) / r.weight for r in requests)


def planned(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> list[Fraction]:
    """Give the levels that the planner reaches, ascending."""
    return levels(requests, exactly(requests, volunteers))


@given(exact_rounds.rounds(), st.data())
def test_twins_differ_by_one_at_most(made: Round, data: st.DataObject):
    """P3: of two requests alike in everything but their names, one gets at most one boost more."""
    one = data.draw(st.sampled_from(made.requests), "of whom there are two")
    twin = replace(one, id=data.draw(st.sampled_from(["a", "r3x", "z"]), "name"), seeker="another")
    pairs = exactly([*made.requests, twin], made.volunteers)
    mine, its = len(pairs[one.id]), len(pairs[twin.id])
    event("the twins have boosts" if mine + its else "nobody can boost the twins")
    assert abs(mine - its) <= 1


@given(exact_rounds.rounds())
def test_no_boost_is_lost_and_nobody_could_stand_better(made: Round):
    """P4, P5: as many boosts as a maximum flow, its best levels, and the least sum of load² / cap."""
    pairs = exactly(made.requests, made.volunteers)
    best, most = oracles.best_levels(made.requests, made.volunteers)
    assert sum(map(len, pairs.values())) == most
    assert levels(made.requests, pairs) == best
    loads: dict[object, int] = {v.id: sum(v.id in some for some in pairs.values()) for v in made.volunteers}
    least = oracles.least_unevenness(made.requests, made.volunteers)
    assert oracles.unevenness(loads, made.volunteers) == least


@given(exact_rounds.rounds())
def test_limits_hold_and_every_certificate_is_true(made: Round):
    """P6 and I1 to I7: the verifier, which knows nothing of the planner, finds no breach and has no doubt."""
    pairs = exactly(made.requests, made.volunteers)
    boosts = spread.timed(made, pairs)
    assert list(verify.breaches(made, boosts)) == []
    assert list(verify.doubts(made, boosts, certificates(made.requests, made.volunteers, pairs))) == []


MORE: dict[str, Callable[[Volunteer], list[Volunteer]]] = {
    "one more volunteer": lambda one: [one, replace(one, id="one more")],
    "a higher cap": lambda one: [replace(one, cap_day=one.cap_day + 1)],
    "less spacing": lambda one: [replace(one, min_gap=0, cap_hour=one.cap_hour + 3)],
    "no quiet hours": lambda one: [replace(one, quiet_len=0)],
}


@given(exact_rounds.rounds(), st.data(), st.sampled_from(sorted(MORE)))
def test_more_help_lowers_no_place(made: Round, data: st.DataObject, what: str):
    """P8: whatever time a volunteer gives more, every place of the sorted levels is as high or higher."""
    one = data.draw(st.sampled_from(made.volunteers), "who")
    others = [volunteer for volunteer in made.volunteers if volunteer is not one]
    before = planned(made.requests, made.volunteers)
    after = planned(made.requests, [*others, *MORE[what](one)])
    event(f"{what}: {'somebody has more' if after != before else 'nothing changes'}")
    assert all(new >= old for old, new in zip(before, after, strict=True))


@given(exact_rounds.rounds(), st.randoms(use_true_random=False))
def test_names_change_nothing_but_ties(made: Round, rng: Any):
    """P9: under other names and in another order, everybody's place in the sorted levels is as high."""
    people, calls = list(made.volunteers), list(made.requests)
    rng.shuffle(people)
    rng.shuffle(calls)
    names = {v.id: (f"v{n}" if n % 2 else n) for n, v in enumerate(people)}
    volunteers = [replace(v, id=names[v.id]) for v in people]
    requests = [
        replace(r, id=n, boosted_by=frozenset(names.get(v, "gone") for v in r.boosted_by))
        for n, r in enumerate(calls)
    ]
    assert planned(requests, volunteers) == planned(made.requests, made.volunteers)


@given(exact_rounds.rounds(), st.randoms(use_true_random=False))
def test_the_order_of_a_round_does_not_matter(made: Round, rng: Any):
    """I12: requests and volunteers in another order have the same plan, to the minute."""
    people, calls = list(made.volunteers), list(made.requests)
    rng.shuffle(people)
    rng.shuffle(calls)
    other = Round(made.start, tuple(calls), tuple(people))
    first = spread.timed(made, exactly(made.requests, made.volunteers))
    assert sorted(spread.timed(other, exactly(calls, people)), key=str) == sorted(first, key=str)


def test_most_drawn_states_are_real_rounds():
    """What the properties are tried on has boosts to plan, several for one volunteer and for one notice."""
    states: list[Snapshot] = drawn(makers.snapshots())
    plans = [allocate(state, NOW).assignments for state in states]
    assert sum(bool(plan) for plan in plans) >= 0.7 * len(states)
    for name in ("volunteer_id", "notice_id"):
        names = [[getattr(one, name) for one in plan] for plan in plans]
        assert sum(len(set(some)) < len(some) for some in names) >= 0.35 * len(states)
    assert any(not state.notices for state in states)
    assert any(not state.volunteers for state in states)


def test_most_drawn_rounds_leave_somebody_below():
    """In the exact rounds that are drawn boosts are given, and many a certificate names volunteers."""
    made: list[Round] = drawn(exact_rounds.rounds())
    plans = [exactly(one.requests, one.volunteers) for one in made]
    assert sum(any(plan.values()) for plan in plans) >= 0.7 * len(made)
    proofs = [certificates(one.requests, one.volunteers, p) for one, p in zip(made, plans, strict=True)]
    assert sum(any(one.volunteers for one in some) for some in proofs) >= 0.3 * len(made)


def _page() -> dict[str, list[tuple[str, str]]]:
    """Give, by promise, the tests that the page names."""
    return {name: TEST.findall(tests) for name, tests in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def test_the_page_names_every_promise_once():
    """docs/reference/properties.md has a line for each of I1 to I12 and P1 to P10, in their order."""
    assert (
        tuple(ROW.sub(r"\1", row) for row in re.findall(r"^\| [IP]\d+ \|.*$", PAGE.read_text(), re.MULTILINE))
        == NAMES
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_promise_is_tried_on_what_hypothesis_draws(name: str):
    """Each line names at least one test, and each test that it names is a property, not one example."""
    tests = _page()[name]
    assert tests
    for module, test in tests:
        found = getattr(import_module(module.replace("/", ".")), test)
        assert getattr(found, "is_hypothesis_test", False), f"{module}::{test}"
