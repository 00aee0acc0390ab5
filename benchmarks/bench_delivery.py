"""Boosts by the API: how many a second, how soon, at what cost, at ten places that answer in 50 ms.

The network is the tests' recording fake in a process of its own, the engine that is measured runs in another
(`benchmarks.deliver`). Its fsyncs are counted in a run apart: strace slows what it looks at.
"""

import asyncio
import json
import multiprocessing
import re
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import lent
from benchmarks.deliver import LIGHT_STEP_MS, MOST_S, POLICY, Measured
from bot.delivery.claim import Claim
from bot.delivery.engine import turn
from bot.delivery.outcome import Ended
from bot.delivery.places import AT_ONCE
from bot.delivery.terms import Terms
from bot.model.steady import BootClock
from bot.networks.api.base import Made
from bot.networks.http import Http, anywhere
from tests.fakes.recording import RecordingApi, RecordingNet
from tests.fakes.wire import wire

PLACES = 10
"""As `bot.networks.http` opens at most 20 connections to one."""
ANSWER_S = 0.05
FLOOD, LONG, UNSEEN, TRACED, LIGHT = 3_000, 12_000, 1_000, 1_000, 200
"""Boosts of each run."""
WAITING = (10_000, 200_000)
TURNS = 20
Row = tuple[str, str, str]


def _target(says: str, met: bool) -> str:
    """Say what issue 5 asks, and whether it was met."""
    return f"target: {says}, {'met' if met else '**missed**'}"


def _serve(pipe: Any) -> None:
    async def main() -> None:
        async with AsyncExitStack() as stack:
            nets = [RecordingNet(kind="set", latency=ANSWER_S) for _ in range(PLACES)]
            pipe.send([await stack.enter_async_context(wire(net.answer)) for net in nets])
            await asyncio.Event().wait()

    asyncio.run(main())


class _Bench:
    """Runs `benchmarks.deliver` against a network."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls

    def run(
        self, kind: str, boosts: int = 0, *, located: bool = True, under: tuple[str, ...] = ()
    ) -> Measured:
        """Make an installation that owes so many boosts, and let a process deliver them."""
        with TemporaryDirectory() as name:
            if boosts:
                lent.make(Path(name), boosts, PLACES, located=located).close()
            command = [*under, sys.executable, "-m", "benchmarks.deliver", kind, name, *self._urls]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=2 * MOST_S)
        return Measured(*json.loads(done.stdout.splitlines()[-1]))

    def fsyncs(self) -> Row:
        """Count fsyncs a boost."""
        name = "fsyncs a boost, in the flood"
        if shutil.which("strace") is None:
            return name, "not measured", "target: 0.15; needs strace"
        with TemporaryDirectory() as folder:
            log = Path(folder, "strace")
            strace = ("strace", "-f", "--seccomp-bpf", "-c", "-e", "trace=fsync,fdatasync", "-o", str(log))
            found = self.run("flood", TRACED, under=strace)
            calls = re.findall(r"^ *\S+ +\S+ +\d+ +(\d+) .*\bf(?:data)?sync$", log.read_text(), re.MULTILINE)
        count = sum(map(int, calls))
        if not count:
            message = "strace saw no fsync of an engine that commits"
            raise RuntimeError(message)
        target = _target("0.15", found.each(count) <= 0.15)
        note = f"{target}; {count} in all, {found.rate:,.0f} boosts a second under strace"
        return name, f"{found.each(count):.2f}", note

    def floods(self) -> list[Row]:
        """Deliver everything at once."""
        flood, unseen = self.run("flood", FLOOD), self.run("flood", UNSEEN, located=False)
        bare = self.run("bare")
        cpu, alone = flood.each(flood.cpu), bare.each(bare.cpu)
        looks = f"{unseen.each(unseen.requests):.1f} calls each: locate, look, boost"
        spent = f"{1000 * unseen.each(unseen.cpu):.1f} ms of processor time each"
        sql = _target("0.25", flood.each(flood.statements) <= 0.25)
        counted = "BEGIN counts, COMMIT does not, one for many rows counts once"
        calls = f"{flood.each(flood.requests):.1f} calls each, {AT_ONCE} at once, {PLACES} places"
        return [
            (
                "Boosts a second, posts just looked at",
                f"{flood.rate:,.0f}",
                f"{_target('600 a process', flood.rate >= 600)}; {flood.made:,} boosts, {calls}",
            ),
            (
                "Boosts a second, posts never seen",
                f"{unseen.rate:,.0f}",
                f"{unseen.made:,} boosts, {looks}; {spent}",
            ),
            (
                "Requests a second with nothing around them",
                f"{bare.rate:,.0f}",
                f"same adapter and `Http`, {AT_ONCE} at once; {1000 * alone:.1f} ms of processor time each",
            ),
            (
                "Processor time of one boost, in the flood",
                f"{1000 * cpu:.1f} ms",
                f"{cpu / alone:.1f} times that of the request alone",
            ),
            (
                "SQL statements a boost, in the flood",
                f"{flood.each(flood.statements):.2f}",
                f"{sql}; {unseen.each(unseen.statements):.2f} for a post never seen; {counted}",
            ),
        ]

    def memory(self) -> Row:
        """See whether the engine's memory grows with what it has delivered."""
        few, many = (self.run("flood", boosts) for boosts in (FLOOD, LONG))
        grown = many.peak / few.peak - 1
        return (
            f"Most memory held, {FLOOD:,} and {LONG:,} boosts",
            f"{few.peak / 1e6:.0f} and {many.peak / 1e6:.0f} MB",
            f"{_target('flat', grown < 0.1)}, {100 * grown:.0f} % more",
        )

    def light(self) -> list[Row]:
        """Deliver one boost after the other."""
        found = self.run("light", LIGHT)
        waits = [1000 * one for one in found.waits]
        middle, rate = statistics.median(waits), 1000 / LIGHT_STEP_MS
        soon = _target("30 ms", middle <= 30)
        return [
            (
                "From due to the request, median",
                f"{middle:.0f} ms",
                f"{soon}; {found.made} boosts, {rate:.0f} a second, written down before they are due",
            ),
            (
                "From due to the request, 95th percentile",
                f"{statistics.quantiles(waits, n=20)[-1]:.0f} ms",
                f"longest {max(waits):.0f} ms; {found.each(found.statements):.0f} statements a boost",
            ),
        ]


def _turns(waiting: int, http: Http) -> list[Row]:
    """Time turns that claim as many calls as go at once, and turns that settle them; nothing is called."""
    claims, settles = list[float](), list[float]()
    with TemporaryDirectory() as name:
        app = lent.make(Path(name), waiting, PLACES, tokens=False)
        terms = Terms("bench", {lent.NETWORK: RecordingApi(http, "")}, {lent.NETWORK: POLICY})
        app.store.run_write(lent.looked, datetime.now(UTC))
        steady = BootClock()

        def take(times: list[float], ended: list[Ended], room: int) -> list[Claim]:
            start, now, mark = time.perf_counter(), app.clock.now(), steady.mark()
            taken = app.store.run_write(
                turn, terms, ended, room=room, besides=frozenset(), now=now, mark=mark, share=0.0
            )
            times.append(time.perf_counter() - start)
            return taken.claims

        for _ in range(TURNS):
            made = take(claims, [], AT_ONCE)
            if len(made) != AT_ONCE:
                message = f"{len(made)} calls were claimed, {AT_ONCE} were wanted"
                raise RuntimeError(message)
            take(settles, [Ended(one, Made(f"r{one.call.boost_id}")) for one in made], 0)
        app.close()
    return [
        (
            f"A turn that {what} {AT_ONCE} calls, {waiting:,} accounts waiting",
            f"{1000 * statistics.median(times):.0f} ms",
            f"committed; median of {TURNS}, longest {1000 * max(times):.0f} ms",
        )
        for what, times in (("claims", claims), ("settles", settles))
    ]


def run() -> list[Row]:
    """Measure deliveries on loopback, then turns over many waiting calls."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    try:
        bench = _Bench(here.recv())
        rows = [*bench.floods(), *bench.light(), bench.fsyncs(), bench.memory()]
    finally:
        server.terminate()
        server.join()
    http = Http(anywhere)
    return rows + [row for waiting in WAITING for row in _turns(waiting, http)]
