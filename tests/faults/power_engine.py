"""What is traced: the delivery engine from claims to recalls; every commit, every boost that leaves is told.

The network is in the same process: a boost is told when its request arrives, before anything is answered.
"""

import asyncio
import os
import sys
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.delivery import panic, recall
from bot.intake import life
from bot.model.budget import Budget
from bot.model.calls import Action
from bot.model.journal import CLI, Actor
from bot.networks.http import Http, anywhere
from bot.storage import notices, volunteers
from tests.clocks import NOW, StillClock
from tests.delivery.lending import NETWORK, Lending, go, policy
from tests.delivery.own import on_mastodon
from tests.fakes.recording import RecordingNet
from tests.fakes.wire import Writer, wire
from tests.faults.power import SENT, mark
from tests.faults.power_story import told

FAULTS = ("", "lost", "e503", "garbage", "e429", "", "e401", "e500after", "early", "e403")
"""Of the first boosts, in order."""
PRICES = {Action.BOOST: 15_000, Action.UNDO: 10_000}


class Telling(RecordingNet):
    """Tells of each boost that it left."""

    async def _boost(
        self, account: str, target: str, body: Mapping[str, Any], fault: str, writer: Writer
    ) -> None:
        mark(SENT, body["key"])
        await super()._boost(account, target, body, fault, writer)


async def publish(lending: Lending) -> None:
    """The collective's own account publishes a notice, and deletes it when it is withdrawn."""
    async with on_mastodon(lending) as own:
        await own.share()
        assert len(own.posts()) == 1
        write, now = lending.app.store.run_write, lending.clock.now()
        [shown] = [one for one in lending.app.store.run_read(notices.listed) if not one.posts]
        write(life.withdraw, shown.id, now=now, actor=Actor("seeker", shown.id))
        await own.share()
        assert own.posts() == []


async def boost(lending: Lending, http: Http) -> None:
    """Every volunteer boosts every notice; one notice's boosts are taken back, under a halt too."""
    read, write = lending.app.store.run_read, lending.app.store.run_write
    calls = [one for one in read(notices.listed) if one.posts]
    for person in read(volunteers.listed):
        if person.accounts[0].handle.endswith("@one.example"):
            for call in calls:
                lending.due(call, person)
    lending.values, lending.terms = {"prices": PRICES}, {"budgets": {NETWORK: Budget(10**6, 10**7)}}
    engine = lending.engine(http)
    await engine.begin()
    for _ in range(8):
        await go(engine)
        lending.advance(minutes=3)
    write(panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    write(recall.take_back, calls[0].id, now=lending.clock.now(), actor=CLI)
    await go(engine)
    write(panic.resume, reason="looked at", now=lending.clock.now(), actor=CLI)
    for _ in range(8):
        lending.advance(minutes=3)
        await go(engine)


async def main(folder: Path, synchronous: str) -> None:
    """Play the story on an installation that is prepared; its end is as sudden as a power loss."""
    clock = StillClock(NOW)
    app = told(folder, synchronous, clock)
    net = Telling(script=defaultdict(deque, boost=deque(FAULTS)))
    async with wire(net.answer) as url, Http(anywhere) as http:
        lending = Lending(app, clock, None, None, folder.parent / "vault.key", url)
        await publish(lending)
        lending.policy = policy()
        await boost(lending, http)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
