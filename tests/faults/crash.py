"""One run of the crash harness: a day's boosts, a network that breaks, kills, people who act.

What a run does follows from its seed, but for when exactly processes beside each other get to run. At the end
the database is compared with what the network saw: `tests.faults.judge`.
"""

import asyncio
import random
import shutil
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

from bot.model.budget import Budget
from tests.faults import child
from tests.faults.child import PRICES, Action, Life
from tests.faults.forked import Forked
from tests.faults.found import Boost, Deed, Found
from tests.faults.net import LATE_MOST_S, FaultNet
from tests.faults.world import Glass, World

MIXED = dict.fromkeys(("early", "lost", "garbage", "huge", "html", "e500", "e500after", "e503", "e429"), 0.03)
MIXED |= {"slow": 0.05, "drip": 0.02, "e401": 0.02, "e403": 0.02}
STORM = {"e503": 0.4, "e429": 0.25, "e500": 0.1, "early": 0.1, "lost": 0.05}
ODD = dict.fromkeys(("garbage", "drip", "huge", "html", "e500", "e500after", "e401", "e403", "early"), 0.06)
WEATHER: dict[str, dict[str, float]] = {
    "calm": {},
    "mixed": MIXED,
    "storm": STORM,
    "late": {"slow": 0.5},
    "odd": ODD,
}
OFTEN = (4, 12, 1, 4, 6)
PEACE_S = 3_600.0
"""Real seconds in which a life must come to peace: a very busy machine takes minutes for a storm."""
POINTS_EACH = 60
"""Crash points of a run without any trouble for each boost, about."""
STEPS_S = (-86_400.0, -3_600.0, 3_600.0, 86_400.0)
HALTED_STEP_S = 30.0
"""Under a halt the engine looks every quarter of a second; here so seldom, for nothing is to be seen."""
SCRIPTS = (
    "",
    "halt",
    "recall",
    "withdraw",
    "undo",
    "pause",
    "halt recall",
    "recall halt",
    "undo halt withdraw",
)


class Run:
    """One run. `how` overrules what the seed chooses: `weather`, `weak`, `script`, `engines`, `paid`."""

    typical_s = 0.6
    """Real seconds of a life, as they lately were: kills at any moment fall within."""

    def __init__(
        self, seed: int, template: Path, plan: list[Boost], net: FaultNet, url: str, scratch: Path, **how: Any
    ) -> None:
        self.dice, self.plan, self.net, self.scratch = random.Random(seed), plan, net, scratch
        dice = self.dice
        weather = how.get("weather") or dice.choices(list(WEATHER), OFTEN)[0]
        self.found = Found(seed, weather, dice.choices(("append", "set"), (9, 1))[0], boosts=len(plan))
        self.steps = dice.choice((0.0, 0.0, 0.08))
        self.owners = ("one", "two")[: how.get("engines") or dice.choice((1, 1, 2))]
        self.deeds = self._script(how.get("script"))
        self.done: list[Deed] = []
        self.resume_at: float | None = None
        paid = how.get("paid", weather != "storm" and dice.random() < 0.25)
        self.budget = self._budget() if paid else None
        self.world = World()
        self.glass = Glass(self.world, turn=self._turn, passing=self._pass)
        self.tasks: set[asyncio.Task[None]] = set()
        self.weak, self.url = how.get("weak", ""), url
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(template, scratch)
        net.glass = self.glass
        wanted = {"kind": self.found.kind, "faults": WEATHER[weather], "seed": seed, "retry_after": 90}
        net.begin(wanted, self.world, self._heard)
        self.found.stepped, self.found.engines = bool(self.steps), len(self.owners)

    def _script(self, script: str | None) -> list[Deed]:
        """Choose what people do, of whom, and when."""
        dice = self.dice
        chosen = dice.choice(SCRIPTS) if script is None else script
        deeds, at = [], 0
        for name in chosen.split():
            at += dice.randint(1, 2 * len(self.plan))
            boost = dice.choice(self.plan)
            deeds.append(Deed.of(name, boost, at))
        return deeds

    def _budget(self) -> Budget:
        day = self.dice.randint(2, 5)
        month = self.dice.choice((day * 31, max(day, 7)))
        self.found.paid = f"{day}/{month}"
        return Budget(day * PRICES[Action.BOOST], month * PRICES[Action.BOOST])

    async def go(self) -> Found:
        """Let processes live and die until one, or two beside each other, come to peace."""
        began = time.monotonic()
        for number in range(self.dice.randint(1, 3)):
            await self._lives(number, last=False)
            self._meanwhile()
        await self._lives(9, last=True)
        self.net.world.passed += LATE_MOST_S
        self.net.show()
        self.found.passed_h = round(self.world.passed / 3600, 1)
        self.found.took_s = round(time.monotonic() - began, 2)
        return self.found

    # ---------- processes ----------

    def _life(self, owner: str, number: int, kill_at: int = child.NEVER) -> Life:
        seed = self.found.seed * 20 + number + (10 if owner == "two" else 0)
        return Life(self.scratch, self.url, seed, self.world, owner, kill_at, self.budget, self.weak)

    async def _lives(self, number: int, *, last: bool) -> None:
        """Let one process of each owner live to its end; all are there before time may pass."""
        self.glass.alive |= set(self.owners)
        begun = []
        for owner in self.owners:
            kill_at, after_s = child.NEVER, PEACE_S
            if not last and (owner == "one" or self.dice.random() < 0.5):
                if self.dice.random() < 0.7:
                    kill_at = self.dice.randint(1, POINTS_EACH * len(self.plan))
                else:
                    after_s = self.dice.random() * 1.2 * self.typical_s
            process = Forked(partial(child.live, self._life(owner, number, kill_at)))
            begun.append(self._end(process, owner, kill_at, after_s))
        await asyncio.gather(*begun)
        await asyncio.gather(*self.tasks)

    async def _end(self, process: Forked, owner: str, kill_at: int, after_s: float) -> None:
        """Wait for a process's end, and for what it had sent."""
        began = time.monotonic()
        code = await process.ended(after_s)
        self.found.cpu_s = round(self.found.cpu_s + process.cpu_s, 2)
        await self._arrived()
        if code == -signal.SIGKILL:
            self.net.deaths.append(len(self.net.log))
        if kill_at or after_s < PEACE_S:
            how = f"point {kill_at}" if kill_at else f"{after_s:.2f} s"
            self.found.kills.append(how if code == -signal.SIGKILL else f"in peace before {how}")
        else:
            Run.typical_s += 0.05 * (time.monotonic() - began - Run.typical_s)
        if code not in ({0, -signal.SIGKILL} if kill_at or after_s < PEACE_S else {0}):
            self.found.wrong(f"{owner} ended with {code}")
        self.glass.gone(owner)

    async def _arrived(self) -> None:
        """Wait until everything that the dead sent is read and answered."""
        for _ in range(3):
            await asyncio.sleep(0.002)
        while self.net.open:  # noqa: ASYNC110  every request would have to tell
            await asyncio.sleep(0.002)

    def _meanwhile(self) -> None:
        """Between two lives: time passes, or none, and the machine may have been started anew."""
        self.world.passed += self.dice.choice((0.0, 0.0, 5.0, 130.0, 4_000.0))
        if self.dice.random() < 0.2:
            self.world.booted = self.world.passed
        self.net.show()

    # ---------- people ----------

    def _heard(self, requests: int) -> None:
        """Let whoever's turn it is act, at a request of the network: beside the engine, in the middle."""
        while self.deeds and self.deeds[0].at <= requests and not self.tasks:
            self._begin(self.deeds.pop(0))

    def _begin(self, deed: Deed) -> None:
        if deed.name in {"recall", "withdraw"} and any(one.name == "halt" for one in self.done):
            self.net.taking_back = True  # allowed from here on: a process may begin at any moment
        self.glass.alive.add("person")
        task = asyncio.create_task(self._act(deed, self.dice.random() < 0.2))
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self.glass.gone("person")

    async def _act(self, deed: Deed, killed: bool) -> None:
        """Do a deed, once more where the first time was killed."""
        code = -signal.SIGKILL
        for kill_at in [self.dice.randint(1, 30)] * killed + [child.NEVER]:
            life = self._life("person", 0, kill_at)
            code = await Forked(partial(child.act, life, deed.name, deed.number, deed.other)).ended(PEACE_S)
            if code != -signal.SIGKILL:
                break
        if code not in {0, child.NOT_NOW}:
            self.found.wrong(f"{deed.name} ended with {code}")
        if code == 0 or (killed and deed.name in {"withdraw", "resume"}):  # committed before it was killed
            self.done.append(deed)
            self.found.acts.append(f"{deed.name} at {deed.at}")
            if deed.name == "halt":
                self.resume_at = self.world.passed + self.dice.choice((3.0, 40.0, 400.0))

    def _turn(self) -> bool:
        """Nobody has anything on its way: what was done holds from here on. True: somebody acts first."""
        self.net.halted = self.resume_at is not None
        paused = {deed.number for deed in self.done if deed.name == "pause"}
        self.net.silent = {boost.account for boost in self.plan if boost.volunteer_id in paused}
        if self.net.halted and self.deeds:  # under a halt nobody hears requests: what is left is done now
            self._begin(self.deeds.pop(0))
            return True
        if self.resume_at is None or self.world.passed < self.resume_at:
            return False
        self.resume_at, self.net.halted = None, False
        self._begin(Deed(len(self.net.log), "resume"))
        return True

    def _pass(self, seconds: float) -> None:
        """Let time pass, and let somebody set the wall clock now and then."""
        self.world.passed += max(seconds, HALTED_STEP_S) if self.resume_at is not None else seconds
        if self.dice.random() < self.steps:
            self.world.wrong += self.dice.choice(STEPS_S)
        self.net.show()
