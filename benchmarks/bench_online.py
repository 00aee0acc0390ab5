"""Decisions at the slot, in memory: how many a second, and what a great collective costs."""

import gc
import math
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context

from benchmarks import goals
from benchmarks.memory import sizes_of
from bot.planning.board import Board, Taker
from bot.planning.fairness import Rules
from bot.simulation.collective import START, Scenario, invented

SIZES = ((10_000, 10_000), (10_000, 100_000), (1_000_000, 100_000))
LEAST = (30_000, 20_000, 20_000)
"""Decisions a second that are asked for at each size."""
SLOW_S, MEMORY_MB, EXPONENT = 0.001, 600, 0.15
DECISIONS = 50_000
RULES = Rules(b"benchmark", timedelta(minutes=20), 12, timedelta(days=1))


def measure(people: int, notices: int) -> tuple[float, float, float, int]:
    """Give decisions a second, the 99th percentile of one (s), the most memory (MB), how many were empty."""
    rng = random.Random(7)
    pattern = invented(Scenario(volunteers=min(people, 20_000)))
    board = Board(RULES.bounds)
    for number in range(notices):
        opened = START + RULES.life * (number / notices)
        kind = rng.choice(pattern.kinds)
        board.add(
            replace(kind, id=number + 1, opened_at=opened, deadline=opened + RULES.life, demand=12,
                    scarcity=rng.randint(4, 12))
        )  # fmt: skip
    tastes = [Taker(volunteer) for volunteer in pattern.volunteers]
    takers = [_another(tastes[number % len(tastes)]) for number in range(people)]
    now = START + RULES.life * 0.99
    board.advance(now)
    gc.collect()
    gc.freeze()
    step = timedelta(seconds=5_000 / notices)
    calls = rng.choices(takers, k=DECISIONS)
    took, empty = [], 0
    begin = time.process_time()
    for taker in calls:
        start = time.perf_counter()
        now += step
        board.advance(now)
        choice = board.choose(taker)
        if choice is None:
            empty += 1
        else:
            board.give(choice.position, now, taker, taker.circles)
        took.append(time.perf_counter() - start)
    spent = time.process_time() - begin
    gc.unfreeze()
    took.sort()
    memory = sizes_of("self")["VmHWM"] * 2**20 / 1e6
    return DECISIONS / spent, took[int(DECISIONS * 0.99)], memory, empty


def apart(people: int, notices: int) -> tuple[float, float, float, int]:
    """Measure in a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(measure, people, notices).result()


def _another(taker: Taker) -> Taker:
    """Make a volunteer of the same taste: what is the same is shared."""
    made = Taker.__new__(Taker)
    made.taste, made.circles, made.asked = taker.taste, taker.circles, set()
    made.shelves, made.version = (), -1
    return made


def run() -> list[tuple[str, str, str]]:
    """Measure every size."""
    rows, costs = [], []
    for (people, notices), least in zip(SIZES, LEAST, strict=True):
        rate, slow, memory, empty = apart(people, notices)
        costs.append(1 / rate)
        name = f"{people:,} volunteers, {notices:,} notices"
        times = f"99th percentile {slow * 1e3:.2f} ms; {memory:,.0f} MB"
        rows.append((name, f"{rate:,.0f}/s", f"{times}; {empty:,} of {DECISIONS:,} slots empty"))
        met = rate >= least and slow <= SLOW_S and memory <= MEMORY_MB
        asked = f"{name}: ≥ {least:,}/s, 99th percentile ≤ 1 ms, ≤ {MEMORY_MB} MB"
        goals.note("G4", asked, f"{rate:,.0f}/s; {times}", met)
    for what, (few, many), factor in (("notices", costs[:2], 10), ("volunteers", costs[1:], 100)):
        exponent = math.log(many / few) / math.log(factor)
        rows.append((f"growth of the cost in {what}", f"n^{exponent:.2f}", f"{factor} times as many"))
        goals.note("G4", f"exponent in {what} ≤ 0.15", f"{exponent:.2f}", exponent <= EXPONENT)
    return rows
