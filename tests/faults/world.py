"""Time as the fault tests have it: it passes only when nobody has anything to do before.

The world belongs to the harness, so that it outlives processes that are killed. Each process gets it as it is
when it is started, and anew whenever it has waited.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.model.steady import Mark
from tests.clocks import NOW

LEAST_S = 0.25
"""Time passes by so much at least: what is due and cannot go is looked at again after it."""


@dataclass
class World:
    """The real time in seconds since `NOW`, and what its clocks show."""

    passed: float = 0.0
    wrong: float = 0.0
    """Seconds by which the wall clock is ahead; negative: behind."""
    booted: float = -1000.0

    speed = 1.0
    """Of the clock; see `bot.model.clock`."""

    def now(self) -> datetime:
        """Give what the wall clock shows, aware UTC."""
        return NOW + timedelta(seconds=self.passed + self.wrong)

    def mark(self) -> Mark:
        """Give what the clock shows that nobody sets."""
        return Mark(f"boot {self.booted}", self.passed - self.booted)


class Glass:
    """Lets time pass as soon as every living process waits, up to where the first of them wants to go on."""

    def __init__(self, world: World, *, turn: Callable[[], bool], passing: Callable[[float], None]) -> None:
        """`turn`: may begin something instead, True then; `passing`: lets so many seconds pass."""
        self._world, self._turn, self._passing = world, turn, passing
        self.alive: set[str] = set()
        """Who may still do something before time passes."""
        self._waiting: dict[str, tuple[datetime, asyncio.Future[dict[str, Any]]]] = {}

    async def wait(self, who: str, wake: str) -> dict[str, Any]:
        """Wait until `wake` (ISO, wall clock), or until another goes on; give the world as it is then."""
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[who] = datetime.fromisoformat(wake), future
        self._try()
        return await future

    def gone(self, who: str) -> None:
        """Wait for somebody no longer: ended, or killed while waiting."""
        self.alive.discard(who)
        if who in self._waiting:
            self._waiting.pop(who)[1].cancel()
        self._try()

    def _try(self) -> None:
        if not self._waiting or self._waiting.keys() != self.alive or self._turn():
            return
        first = min(wake for wake, _ in self._waiting.values())
        self._passing(max(LEAST_S, (first - self._world.now()).total_seconds()))
        ended, self._waiting = self._waiting, {}
        for _, future in ended.values():
            future.set_result(asdict(self._world))
