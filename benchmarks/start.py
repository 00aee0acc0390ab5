"""Time from `bot run` to a served page: on an empty folder, later, and from a fresh clone."""

import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.daemon import running

LATER_RUNS = 5
FRESH_LIMIT_S = 600
ROOT = Path(__file__).parents[1]


def run() -> list[tuple[str, str, str]]:
    """Measure a first start and some later ones on the same folder."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder) as first:
            pass
        later = []
        for _ in range(LATER_RUNS):
            with running(folder) as again:
                later.append(again)
    took = [again.took_s for again in later]
    cpu_s = statistics.median(again.cpu_s for again in later)
    return [
        (
            "`bot run` on an empty folder",
            f"{first.took_s:.2f} s",
            f"database made and migrated, first page served; {first.cpu_s:.1f} s of processor time",
        ),
        (
            "`bot run` later",
            f"{statistics.median(took):.2f} s",
            f"median of {LATER_RUNS}, longest {max(took):.2f} s; {cpu_s:.1f} s of processor time",
        ),
    ]


def fresh() -> list[tuple[str, str, str]]:
    """Clone what is committed and time `make run` twice; the first installs everything from the locks."""
    with TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        subprocess.run(("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)), check=True)
        with running(clone, ("make", "run"), FRESH_LIMIT_S) as first:
            pass
        with running(clone, ("make", "run"), FRESH_LIMIT_S) as later:
            pass
    return [
        (
            "`make run` on a fresh clone",
            f"{first.took_s:.1f} s",
            "makes .venv, installs the hashed lock, first page served",
        ),
        ("`make run` later", f"{later.took_s:.2f} s", "the same clone again"),
    ]
