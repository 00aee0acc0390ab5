"""The recording network of the fault tests: more faults, tokens that turn, an eye on what is forbidden."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.recording import RecordingNet
from tests.fakes.wire import Request, Writer, read_head, whole
from tests.faults.world import Glass, World

READS = {"early": 0.04, "e503": 0.03, "e429": 0.02, "lost": 0.02, "e401": 0.003}
"""Share of the requests other than boosts that each fault befalls, when boosts have faults."""
LATE_MOST_S = 110.0
"""A request whose answer was lost has its effect so much later at most: less than the quiet period."""
WHOLE = {"e500": 500, "e503": 503, "e429": 429, "e401": 401, "e403": 403, "stale": 401}
"""Whole answers before anything is done."""
HUGE = 600_000
"""Bytes of an answer that is longer than anybody reads."""
GOOD_S = 3 * 3600.0
"""How long a token that turns is good."""


class FaultNet(RecordingNet):
    """Notes when each boost was asked for, shows late effects when their time has come, watches what it gets.

    A token is the account's name; one that turns is `NAME.GENERATION.EXPIRY`, and only the last generation
    is accepted.
    """

    world: World
    glass: Glass
    coming: list[tuple[float, str, str, Mapping[str, Any]]]
    asked: list[tuple[str, str, float, str]]
    """Account, target, real second, wall clock of every boost that had or will have an effect."""
    undone: list[tuple[str, str, float, str]]
    generations: Counter[str]
    deaths: list[int]
    """How many requests there were when a process was killed."""
    halted: bool
    """Nothing may come but what takes back, if that was asked for since."""
    taking_back: bool
    silent: set[str]
    """Accounts of volunteers who have a break."""
    breaches: list[str]
    late: set[str]
    """Accounts for which a call was ended by its deadline, maybe while the answer was on its way."""
    heard: Callable[[int], None]
    """Told how many requests there have been, at each."""

    def begin(self, wanted: Mapping[str, Any], world: World, heard: Callable[[int], None]) -> None:
        """Begin anew, in a world."""
        self.set_up(wanted)
        self.world, self.heard = world, heard
        self.coming, self.asked, self.undone, self.deaths, self.breaches = [], [], [], [], []
        self.generations, self.silent, self.late = Counter(), set(), set()
        self.halted = self.taking_back = False

    def show(self) -> None:
        """Let everybody see what is late by now."""
        for when, account, target, body in sorted(self.coming, key=lambda one: one[0]):
            if when <= self.world.passed:
                super()._apply(account, target, body)
        self.coming = [one for one in self.coming if one[0] > self.world.passed]

    async def answer(self, head: bytes, writer: Writer) -> None:
        """Answer one request."""
        asked: Request = read_head(head)
        if asked.path == "/_wait":
            values = asked.json()
            self.late |= set(values.pop("late"))
            writer.write(whole(json.dumps(await self.glass.wait(**values)).encode()))
        else:
            await super().answer(head, writer)

    async def _answer(self, asked: Request, account: str, writer: Writer) -> None:
        action, body = asked.path.strip("/"), asked.json()
        target = body.get("target", body.get("post", ""))
        name, _, turning = account.partition(".")
        stale = bool(turning) and int(turning.partition(".")[0]) != self.generations[name]
        fault = "stale" if stale else self._fault(action)
        self.log.append((self.world.passed, action, name, target, fault))
        self._watch(action, name)
        self.heard(len(self.log))
        if fault == "early":
            writer.transport.abort()
        elif fault in WHOLE:
            headers = (f"Retry-After: {self.retry_after}", f"X-Scope: {self.scope}")
            writer.write(whole(b'{"error":"no"}', WHOLE[fault], *headers))
        elif fault == "html":  # a proxy's page, and nothing done
            writer.write(whole(b"<!doctype html><title>Back soon</title>"))
        elif action == "boost":
            await self._boost(name, target, body, fault, writer)
        else:
            text = whole(json.dumps(self._read(action, name, target, body)).encode())
            writer.transport.abort() if fault == "lost" else writer.write(text)

    def _watch(self, action: str, account: str) -> None:
        """Note what may not come now. Whoever waits for its network's leave renews its token first."""
        undoing = self.taking_back and action in {"undo", "renew"}
        if self.halted and not undoing:
            self.breaches.append(f"{action} of {account} under a halt")
        if account in self.silent and action in {"locate", "look", "boost"}:
            self.breaches.append(f"{action} of {account}, who has a break")

    def _fault(self, action: str) -> str:
        if not self.faults:
            return ""
        drawn = self.rng.random()
        for name, share in (self.faults if action == "boost" else READS).items():
            if drawn < share:
                return name
            drawn -= share
        return ""

    def _read(self, action: str, account: str, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if action == "renew":
            self.generations[account] += 1
            good = self.world.now().timestamp() + GOOD_S
            return {"token": f"{account}.{self.generations[account]}.{good:.0f}"}
        if action == "undo":
            self.undone.append((account, target, self.world.passed, self.world.now().isoformat()))
        return super()._read(action, account, target, body)

    async def _boost(
        self, account: str, target: str, body: Mapping[str, Any], fault: str, writer: Writer
    ) -> None:
        self.asked.append((account, target, self.world.passed, self.world.now().isoformat()))
        if fault == "slow":
            late = self.rng.uniform(0, LATE_MOST_S)
            self.coming.append((self.world.passed + late, account, target, body))
            writer.transport.abort()
        elif fault in {"drip", "huge"}:  # done, and the answer never ends, or is longer than anybody reads
            made, before = self._apply(account, target, body)
            text = json.dumps({"id": made["id"], "before": before}).encode()
            writer.write(whole(text)[: -len(text)] if fault == "drip" else whole(text + b" " * HUGE))
        else:
            await super()._boost(account, target, body, fault, writer)
