"""Killed anywhere, with any answer of the network, at any time: each boost once, none lost, no limit passed.

`make faults RUNS=1000` for figures, with a line for each run in `.faults/log.jsonl`;
`make faults RUNS=1 SEED=17` does run 17 again.
"""

import asyncio
import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.app import build
from tests.clocks import StillClock
from tests.delivery.lending import Lending
from tests.fakes.wire import wire
from tests.faults import crash
from tests.faults.crash import Boost, Found
from tests.faults.net import FaultNet
from tests.life.world import settings_for

RUNS = int(os.environ.get("RUNS", "8"))
SEED = int(os.environ.get("SEED", "0"))
LOG = os.environ.get("FAULTS_LOG", "")
PEOPLE: tuple[dict[str, Any], ...] = (
    {"cap_day": 2, "spacing_min": 20},
    {"cap_day": 5, "spacing_min": 0, "time_zone": "America/New_York"},
    {"cap_day": 3, "spacing_min": 45, "quiet_start_min": 600, "quiet_len_min": 300},
)
NOTICES = 3


@pytest.fixture(scope="module")
def net() -> Iterator[tuple[FaultNet, str]]:
    """A network in a loop of its own, and its address."""
    ready, loop, down = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    found: list[tuple[FaultNet, str]] = []

    async def serve() -> None:
        network = FaultNet()
        network.set_up({})
        async with wire(network.answer) as url:
            found.append((network, url))
            ready.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    yield found[0]
    loop.call_soon_threadsafe(down.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one: a killed process needs no disk, and runs are many."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="faults-") as folder:
        yield Path(folder)


@pytest.fixture
def template(
    tmp_path: Path, scratch: Path, make_notice: Any, make_volunteer: Any, app: Any
) -> tuple[Path, list[Boost]]:
    """A folder with an installation in which every volunteer shall boost every notice now, and the plan."""
    key = tmp_path / "vault.key"
    lending = Lending(app, StillClock(), make_notice, make_volunteer, key, "")
    people = [lending.volunteer(**values) for values in PEOPLE]
    calls = [lending.notice() for _ in range(NOTICES)]
    plan = []
    for person in people:
        account = person.accounts[0].handle.partition("@")[0]
        for call in calls:
            boost_id = lending.due(call, person, expires_at=lending.clock.now() + timedelta(days=400))
            plan.append(Boost(boost_id, account, f"here:{call.posts[0].remote_id}", person.limits))
    app.close()
    folder = scratch / "template"
    shutil.copytree(tmp_path / "data", folder / "data")
    shutil.copy(key, folder / "vault.key")
    build(settings_for(folder / "data")).close()
    return folder, plan


def test_nothing_twice_nothing_lost(
    template: tuple[Path, list[Boost]], net: tuple[FaultNet, str], scratch: Path
):
    """The database agrees with what the network saw, whatever happened between them."""
    folder, plan = template
    found: list[Found] = []
    for seed in range(SEED, SEED + RUNS):
        found.append(crash.run(seed, folder, plan, *net, scratch / "run"))
        if LOG:
            with Path(LOG).open("a") as log:
                log.write(json.dumps(asdict(found[-1])) + "\n")
    assert [asdict(one) for one in found if not one.good] == []
    assert RUNS < 20 or sum(len(one.kills) for one in found) > RUNS


def test_the_harness_has_teeth(template: tuple[Path, list[Boost]], net: tuple[FaultNet, str], scratch: Path):
    """With a quiet period that is shorter than a late effect, duplicates are made, and found."""
    folder, plan = template
    found = [
        crash.run(s, folder, plan, *net, scratch / "run", weather="late", weak="quiet") for s in range(3)
    ]
    assert sum(one.duplicates for one in found) > 0
