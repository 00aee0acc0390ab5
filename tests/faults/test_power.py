"""Power loss at every write and sync of the whole story: nothing acknowledged is lost, nothing is damaged.

`POWER_EVERY=1 POWER_VARIANTS=30 pytest tests/faults/test_power.py -s` looks at every moment, and longer.
"""

import os
import sys
from pathlib import Path

import pytest

from bot.app import build
from tests.faults import power
from tests.life.world import settings_for

EVERY = int(os.environ.get("POWER_EVERY", "5"))
VARIANTS = int(os.environ.get("POWER_VARIANTS", "5"))
needs_strace = pytest.mark.skipif(not power.possible(), reason="no strace here: apt-get install strace")


def played(tmp_path: Path, synchronous: str, variants: int) -> power.Verdict:
    """Play the story under trace and judge every image."""
    folder = tmp_path / "data"
    settings = settings_for(folder)
    build(settings).close()
    start = {"": bytearray(settings.database.read_bytes())}
    events = power.trace(settings.database, "tests.faults.power_story", str(folder), synchronous)
    return power.judge(events, start, tmp_path, every=EVERY, variants=variants)


@needs_strace
def test_nothing_acknowledged_is_lost(tmp_path: Path):
    """Whatever the disk holds when the power goes, it holds every commit that was acknowledged, whole."""
    verdict = played(tmp_path, "FULL", VARIANTS)
    assert verdict.lost == []
    assert verdict.commits >= 10
    assert verdict.images > 200
    sys.stdout.write(f"{verdict}\n")


@needs_strace
def test_the_images_have_teeth(tmp_path: Path):
    """A database that does not wait for the disk at each commit is caught."""
    assert played(tmp_path, "NORMAL", variants=1).lost
