"""The processes that are killed: the real engine on the real database, and people who act meanwhile."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.delivery import panic, recall, take_back, tokens
from bot.delivery.claim import Claim
from bot.delivery.engine import BREATH_S, Engine, Taken
from bot.delivery.outcome import Ended, Trouble
from bot.delivery.terms import Terms
from bot.errors import ConflictError
from bot.intake import life as notice_life
from bot.model.budget import Budget
from bot.model.calls import Action
from bot.model.journal import CLI, Actor
from bot.model.secret import Secret
from bot.networks.api.base import Lent
from bot.networks.http import Http, anywhere
from bot.roster import change
from bot.storage import Session
from bot.storage.store import Store
from bot.trust.links import open_keyring
from tests.delivery.lending import NETWORK, policy
from tests.fakes.recording import RecordingApi
from tests.faults.world import World

DEADLINE = timedelta(seconds=3)
"""Real seconds: an answer that never ends costs a run so much, and a busy machine must not pass it too."""
JUMPS_MOST = 5_000
POST_SPACING_MIN = 5
PRICES = {Action.BOOST: 15_000, Action.UNDO: 10_000}
NEVER = 0
NO_PEACE = 3
NOT_NOW = 4
"""What a person asked for was refused, as it may be."""


class PeaceError(Exception):
    """Nothing is left to do."""


class RestlessError(Exception):
    """There is something left to do again and again."""


@dataclass(frozen=True)
class Life:
    """How a process lives and dies: all of it follows from these."""

    folder: Path
    """Of the run: the installation, the vault's key."""
    url: str
    seed: int
    world: World
    owner: str = "one"
    kill_at: int = NEVER
    """Which of its crash points kills it: SQL statements, commits, requests, answers, in order."""
    budget: Budget | None = None
    weak: str = ""
    """A rule that is left out, to see that the harness finds it."""


class Jumping(Engine):
    """The engine as it is, except that it waits in the world's time: with nothing on its way, time jumps."""

    late: list[str]
    """Accounts of calls that the deadline ended, since the last wait."""

    def on(self, wait: Callable[[datetime], Any], life: Life) -> "Jumping":
        """Say how it waits."""
        self._wait, self._life, self._jumps = wait, life, 0
        self.late = []
        return self

    async def _breathe(self, taken: Taken | None) -> None:
        if self._running:
            await self._news.wait()
            await asyncio.sleep(BREATH_S)  # as the engine does, so that ends gather
            return
        if taken is None or taken.claims:
            return
        if taken.wake_at is None:
            raise PeaceError
        self._jumps += 1
        if self._jumps > JUMPS_MOST:
            raise RestlessError
        await self._wait(taken.wake_at)

    def _forget(self, ended: list[Ended]) -> None:
        for one in ended:
            if isinstance(one.outcome, Trouble) and "deadline" in str(one.outcome.error):
                self.late.append(one.claim.account.handle.partition("@")[0])
        super()._forget(ended)

    async def _keep(self, one: Claim, token: Secret) -> bool:
        return self._life.weak == "keep" or await super()._keep(one, token)


class FaultApi(RecordingApi):
    """The recording network's adapter: a crash point before and after each request, tokens that turn."""

    point: Callable[[], None]

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Turn a token that is no longer good: `NAME.GENERATION.EXPIRY`."""
        _, _, good = lent.token.reveal().rpartition(".")
        if not good.isdigit() or now.timestamp() < int(good):
            return None
        return Secret((await self._ask("renew", lent, {}))["token"])

    async def _ask(self, action: str, lent: Lent, body: Mapping[str, Any]) -> Any:
        self.point()
        try:
            return await super()._ask(action, lent, body)
        finally:
            self.point()


def _points(store: Store, life: Life) -> Callable[[], None]:
    """Count crash points; die at the one that was asked for."""
    seen = 0

    def point(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == life.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit", "checkin"):
        event.listen(store.engine, name, point)
    return point


def _terms(life: Life, api: RecordingApi) -> Terms:
    budget = Budget(10**9, 10**9) if life.weak == "budget" else life.budget
    return Terms(
        life.owner,
        {NETWORK: api},
        {NETWORK: policy(spacing_min=POST_SPACING_MIN)},
        {} if budget is None else {NETWORK: budget},
        deadline=DEADLINE,
        quiet=2 * DEADLINE if life.weak == "quiet" else timedelta(seconds=120),
    )


async def _deliver(store: Store, life: Life) -> None:
    point, world = _points(store, life), life.world
    clock = await asyncio.open_connection("127.0.0.1", int(life.url.rpartition(":")[2]))
    async with http() as opened:
        prices = {} if life.budget is None else PRICES
        api = FaultApi(opened, life.url, now=world.now, prices=prices)
        api.point = point

        async def wait(wake: datetime) -> None:
            values = {"who": life.owner, "wake": wake.isoformat(), "late": engine.late}
            for name, value in (await _waited(clock, values)).items():
                setattr(world, name, value)
            engine.late.clear()

        opener = tokens.Opener(life.folder / "vault.key", life.folder / "data")
        dice = random.Random(life.seed)
        engine = Jumping(store, _terms(life, api), opener, world, world, rng=dice.random)
        try:
            await engine.on(wait, life).run()
        finally:
            clock[1].close()


async def _waited(
    clock: tuple[asyncio.StreamReader, asyncio.StreamWriter], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Ask the harness to let time pass; no call of the program's own, so it goes a shorter way."""
    reader, writer = clock
    body = json.dumps(values).encode()
    writer.write(b"POST /_wait HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    found: dict[str, Any] = json.loads(await reader.readexactly(length))
    return found


@cache
def http() -> Http:
    """Give the client, made once before the forks: it takes a while to read the machine's certificates."""
    return Http(anywhere)


sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
"""httpcore looks for it at every lock, all over the disk, where it is not installed."""

_warm: dict[Any, Any] = {}
"""Statements that an earlier life in this process has compiled: forks of it need not."""


def _open(life: Life) -> Store:
    """Open the database as every start does; what a start looks at besides, it only reads."""
    data = life.folder / "data"
    store = Store(data / "languette.db", open_keyring(data / "secret.key", fresh=False).seed("journal"))
    compiled = store.engine._compiled_cache
    compiled.update({(store.engine.dialect, *key[1:]): found for key, found in _warm.items()})
    return store


def _close(store: Store) -> None:
    _warm.update(store.engine._compiled_cache.items())
    store.close()


def live(life: Life) -> int:
    """Deliver until nothing is left, or until killed; give the process's exit code."""
    life = replace(life, world=replace(life.world))
    store = _open(life)
    try:
        asyncio.run(_deliver(store, life))
    except PeaceError:
        pass
    except RestlessError:
        os._exit(NO_PEACE)
    _close(store)
    return 0


# ---------- people ----------


def _halt(session: Session, _number: int, _other: int, now: datetime) -> None:
    panic.halt(session, reason="", now=now, actor=CLI)


def _resume(session: Session, _number: int, _other: int, now: datetime) -> None:
    panic.resume(session, reason="looked at", now=now, actor=CLI)


def _recall(session: Session, notice_id: int, _other: int, now: datetime) -> None:
    recall.take_back(session, notice_id, now=now, actor=CLI)


def _withdraw(session: Session, notice_id: int, _other: int, now: datetime) -> None:
    notice_life.withdraw(session, notice_id, now=now, actor=Actor("seeker", notice_id))


def _undo(session: Session, boost_id: int, volunteer_id: int, now: datetime) -> None:
    take_back.start_undo(session, boost_id, volunteer_id=volunteer_id, now=now)


def _pause(session: Session, volunteer_id: int, _other: int, now: datetime) -> None:
    actor = Actor("volunteer", volunteer_id)
    change.pause(session, volunteer_id, until=None, now=now, actor=actor)


ACTS = {
    "halt": _halt,
    "resume": _resume,
    "pause": _pause,
    "undo": _undo,
    "withdraw": _withdraw,
    "recall": _recall,
}
"""In an order in which each finds something to do, done once each about boosts of different notices."""


def act(life: Life, name: str, number: int, other: int) -> int:
    """Do what a person does, in a process beside the engine's; give the exit code."""
    if life.weak == name:
        return 0
    store = _open(life)
    _points(store, life)
    try:
        store.run_write(ACTS[name], number, other, life.world.now())
    except ConflictError:
        return NOT_NOW
    _close(store)
    return 0
