"""Killed anywhere, with any answer of the network, at any time: each boost once, none lost, no limit passed.

`make faults RUNS=1000` for figures, with a line for each run in `.faults/log.jsonl` (`AT_ONCE=4` for so many
beside each other); `make faults RUNS=1 SEED=17` does run 17 again. `python -m tests.faults.summary` sums up.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.model.notice import Notice
from bot.model.volunteer import Volunteer
from tests.clocks import NOW, StillClock
from tests.delivery.lending import Lending
from tests.faults import forked
from tests.faults.found import Boost, Found
from tests.faults.many import Template, Templates, many

RUNS = int(os.environ.get("RUNS") or (200 if os.environ.get("CI") == "true" else 16))
SEED = int(os.environ.get("SEED", "0"))
AT_ONCE = int(os.environ.get("AT_ONCE", "2"))
LOG = os.environ.get("FAULTS_LOG", "")
CODE = os.environ.get("FAULTS_CODE", "")
"""The revision that is tested, for the log."""
PEOPLE: tuple[dict[str, Any], ...] = (
    {"cap_day": 2, "spacing_min": 20},
    {"cap_day": 5, "spacing_min": 20, "time_zone": "America/New_York"},
    {
        "cap_day": 3,
        "spacing_min": 20,
        "quiet_start_min": 635,
        "quiet_len_min": 300,
        "token": "v{n}.0.{good:.0f}",
    },
)
"""Every third has these limits. The last one's token turns: it is good for a quarter of an hour, and its
successors for three hours."""
NARROW, WIDE = (3, 3), (9, 4)
"""How many people and notices: few, so that a kill may hit anything; many, for faults side by side."""
WIDE_EVERY = 16

pytestmark = pytest.mark.skipif(not forked.possible, reason="no pidfd_open here: Linux has it")


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one: a killed process needs no disk, and runs are many."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="faults-") as folder:
        yield Path(folder)


@pytest.fixture
def templates(tmp_path: Path, scratch: Path, make_notice: Any, make_volunteer: Any, app: Any) -> Templates:
    """Installations in which every volunteer shall boost every notice now: few of them, and many."""
    lending = Lending(app, StillClock(), make_notice, make_volunteer, tmp_path / "vault.key", "")
    people: list[Volunteer] = []
    calls: list[Notice] = []
    plan: list[Boost] = []
    made = []
    for size in (NARROW, WIDE):
        _grow(lending, people, calls, plan, size)
        app.store.fold()
        folder = scratch / f"{len(people)} people"
        shutil.copytree(app.settings.data_dir, folder / "data")
        shutil.copy(tmp_path / "vault.key", folder)
        made.append(Template(folder, list(plan)))
    return Templates(*made, WIDE_EVERY, scratch)


def _grow(
    lending: Lending, people: list[Volunteer], calls: list[Notice], plan: list[Boost], size: tuple[int, int]
) -> None:
    """Add people and notices, and a boost for each pair."""
    good = (NOW + timedelta(minutes=15)).timestamp()
    while len(people) < size[0]:
        limits = PEOPLE[len(people) % len(PEOPLE)]
        token = limits.get("token", "").format(n=lending._count + 1, good=good)
        people.append(lending.volunteer(**limits | {"token": token}))
    calls.extend(lending.notice() for _ in range(size[1] - len(calls)))
    known = {(boost.volunteer_id, boost.notice_id) for boost in plan}
    for first, person in enumerate(people):  # each begins with another, so that they go side by side
        account = person.accounts[0].handle.partition("@")[0]
        for call in calls[first % size[1] :] + calls[: first % size[1]]:
            if (person.id, call.id) not in known:
                due = lending.due(call, person, expires_at=NOW + timedelta(days=400))
                target = f"here:{call.posts[0].remote_id}"
                plan.append(Boost(due, account, target, person.limits, call.id, person.id))


def _log(found: Found) -> None:
    if LOG:
        with Path(LOG).open("a") as log:
            log.write(json.dumps(asdict(found) | {"code": CODE}) + "\n")


def test_nothing_twice_nothing_lost(templates: Templates):
    """The database agrees with what the network saw, whatever happened between them."""
    found = many(range(SEED, SEED + RUNS), templates, at_once=AT_ONCE, note=_log)
    assert [asdict(one) for one in found if not one.good] == []
    assert len(found) == RUNS
    assert RUNS < 16 or sum(len(one.kills) for one in found) > RUNS


TEETH = {
    "quiet": ("duplicates", {"weather": "late", "script": "", "paid": False}),
    "keep": ("broken", {"weather": "calm", "script": "", "paid": False}),
    "halt": ("broken", {"weather": "calm", "script": "halt", "paid": False}),
    "pause": ("broken", {"weather": "calm", "script": "pause", "paid": False}),
    "withdraw": ("lost", {"weather": "calm", "script": "withdraw", "paid": False}),
    "budget": ("broken", {"weather": "calm", "script": "", "paid": True}),
}
"""By what each rule that is left out must be seen: a quiet period longer than a late effect, a fresh token
kept before it is used, a halt, a break and a withdrawal that are written down, a budget that is held."""


@pytest.mark.parametrize("weak", TEETH)
def test_the_harness_has_teeth(templates: Templates, weak: str):
    """An engine that leaves out a rule, or people whose acts get lost, are found."""
    counted, how = TEETH[weak]
    found = many(range(4), templates, weak=weak, **how)
    assert sum(getattr(one, counted) for one in found) > 0
