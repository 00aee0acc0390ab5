"""Random rounds against an independent solver: fair, maximal, even, proved, the same whatever the order."""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from benchmarks import goals
from bot.planning import spread, verify
from bot.planning.certificate import certificates
from bot.planning.document import read
from bot.planning.exact import Pairs, allocate
from bot.planning.problem import Id, Request, Round
from tests.planning import oracles
from tests.planning.rounds import document

ROUNDS = 1_000
LIMIT_S = 150.0
"""Processor seconds after which no other round is begun."""
SIZES = (12, 20, 30, 45, 60)
SCARCITIES = (0.3, 0.6, 1.0, 1.7, 3.0)


def run() -> list[tuple[str, str, str]]:
    """Compare rounds of 12 to 60 requests until `ROUNDS` or `LIMIT_S`."""
    found: Counter[str] = Counter()
    worst = 1.0
    start = time.process_time()
    while found["rounds"] < ROUNDS and time.process_time() - start < LIMIT_S:
        seed = found["rounds"]
        planned = read(json.dumps(document(seed, SIZES[seed % 5], SCARCITIES[seed // 5 % 5])).encode())
        worst = min(worst, _compare(planned, random.Random(seed), found))
        found["rounds"] += 1
    return _report(found, worst, time.process_time() - start)


def _compare(planned: Round, rng: random.Random, found: Counter[str]) -> float:
    """Count what holds of one round; give how even its loads are, over the evenest there are."""
    requests, volunteers = planned.requests, planned.volunteers
    pairs = allocate(requests, volunteers)
    best, most = oracles.best_levels(requests, volunteers)
    found["leximin"] += _levels(requests, pairs) == best
    found["maximal"] += sum(map(len, pairs.values())) == most
    boosts = spread.timed(planned, pairs)
    proofs = certificates(requests, volunteers, pairs)
    found["breaches"] += len(list(verify.breaches(planned, boosts)))
    found["doubts"] += len(list(verify.doubts(planned, boosts, proofs)))
    found["unraised"] += sum(len(one.explains) for one in proofs)
    shuffled = rng.sample(requests, len(requests)), rng.sample(volunteers, len(volunteers))
    found["same"] += allocate(*shuffled) == pairs == allocate(requests, volunteers)
    found["twins"] += all(max(counts) - min(counts) <= 1 for counts in _twins(requests, pairs))
    loads = Counter(volunteer for given in pairs.values() for volunteer in given)
    mine = oracles.unevenness(loads, volunteers)
    return float(oracles.least_unevenness(requests, volunteers) / mine) if mine else 1.0


def _levels(requests: Iterable[Request], pairs: Pairs) -> list[Fraction]:
    return sorted((r.received + len(pairs[r.id])) / r.weight for r in requests)


def _twins(requests: Iterable[Request], pairs: Pairs) -> Iterable[list[int]]:
    """Give the boosts of requests that are alike in everything but their names."""
    alike: dict[Request, list[Id]] = defaultdict(list)
    for request in requests:
        alike[replace(request, id=0, seeker=0)].append(request.id)
    return ([len(pairs[name]) for name in names] for names in alike.values())


def _report(found: Counter[str], worst: float, took: float) -> list[tuple[str, str, str]]:
    rounds = found["rounds"]
    holds = min(found[name] for name in ("leximin", "maximal", "same", "twins"))
    figure = f"{holds:,} of {rounds:,}, {found['breaches']} violations"
    goals.note(
        "G1",
        "1,000 random rounds: exact leximin, maximal, no violation, same for shuffled input, twins within 1",
        figure,
        holds == rounds >= ROUNDS and not found["breaches"],
    )
    goals.note("G2", "evenness of loads over the optimum ≥ .999", f"{worst:.4f} at worst", worst >= 0.999)
    proved = f"{found['unraised']:,} requests, {found['doubts']} doubts"
    goals.note("G12", "every unraisable request has a certificate that holds", proved, not found["doubts"])
    note = f"12 to 60 requests, weights, histories, twins; {took:.0f} s with the solver's time"
    return [
        ("equal to the exact leximin", f"{found['leximin']:,} of {rounds:,}", note),
        ("as many boosts as can be", f"{found['maximal']:,} of {rounds:,}", "the value of a maximum flow"),
        ("same answer, repeated and shuffled", f"{found['same']:,} of {rounds:,}", ""),
        (
            "twins within one boost",
            f"{found['twins']:,} of {rounds:,}",
            "alike in everything but their names",
        ),
        ("hard limits broken", f"{found['breaches']}", "counted by `bot.planning.verify`"),
        ("evenness of the volunteers' loads", f"{worst:.4f}", "least sum of load² / cap over ours, at worst"),
        ("requests explained", f"{found['unraised']:,}", f"{found['doubts']} doubts of the verifier"),
    ]
