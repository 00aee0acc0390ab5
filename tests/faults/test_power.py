"""Power loss at every write and sync of two stories: nothing acknowledged is lost, nothing is damaged.

`POWER_EVERY=1 POWER_VARIANTS=30 pytest tests/faults/test_power.py -s` looks at every moment, and longer.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.app import App, build
from tests.clocks import StillClock
from tests.delivery.lending import Lending
from tests.delivery.own import agreed
from tests.faults import power
from tests.life.world import settings_for

EVERY = int(os.environ.get("POWER_EVERY", "0"))
BY_HAND, BY_CALLS = EVERY or 5, EVERY or 15
VARIANTS = int(os.environ.get("POWER_VARIANTS", "5"))
needs_strace = pytest.mark.skipif(not power.possible(), reason="no strace here: apt-get install strace")


@pytest.fixture
def images() -> Iterator[Path]:
    """A folder for images, in memory where there is one: there are many of them."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="power-") as folder:
        yield Path(folder)


def judged(
    data: Path, story: str, synchronous: str, variants: int, every: int, images: Path
) -> power.Verdict:
    """Play a story under trace on an installation that is there, and judge every image."""
    database = settings_for(data).database
    start = {"": bytearray(database.read_bytes())}
    events = power.trace(database, f"tests.faults.{story}", str(data), synchronous)
    return power.judge(events, start, images, every=every, variants=variants)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An installation in which nothing has happened."""
    build(settings_for(tmp_path / "data")).close()
    return tmp_path / "data"


@pytest.fixture
def lent(app: App, make_notice: Any, make_volunteer: Any, tmp_path: Path) -> Path:
    """One with notices and lent accounts, of which one has a token to renew."""
    lending = Lending(app, StillClock(), make_notice, make_volunteer, tmp_path / "vault.key", "")
    for token in ("", "renew:v2", ""):
        lending.volunteer(token=token)
    for _ in range(3):
        lending.notice()
    agreed(lending, posts=[])
    app.close()
    return app.settings.data_dir


@needs_strace
def test_nothing_acknowledged_is_lost(empty: Path, images: Path):
    """Whatever the disk holds when the power goes, it holds every commit that was acknowledged, whole."""
    verdict = judged(empty, "power_story", "FULL", VARIANTS, BY_HAND, images)
    assert verdict.lost == []
    assert verdict.commits >= 10
    assert verdict.images > 200
    sys.stdout.write(f"{verdict}\n")


@needs_strace
def test_nothing_that_left_is_forgotten(lent: Path, images: Path):
    """Claims, ends, fresh tokens, recalls, publications: whole; and every boost that had left is known."""
    verdict = judged(lent, "power_engine", "FULL", VARIANTS, BY_CALLS, images)
    assert verdict.lost == []
    assert verdict.commits >= 60
    assert verdict.sent >= 6
    assert verdict.images > 300
    with closing(sqlite3.connect(lent / "languette.db")) as database:
        states = {state for (state,) in database.execute("SELECT DISTINCT state FROM boost")}
    assert states >= {"verified", "undone", "failed"}
    sys.stdout.write(f"{verdict}\n")


@needs_strace
def test_the_images_have_teeth(empty: Path, images: Path):
    """A database that does not wait for the disk at each commit is caught."""
    assert judged(empty, "power_story", "NORMAL", 1, BY_HAND, images).lost


@needs_strace
def test_what_left_unwritten_is_seen(lent: Path, images: Path):
    """So is a boost that leaves before its intent is on the disk."""
    assert any(one.unknown for one in judged(lent, "power_engine", "NORMAL", 1, BY_CALLS, images).lost)
