"""The reach variant of the exact round: the same counts, by those who reach most people (O2', G9)."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest

from bot.planning import verify
from bot.planning.document import answer, read
from bot.planning.exact import Pairs, allocate
from bot.planning.problem import Request, Volunteer, fits
from bot.planning.reach import Audience, widen
from bot.planning.spread import timed
from bot.simulation.figures import jain
from tests.planning.rounds import document
from tests.planning.test_exact import drawn, loads, tiny


def people(requests: Sequence[Request], volunteers: Sequence[Volunteer], pairs: Pairs) -> float:
    """Give the people whom a plan's boosts reach for the first time, over all requests."""
    audience = Audience(volunteers)
    return sum(
        audience.seen({*request.boosted_by, *pairs[request.id]}).people
        - audience.seen(request.boosted_by).people
        for request in requests
    )


def every_plan(
    requests: Sequence[Request], volunteers: Sequence[Volunteer], counts: dict[object, int]
) -> Iterator[Pairs]:
    """Try every plan with these counts."""
    choices = [list(combinations([v.id for v in volunteers if fits(r, v)], counts[r.id])) for r in requests]
    for chosen in product(*choices):
        given = Counter(name for names in chosen for name in names)
        if all(given[v.id] <= v.capacity for v in volunteers):
            yield {r.id: list(names) for r, names in zip(requests, chosen, strict=True)}


def test_tiny_rounds_come_close_to_the_best_there_is():
    """Against every plan with the same counts, on average at least .985 of the most people (G9)."""
    shares = []
    for seed in range(120):
        rng = random.Random(seed)
        requests, plain = tiny(seed)
        volunteers = [replace(v, followers=int(rng.lognormvariate(6, 1.2))) for v in plain]
        pairs = allocate(requests, volunteers)
        counts = {name: len(some) for name, some in pairs.items()}
        most = max(people(requests, volunteers, p) for p in every_plan(requests, volunteers, counts))
        if most:
            wide = widen(requests, volunteers, pairs)
            shares.append(people(requests, volunteers, wide) / most)
    assert len(shares) > 80
    assert sum(shares) / len(shares) >= 0.985


@pytest.mark.parametrize("seed", range(25))
def test_counts_and_limits_stay(seed: int):
    """Every request has as many as before, nobody's limit is broken, and no fewer people are reached."""
    made = drawn(seed)
    pairs = allocate(made.requests, made.volunteers)
    wide = widen(made.requests, made.volunteers, pairs)
    assert {name: len(some) for name, some in wide.items()} == {n: len(some) for n, some in pairs.items()}
    assert list(verify.breaches(made, timed(made, wide))) == []
    assert people(made.requests, made.volunteers, wide) >= 0.99 * people(
        made.requests, made.volunteers, pairs
    )


@pytest.mark.slow
def test_with_turns_to_spare_many_more_people_are_reached():
    """At five slots for each boost wanted: 1.6 times the people at least, and loads stay bearable (G9)."""
    made = read(json.dumps(document(5, 100, 5.0)).encode())
    pairs = allocate(made.requests, made.volunteers)
    wide = widen(made.requests, made.volunteers, pairs)
    both = [people(made.requests, made.volunteers, plan) for plan in (pairs, wide)]
    assert both[1] >= 1.6 * both[0]
    given = loads(wide)
    assert jain([given[v.id] / v.capacity for v in made.volunteers if v.capacity]) >= 0.40


def test_the_order_of_the_input_does_not_matter():
    """A shuffled document gives the same answer; without the option it is another one."""
    data = document(3, 40, 3.0)
    rng = random.Random(1)
    shuffled = {**data, **{n: rng.sample(data[n], len(data[n])) for n in ("requests", "volunteers")}}
    first = answer(json.dumps(data).encode(), reach=True)
    assert answer(json.dumps(shuffled).encode(), reach=True) == first
    assert answer(json.dumps(data).encode()) != first


def test_a_larger_audience_goes_first_and_is_spared_when_used():
    """One with many followers has the first boost; at equal audience nobody has two before all have one."""
    requests, _ = tiny(0)
    plain = replace(requests[0], demand=1, received=0, boosted_by=frozenset())
    one = Volunteer(
        id="small",
        networks=plain.networks,
        langs=frozenset({plain.lang}),
        topics=None,
        regions=None,
        cap_day=2,
        cap_hour=1,
        min_gap=0,
        quiet_start=0,
        quiet_len=0,
        followers=100,
    )
    two = [one, replace(one, id="large", followers=900)]
    assert widen([plain], two, allocate([plain], two)) == {plain.id: ["large"]}
    calls = [replace(plain, id=name) for name in "ab"]
    twins = [one, replace(one, id="other")]
    assert loads(widen(calls, twins, allocate(calls, twins))) == {"small": 1, "other": 1}


def test_followers_of_zero_are_planned():
    """Nobody has followers: the counts stand."""
    made = drawn(3)
    volunteers = [replace(v, followers=0) for v in made.volunteers]
    pairs = allocate(made.requests, volunteers)
    assert {n: len(p) for n, p in widen(made.requests, volunteers, pairs).items()} == {
        n: len(p) for n, p in pairs.items()
    }
