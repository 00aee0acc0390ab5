"""The exact round: how long it takes, and how that grows, on one core without a compiled dependency."""

import json
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import goals
from bot.planning.certificate import certificates
from bot.planning.document import answer, read
from bot.planning.exact import allocate
from bot.planning.problem import Round
from bot.planning.spread import timed
from tests.planning.rounds import document

SIZES = (1_000, 3_000, 10_000)
SCARCITIES = (0.3, 1.0, 3.0)
LIMITS_S = {1_000: 0.5, 10_000: 15}
RUNS = {1_000: 5, 3_000: 3, 10_000: 1}


def _seconds(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Give the median processor time of a piece of work, and its last result."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        found = work()
        taken.append(time.process_time() - start)
    return statistics.median(taken), found


def run() -> list[tuple[str, str, str]]:
    """Measure the decision at three sizes and scarcities, and everything around it at scarcity 1."""
    rows = []
    took: dict[float, list[tuple[int, float]]] = {scarcity: [] for scarcity in SCARCITIES}
    for size in SIZES:
        for scarcity in SCARCITIES:
            data = json.dumps(document(1, size, scarcity)).encode()
            made = read(data)
            seconds, pairs = _seconds(lambda made=made: allocate(made.requests, made.volunteers), RUNS[size])
            boosts = sum(map(len, pairs.values()))
            took[scarcity].append((boosts, seconds))
            name = f"{size:,} requests, {len(made.volunteers):,} volunteers"
            rows.append((f"Who gets whom: {name}", f"{seconds:.2f} s", f"{boosts:,} boosts"))
            if scarcity == 1 and size in LIMITS_S:
                asked = f"exact round, {name} ≤ {LIMITS_S[size]} s"
                goals.note("G3", asked, f"{seconds:.2f} s", seconds <= LIMITS_S[size])
            if scarcity == 1:
                rows += _around(name, data, made, pairs, RUNS[size])
    for scarcity, points in took.items():
        (few, short), (many, long) = points[0], points[-1]
        exponent = math.log(long / short) / math.log(many / few)
        goals.note(
            "G3", f"growth exponent at scarcity {scarcity:g} ≤ 1.6", f"{exponent:.2f}", exponent <= 1.6
        )
        note = f"seconds against boosts, {SIZES[0]:,} to {SIZES[-1]:,} requests"
        rows.append(
            (f"Growth exponent, volunteers for {scarcity:g} of what is wanted", f"{exponent:.2f}", note)
        )
    return rows


def _around(name: str, data: bytes, made: Round, pairs: Any, runs: int) -> list[tuple[str, str, str]]:
    """Measure the times of the boosts, the certificates, and the whole way from document to document."""
    times, _ = _seconds(lambda: timed(made, pairs), runs)
    proofs, _ = _seconds(lambda: certificates(made.requests, made.volunteers, pairs), runs)
    whole, text = _seconds(lambda: answer(data), runs)
    return [
        (f"When: {name}", f"{times:.2f} s", "a slot for each boost, spread over the day"),
        (f"Certificates: {name}", f"{proofs:.2f} s", "a closed set for every request below its demand"),
        (
            f"Document to document: {name}",
            f"{whole:.2f} s",
            f"reads {len(data) / 1e6:.1f} MB, writes {len(text) / 1e6:.1f} MB",
        ),
    ]
