"""The exact round equals independent exact answers, and keeps every promise of FAIRNESS 1.2, 1.3 and 1.6."""

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from bot.planning import spread, verify
from bot.planning.certificate import certificates
from bot.planning.document import answer, read
from bot.planning.exact import allocate
from bot.planning.problem import Id, Request, Round, Volunteer, by_id, fits
from tests.planning import oracles
from tests.planning.rounds import document

ROUNDS = int(os.environ.get("BOT_TEST_ROUNDS", "100"))
"""Random rounds compared with the oracle; `BOT_TEST_ROUNDS=1000` for the long run."""
SIZES = (12, 20, 30, 45, 60)
SCARCITIES = (0.3, 0.6, 1.0, 1.7, 3.0)


def drawn(seed: int) -> Round:
    """Draw a round of 12 to 60 requests."""
    size, scarcity = SIZES[seed % 5], SCARCITIES[seed // 5 % 5]
    return read(json.dumps(document(seed, size, scarcity)).encode())


def levels(requests: Sequence[Request], pairs: Mapping[Id, Sequence[Id]]) -> list[Fraction]:
    """Give the levels a plan reaches, ascending."""
    return sorted((r.received + len(pairs[r.id])) / r.weight for r in requests)


def loads(pairs: Mapping[Id, Sequence[Id]]) -> Counter[Id]:
    """Give the boosts of every volunteer."""
    return Counter(volunteer for volunteers in pairs.values() for volunteer in volunteers)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_round_is_the_optimum_of_an_independent_solver(seed: int):
    """Levels, total and evenness are the best there are; no limit is broken; every proof holds."""
    made = drawn(seed)
    pairs = allocate(made.requests, made.volunteers)
    best, most = oracles.best_levels(made.requests, made.volunteers)
    assert levels(made.requests, pairs) == best
    assert sum(map(len, pairs.values())) == most
    least = oracles.least_unevenness(made.requests, made.volunteers)
    assert oracles.unevenness(loads(pairs), made.volunteers) == least
    boosts = spread.timed(made, pairs)
    assert list(verify.breaches(made, boosts)) == []
    assert list(verify.doubts(made, boosts, certificates(made.requests, made.volunteers, pairs))) == []


WEIGHTS = (Fraction(1), Fraction(2), Fraction("0.1"), Fraction("0.3"), Fraction(1, 3))


def tiny(seed: int) -> tuple[list[Request], list[Volunteer]]:
    """Draw a round of at most 11 pairs, with weights that floating point cannot hold."""
    rng = random.Random(seed)
    while True:
        kinds = ("a", "b", "c")
        requests = [
            Request(
                id=f"r{i}",
                seeker=f"s{i}",
                networks=frozenset(kinds),
                lang="fr",
                tags=frozenset(rng.sample(kinds, rng.randint(1, 2))),
                region=None,
                weight=rng.choice(WEIGHTS),
                demand=rng.randint(0, 4),
                received=rng.choice((0, 0, 0, 1, 2)),
                boosted_by=frozenset(),
            )
            for i in range(rng.randint(1, 4))
        ]
        volunteers = [
            Volunteer(
                id=j,
                networks=frozenset({"a"}),
                langs=frozenset({"fr"}),
                topics=frozenset(rng.sample(kinds, rng.randint(1, 2))),
                regions=None,
                cap_day=rng.randint(0, 3),
                cap_hour=1,
                min_gap=0,
                quiet_start=0,
                quiet_len=0,
                followers=0,
            )
            for j in range(rng.randint(1, 5))
        ]
        if sum(fits(r, v) for r in requests for v in volunteers) <= 11:
            return requests, volunteers


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_of_a_tiny_round_is_better(seed: int):
    """Of all plans, tried one by one, none has better levels, more boosts, or as many spread more evenly."""
    requests, volunteers = tiny(seed)
    plans = list(oracles.every_plan(requests, volunteers))
    pairs = allocate(requests, volunteers)
    most = max(size for _, size, _ in plans)
    assert levels(requests, pairs) == max(found for found, _, _ in plans)
    assert sum(map(len, pairs.values())) == most
    assert oracles.unevenness(loads(pairs), volunteers) == min(
        cost for _, size, cost in plans if size == most
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_oracle_agrees_with_trying_every_plan(seed: int):
    """The flow that judges larger rounds is right where every plan can be tried."""
    requests, volunteers = tiny(1000 + seed)
    plans = list(oracles.every_plan(requests, volunteers))
    most = max(size for _, size, _ in plans)
    assert oracles.best_levels(requests, volunteers) == (max(found for found, _, _ in plans), most)
    least = min(cost for _, size, cost in plans if size == most)
    assert oracles.least_unevenness(requests, volunteers) == least


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_input_does_not_matter(seed: int):
    """A shuffled document and a second run give the same answer to the letter."""
    data = document(seed, 40, 1.0)
    rng = random.Random(seed)
    shuffled = {"volunteers": rng.sample(data["volunteers"], len(data["volunteers"]))}
    shuffled["requests"] = [dict(rng.sample(list(r.items()), len(r))) for r in data["requests"]]
    rng.shuffle(shuffled["requests"])
    shuffled["horizon"] = data["horizon"]
    first = answer(json.dumps(data).encode(), with_certificates=True)
    assert answer(json.dumps(shuffled).encode(), with_certificates=True) == first
    assert answer(json.dumps(data).encode(), with_certificates=True) == first


@pytest.mark.parametrize("seed", range(10))
def test_names_change_nothing_but_ties(seed: int):
    """P9: renamed requests and volunteers reach the same levels."""
    made = drawn(seed)
    rng = random.Random(seed)
    names = {v.id: n for n, v in enumerate(rng.sample(made.volunteers, len(made.volunteers)))}
    volunteers = [replace(v, id=names[v.id]) for v in made.volunteers]
    requests = [
        replace(r, id=rng.randrange(10**9), boosted_by=frozenset(names[v] for v in r.boosted_by))
        for r in made.requests
    ]
    before = levels(made.requests, allocate(made.requests, made.volunteers))
    assert levels(requests, allocate(requests, volunteers)) == before


@pytest.mark.parametrize("seed", range(25))
def test_twins_differ_by_one_at_most(seed: int):
    """P3: requests alike in everything but their names get the same, or one more."""
    made = drawn(seed)
    pairs = allocate(made.requests, made.volunteers)
    twins = defaultdict(list)
    for request in made.requests:
        twins[replace(request, id=0, seeker=0)].append(len(pairs[request.id]))
    assert any(len(counts) > 1 for counts in twins.values())
    assert all(max(counts) - min(counts) <= 1 for counts in twins.values())


@pytest.mark.parametrize("seed", range(15))
def test_more_help_lowers_nobody(seed: int):
    """P8: with one more volunteer, or a higher cap, every place in the sorted vector is at least as high."""
    made = drawn(seed)
    before = levels(made.requests, allocate(made.requests, made.volunteers))
    chosen = random.Random(seed).choice(made.volunteers)
    others = [volunteer for volunteer in made.volunteers if volunteer is not chosen]
    for more in (
        [*made.volunteers, replace(chosen, id="one more")],
        [*others, replace(chosen, cap_day=chosen.cap_day + 3, min_gap=0, cap_hour=60, quiet_len=0)],
    ):
        after = levels(made.requests, allocate(made.requests, more))
        assert all(new >= old for old, new in zip(before, after, strict=True))


def for_all(request: Request, count: int, **values: Any) -> list[Volunteer]:
    """Make volunteers without quiet hours who fit a request, with the same limits."""
    return [
        Volunteer(
            id=n,
            networks=frozenset({min(request.networks)}),
            langs=frozenset({request.lang}),
            topics=None,
            regions=None,
            cap_day=values.get("cap_day", 1),
            cap_hour=1,
            min_gap=0,
            quiet_start=0,
            quiet_len=0,
            followers=0,
        )
        for n in range(count)
    ]


def counts(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> dict[Id, int]:
    """Give how many boosts each request gets."""
    return {name: len(given) for name, given in allocate(requests, volunteers).items()}


def test_a_request_of_twice_the_weight_gets_twice_as_many():
    """Levels are boosts over weight; at the same level the smaller weight goes first."""
    plain = replace(tiny(0)[0][0], received=0, demand=99)
    requests = [replace(plain, id="one", weight=Fraction(1)), replace(plain, id="two", weight=Fraction(2))]
    assert counts(requests, for_all(plain, 1)) == {"one": 1, "two": 0}
    assert counts(requests, for_all(plain, 3)) == {"one": 1, "two": 2}
    assert counts(requests, for_all(plain, 7)) == {"one": 3, "two": 4}


def test_what_was_received_counts():
    """Whoever has boosts from before waits until the others have as many."""
    plain = replace(tiny(0)[0][0], demand=99, weight=Fraction(1))
    requests = [replace(plain, id="new", received=0), replace(plain, id="known", received=3)]
    assert counts(requests, for_all(plain, 3)) == {"new": 3, "known": 0}
    assert counts(requests, for_all(plain, 5)) == {"new": 4, "known": 1}


def test_an_empty_round_has_an_empty_plan():
    """Nobody asks, or nobody gives: no boosts, and no error."""
    made = drawn(0)
    assert allocate([], []) == {}
    assert allocate([], made.volunteers) == {}
    assert allocate(made.requests, []) == {r.id: [] for r in sorted(made.requests, key=by_id)}


@pytest.mark.parametrize("seed", range(5))
def test_slots_keep_every_limit_of_the_volunteer(seed: int):
    """All slots of a day together break no limit, across midnight too, and are as many as the capacity."""
    made = drawn(seed)
    for volunteer in made.volunteers:
        times = spread.slots(volunteer, 600)
        assert len(set(times)) == volunteer.capacity
        assert times == spread.slots(volunteer, 600)
        assert list(verify._breaches_of_day(volunteer, times, 600)) == []


def test_boosts_of_one_request_are_spread_over_the_day():
    """With free choice, the boosts of a request lie far apart: no two of ten within the hour."""
    request = replace(tiny(0)[0][0], demand=10)
    volunteers = for_all(request, 30, cap_day=20)
    alone = Round(0, (request,), tuple(volunteers))
    times = sorted(boost.at for boost in spread.timed(alone, allocate([request], volunteers)))
    assert len(times) == 10
    assert min(b - a for a, b in pairwise(times)) >= 60
