"""The process that is killed: the real engine on the real database, waiting in the world's time."""

import asyncio
import os
import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.app import App, build
from bot.delivery import tokens
from bot.delivery.engine import Engine, Taken
from bot.delivery.terms import Terms
from bot.networks.api.base import Lent
from bot.networks.http import Http, anywhere
from tests.delivery.lending import NETWORK, policy
from tests.fakes.recording import RecordingApi
from tests.faults.world import World
from tests.life.world import settings_for

DEADLINE = timedelta(seconds=0.4)
"""Real seconds: an answer that never ends costs a run so much."""
JUMPS_MOST = 3_000
POST_SPACING_MIN = 5
STEPS_S = (-86_400.0, -3_600.0, 3_600.0, 86_400.0)
NEVER = 0
NO_PEACE = 3


class PeaceError(Exception):
    """Nothing is left to do."""


class RestlessError(Exception):
    """There is something left to do again and again."""


@dataclass(frozen=True)
class Life:
    """How a process lives and dies: all of it follows from these."""

    folder: Path
    """Of the run: the installation, the world, the vault's key."""
    url: str
    seed: int
    kill_at: int = NEVER
    """Which of its crash points kills it: SQL statements, commits, requests, answers, in order."""
    steps: float = 0.0
    """Share of its waits in which somebody sets the wall clock."""
    weak: str = ""
    """A rule of delivery that is left out, to see that the harness finds it: `quiet` or `intent`."""


class Jumping(Engine):
    """The engine as it is, except that it waits in the world's time: with nothing on its way, time jumps."""

    def on(self, world: World, wait: Callable[[], Any], life: Life) -> "Jumping":
        """Say in which world, and what else happens when time passes."""
        self._world, self._wait, self._life = world, wait, life
        self._dice, self._jumps = random.Random(life.seed), 0
        return self

    async def _breathe(self, taken: Taken | None) -> None:
        if self._running:
            await self._news.wait()
            return
        if taken is None or taken.claims:
            return
        if taken.wake_at is None:
            raise PeaceError
        self._jumps += 1
        if self._jumps > JUMPS_MOST:
            raise RestlessError
        self._jump(taken.wake_at)
        await self._wait()

    def _jump(self, wake_at: datetime) -> None:
        world = self._world
        world.passed += max(0.25, (wake_at - world.now()).total_seconds())
        if self._dice.random() < self._life.steps:
            world.wrong += self._dice.choice(STEPS_S)
        world.save(self._life.folder / "world.json")


class FaultApi(RecordingApi):
    """The recording network's adapter, with a crash point before and after each request."""

    point: Callable[[], None]

    async def _ask(self, action: str, lent: Lent, body: Mapping[str, Any]) -> Any:
        self.point()
        try:
            return await super()._ask(action, lent, body)
        finally:
            self.point()


def _points(app: App, life: Life) -> Callable[[], None]:
    """Count crash points; die at the one that was asked for."""
    seen = 0

    def point(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == life.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit", "checkin"):
        event.listen(app.store.engine, name, point)
    return point


async def _deliver(app: App, world: World, life: Life) -> None:
    point = _points(app, life)
    async with Http(anywhere) as http:
        api = FaultApi(http, life.url, now=world.now)
        api.point = point

        async def told() -> None:
            values = {"passed": world.passed, "wall": world.now().isoformat()}
            await http.request("POST", f"{life.url}/_clock", json=values)

        terms = Terms(
            "one",
            {NETWORK: api},
            {NETWORK: policy(spacing_min=POST_SPACING_MIN)},
            deadline=DEADLINE,
            quiet=2 * DEADLINE if life.weak == "quiet" else timedelta(seconds=120),
        )
        opener = tokens.Opener(life.folder / "vault.key", app.settings.data_dir)
        engine = Jumping(app.store, terms, opener, world, world, rng=random.Random(life.seed).random)
        await told()
        await engine.on(world, told, life).run()


def live(life: Life) -> None:
    """Deliver until nothing is left, or until killed."""
    world = World.load(life.folder / "world.json")
    app = build(settings_for(life.folder / "data"), clock=world)
    try:
        asyncio.run(_deliver(app, world, life))
    except PeaceError:
        pass
    except RestlessError:
        os._exit(NO_PEACE)
    app.close()
