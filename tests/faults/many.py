"""Many runs, several at once: each has its folder and its network, all of them one event loop."""

import asyncio
import gc
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.wire import wire
from tests.faults import child
from tests.faults.child import Life
from tests.faults.crash import Run
from tests.faults.found import Boost, Deed, Found
from tests.faults.judge import judge
from tests.faults.net import FaultNet
from tests.faults.world import Glass, World


@dataclass(frozen=True)
class Template:
    """An installation in which every volunteer shall boost every notice now, and these boosts."""

    folder: Path
    plan: list[Boost]


@dataclass(frozen=True)
class Templates:
    """A small one, a large one for every so many seeds, and a folder for what runs make of them."""

    narrow: Template
    wide: Template
    every: int
    scratch: Path

    def of(self, seed: int) -> Template:
        """Give the one from which a run starts."""
        return self.wide if seed % self.every == self.every - 1 else self.narrow


def many(
    seeds: Iterable[int],
    templates: Templates,
    *,
    at_once: int = 2,
    note: Callable[[Found], object] = lambda _: None,
    **how: Any,
) -> list[Found]:
    """Do runs, `at_once` beside each other, and tell each to `note`; for `how` see `Run`."""
    if not child._warm:
        _warm_up(templates)
    gc.collect()
    gc.freeze()  # processes by fork would copy whatever the collector touches
    found: list[Found] = []
    left = iter(seeds)

    async def lane(number: int) -> None:
        net = FaultNet()
        async with wire(net.answer) as url:
            for seed in left:
                scratch, start = templates.scratch / f"lane {number}", templates.of(seed)
                run = Run(seed, start.folder, start.plan, net, url, scratch, **how)
                await run.go()
                found.append(judge(run))
                note(found[-1])

    async def lanes() -> None:
        await asyncio.gather(*(lane(number) for number in range(at_once)))

    try:
        asyncio.run(lanes())
    finally:
        gc.unfreeze()
    return sorted(found, key=lambda one: one.seed)


def _warm_up(templates: Templates) -> None:
    """Live once in this process: everything is loaded, every statement compiled before the forks."""
    folder, world = templates.scratch / "warm", World()
    shutil.copytree(templates.narrow.folder, folder)
    ready, loop, down = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    urls: list[str] = []

    async def serve() -> None:
        net = FaultNet()
        net.begin({}, world, lambda _: None)
        net.glass = Glass(world, turn=lambda: False, passing=lambda seconds: _pass(world, seconds))
        net.glass.alive.add("one")
        async with wire(net.answer) as url:
            urls.append(url)
            ready.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        life = Life(folder, urls[0], 0, World())
        child.live(life)
        for name, boost in zip(child.ACTS, templates.narrow.plan, strict=False):
            deed = Deed.of(name, boost)
            child.act(life, name, deed.number, deed.other)
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
        loop.close()


def _pass(world: World, seconds: float) -> None:
    world.passed += seconds
