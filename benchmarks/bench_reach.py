"""The reach variant of the exact round: how many people it reaches with the counts of the fair round.

Tiny rounds stand beside every plan that has the same counts, larger ones beside the plan with even loads.
"""

import json
import random
from dataclasses import replace

from benchmarks import goals
from bot.planning.document import read
from bot.planning.exact import allocate
from bot.planning.reach import widen
from bot.simulation.figures import jain
from tests.planning.rounds import document
from tests.planning.test_exact import loads, tiny
from tests.planning.test_reach import every_plan, people

TINY = 300
LARGE = range(5)
SUPPLY = 5.0
OF_BEST, MORE, EVEN = 0.985, 1.7, 0.40


def run() -> list[tuple[str, str, str]]:
    """Draw rounds of both sizes."""
    shares = [share for seed in range(TINY) if (share := _of_best(seed)) is not None]
    mean = sum(shares) / len(shares)
    goals.note(
        "G9",
        f"people reached at fixed counts, tiny rounds: ≥ {OF_BEST} of the most",
        f"{mean:.4f}",
        mean >= OF_BEST,
    )
    found = [_wide(seed) for seed in LARGE]
    more, even = (sum(column) / len(found) for column in zip(*found, strict=True))
    figure = f"{more:.2f} times; {even:.2f}"
    goals.note(
        "G9",
        f"supply {SUPPLY:g}: ≥ {MORE} times the people of the even plan, volunteers' Jain ≥ {EVEN:.2f}",
        figure,
        more >= MORE and even >= EVEN,
    )
    least = f"{min(shares):.3f} at worst; {len(shares)} rounds in which anybody is reached, each plan tried"
    each = ", ".join(f"{times:.2f}" for times, _ in found)
    return [
        ("people reached, of the most with the same counts", f"{mean:.4f}", least),
        (f"people reached at supply {SUPPLY:g}, over the even plan", figure, f"100 requests each: {each}"),
    ]


def _of_best(seed: int) -> float | None:
    """Give the share of the most people that one tiny round reaches; None: nobody can be reached."""
    rng = random.Random(seed)
    requests, plain = tiny(seed)
    volunteers = [replace(v, followers=int(rng.lognormvariate(6, 1.2))) for v in plain]
    pairs = allocate(requests, volunteers)
    counts = {name: len(some) for name, some in pairs.items()}
    most = max(people(requests, volunteers, plan) for plan in every_plan(requests, volunteers, counts))
    return people(requests, volunteers, widen(requests, volunteers, pairs)) / most if most else None


def _wide(seed: int) -> tuple[float, float]:
    """Give how many times the people of the even plan are reached, and Jain's index of the loads."""
    made = read(json.dumps(document(seed, 100, SUPPLY)).encode())
    pairs = allocate(made.requests, made.volunteers)
    wide = widen(made.requests, made.volunteers, pairs)
    even, more = (people(made.requests, made.volunteers, plan) for plan in (pairs, wide))
    given = loads(wide)
    return more / even, jain([given[v.id] / v.capacity for v in made.volunteers if v.capacity])
