"""The recording network in the time of the fault tests: late effects come when the world says so."""

import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.recording import RecordingNet
from tests.fakes.wire import Request, Writer, read_head, whole

READS = {"early": 0.04, "e503": 0.03, "e429": 0.02}
"""Share of the requests other than boosts that each fault befalls, when boosts have faults."""
LATE_MOST_S = 110.0
"""A request whose answer was lost has its effect so much later at most: less than the quiet period."""


class FaultNet(RecordingNet):
    """Knows the real time, because it is told (`/_clock`); notes when each boost was asked for."""

    passed: float = 0.0
    wall: str = ""
    coming: list[tuple[float, str, str, Mapping[str, Any]]]
    asked: list[tuple[str, str, float, str]]
    """Account, target, real second, wall clock of every boost that had or will have an effect."""

    def set_up(self, wanted: Mapping[str, Any]) -> None:
        """Begin anew."""
        super().set_up(wanted)
        self.passed, self.wall, self.coming, self.asked = 0.0, "", [], []

    def told(self, passed: float, wall: str) -> None:
        """Take in that time has passed: what is late by now is seen by everybody."""
        self.passed, self.wall = passed, wall
        for when, account, target, body in sorted(self.coming, key=lambda one: one[0]):
            if when <= passed:
                super()._apply(account, target, body)
        self.coming = [one for one in self.coming if one[0] > passed]

    async def answer(self, head: bytes, writer: Writer) -> None:
        """Answer one request."""
        asked: Request = read_head(head)
        if asked.path == "/_clock":
            self.told(**asked.json())
            writer.write(whole(b"{}"))
        else:
            await super().answer(head, writer)

    def _fault(self, action: str) -> str:
        if action == "boost" or not self.faults:
            return super()._fault(action)
        drawn = self.rng.random()
        for name, share in READS.items():
            if drawn < share:
                return name
            drawn -= share
        return ""

    async def _boost(
        self, account: str, target: str, body: Mapping[str, Any], fault: str, writer: Writer
    ) -> None:
        self.asked.append((account, target, self.passed, self.wall))
        if fault == "slow":
            late = self.rng.uniform(0, LATE_MOST_S)
            self.coming.append((self.passed + late, account, target, body))
            writer.transport.abort()
        elif fault == "drip":  # done, and the answer never ends
            made, before = self._apply(account, target, body)
            text = json.dumps({"id": made["id"], "before": before}).encode()
            writer.write(whole(text)[: -len(text)])
        else:
            await super()._boost(account, target, body, fault, writer)
