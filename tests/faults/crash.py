"""One run of the crash harness: a day's boosts, a network that breaks, a process that is killed.

Everything a run does follows from its seed. At the end the database is compared with what the network saw.
"""

import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from bot.model.day import local_day
from bot.model.volunteer import Limits
from tests.faults import child
from tests.faults.child import POST_SPACING_MIN, Life
from tests.faults.net import LATE_MOST_S, FaultNet
from tests.faults.world import World

MIXED = {"lost": 0.06, "early": 0.06, "e500after": 0.05, "e503": 0.05, "e429": 0.05, "garbage": 0.05}
MIXED |= {"slow": 0.08, "drip": 0.01, "e403": 0.02}
STORM = {"e503": 0.45, "e429": 0.3, "early": 0.1, "lost": 0.1}
WEATHER: dict[str, dict[str, float]] = {"calm": {}, "mixed": MIXED, "storm": STORM, "late": {"slow": 0.5}}
PEACE_S = 600
"""Real seconds in which the last life must come to peace: a busy machine takes minutes for a storm."""
POINTS = 700
"""Crash points of a run without any trouble, about."""


class Boost(NamedTuple):
    """A boost of the template: who makes it of what, within which limits."""

    id: int
    account: str
    target: str
    limits: Limits


@dataclass
class Found:
    """What a run came to: the first four must be nothing."""

    seed: int
    weather: str
    kind: str
    kills: list[str] = field(default_factory=list)
    duplicates: int = 0
    lost: int = 0
    untrue: int = 0
    """The database says made, the network has nothing; or the other way round."""
    broken: int = 0
    """Caps and spacings passed, leases left, checks of the database failed."""
    boosts: int = 0
    requests: int = 0
    stepped: bool = False
    """Somebody set the wall clock now and then, by an hour or a day."""
    passed_h: float = 0.0
    took_s: float = 0.0
    why: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.duplicates or self.lost or self.untrue or self.broken)


def processes() -> Any:
    """Give what starts a child in some milliseconds: everything heavy is imported once."""
    found = get_context("forkserver")
    found.set_forkserver_preload([child.__name__])
    return found


def run(
    seed: int, template: Path, plan: list[Boost], net: FaultNet, url: str, scratch: Path, **how: Any
) -> Found:
    """Do one run; `how` overrules what the seed chooses: `weather`, `weak`."""
    dice, began = random.Random(seed), time.monotonic()
    weather = how.get("weather") or dice.choices(list(WEATHER), (2, 5, 2, 2))[0]
    found = Found(seed, weather, dice.choices(("append", "set"), (9, 1))[0], boosts=len(plan))
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(template, scratch)
    World().save(scratch / "world.json")
    net.set_up({"kind": found.kind, "faults": WEATHER[weather], "seed": seed, "retry_after": 90})
    steps = dice.choice((0.0, 0.0, 0.08))
    found.stepped = bool(steps)
    for number in range(dice.randint(1, 3)):
        life = Life(scratch, url, seed * 10 + number, steps=steps, weak=how.get("weak", ""))
        _killed(life, dice, found)
        _meanwhile(scratch / "world.json", net, dice)
    code = _start(Life(scratch, url, seed * 10 + 9, steps=steps, weak=how.get("weak", "")))
    if code != 0:
        found.broken += 1
        found.why.append(f"no peace: exit code {code}")
    world = World.load(scratch / "world.json")
    net.told(world.passed + LATE_MOST_S, world.now().isoformat())
    _compare(scratch, plan, net, found)
    found.passed_h, found.took_s = round(world.passed / 3600, 1), round(time.monotonic() - began, 2)
    return found


def _start(life: Life, after_s: float | None = None) -> int | None:
    process = processes().Process(target=child.live, args=(life,))
    process.start()
    process.join(after_s if after_s is not None else PEACE_S)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.exitcode


def _killed(life: Life, dice: random.Random, found: Found) -> None:
    """Let a process live, and kill it at a crash point or after a while."""
    if dice.random() < 0.7:
        at = dice.randint(1, POINTS)
        code = _start(Life(life.folder, life.url, life.seed, at, life.steps, life.weak))
        how = f"point {at}"
    else:
        after = dice.random() * 0.8
        code = _start(life, after)
        how = f"{after:.2f} s"
    found.kills.append(how if code == -signal.SIGKILL else f"in peace before {how}")
    if code not in {0, -signal.SIGKILL}:
        found.broken += 1
        found.why.append(f"exit code {code} before {how}")


def _meanwhile(path: Path, net: FaultNet, dice: random.Random) -> None:
    """Between two lives: time passes, or none, and the machine may have been started anew."""
    while net.open:  # what the dead process sent is on its way
        time.sleep(0.01)
    world = World.load(path)
    world.passed += dice.choice((0.0, 0.0, 5.0, 130.0, 4_000.0))
    if dice.random() < 0.2:
        world.booted = world.passed
    world.save(path)
    net.told(world.passed, world.now().isoformat())


# ---------- the comparison ----------


def _compare(scratch: Path, plan: list[Boost], net: FaultNet, found: Found) -> None:
    seen = net.boosts()
    refused = {(one[2], one[3]) for one in net.log if one[1] == "boost" and one[4] == "e403"}
    states = _states(scratch / "data" / "languette.db", found)
    for boost in plan:
        pair, state = (boost.account, boost.target), states.get(boost.id, "gone")
        count = seen.pop(pair, 0)
        found.duplicates += max(0, count - 1)
        ended = state == "verified" or (state == "failed" and pair in refused)
        found.lost += not ended
        found.untrue += (count > 0) is not (state == "verified")
        if count > 1 or not ended or (count > 0) is not (state == "verified"):
            found.why.append(f"boost {boost.id} {pair}: {state}, seen {count} times")
    found.untrue += len(seen)
    found.requests = len(net.log)
    _limits(plan, net, found)


def _states(path: Path, found: Found) -> dict[int, str]:
    with closing(sqlite3.connect(path)) as database:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            found.broken += 1
            found.why.append("the database is damaged")
        (held,) = database.execute("SELECT count(*) FROM lane WHERE owner != ''").fetchone()
        (open_,) = database.execute("SELECT count(*) FROM call WHERE next_at IS NOT NULL").fetchone()
        if held or open_:
            found.broken += 1
            found.why.append(f"{held} lanes held, {open_} calls open")
        return dict(database.execute("SELECT id, state FROM boost").fetchall())


def _limits(plan: list[Boost], net: FaultNet, found: Found) -> None:
    """Hold every boost that had an effect against the caps of its day and the spacings before it."""
    limits = {boost.account: boost.limits for boost in plan}
    days = Counter(
        (account, local_day(limits[account], datetime.fromisoformat(wall)))
        for account, _, _, wall in net.asked
    )
    for (account, day), count in days.items():
        if count > limits[account].cap_day:
            found.broken += 1
            found.why.append(f"{account}: {count} boosts on {day}, cap {limits[account].cap_day}")
    if found.stepped:  # a spacing is counted on the wall clock, which somebody has set
        return
    posts = timedelta(minutes=POST_SPACING_MIN)
    for key in (0, 1):
        for name in {one[key] for one in net.asked}:
            moments = sorted(one[2] for one in net.asked if one[key] == name)
            least = timedelta(minutes=limits[name].spacing_min) if key == 0 else posts
            if any(timedelta(seconds=b - a) < least for a, b in pairwise(moments)):
                found.broken += 1
                found.why.append(f"{name}: closer than {least}: {moments}")
