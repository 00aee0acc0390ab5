"""`make mutants`: try a random sample of each folder's mutants and give the share that a test notices.

Each survivor is written to `.mutants/`, with what was changed.
"""

import math
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.made import Finder
from tests.mutants.tried import Fate, Trials

KEPT = Path(".mutants")
CONTROLS = 5
BUDGET_S = float(os.environ.get("BUDGET_S", "20"))
"""Seconds of processor time for each mutant: what only slower tests notice counts as survived."""


@dataclass(frozen=True)
class Folder:
    """A folder of `bot/` and the tests that are to notice its changes."""

    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    prepared: str = ""
    """What takes its tests long to make, as `module:function`: made once, by the unchanged code."""


FOLDERS = {
    "delivery": Folder(("tests/delivery", "tests/test_delivering.py")),
    "trust": Folder(
        (
            "tests/trust",
            "tests/web/test_security_keys.py",
            "tests/web/test_openid.py",
            "tests/web/test_lockout.py",
        ),
        left_out=("texts.py", "lending_texts.py"),  # sentences people agree to
    ),
    "planning": Folder(
        ("tests/planning", "tests/delivery/test_collective.py"), prepared="tests.planning.test_audit:a_month"
    ),
}


def interval(good: int, of: int) -> tuple[float, float]:
    """Give where the share lies with 95 % confidence (Wilson)."""
    z, share = 1.96, good / of
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def measure(name: str, sample: int, seed: int, wanted: set[str]) -> str:
    """Try the sample, write what survived, give the line that says what came of it."""
    kept = (KEPT / name).resolve()
    kept.mkdir(parents=True, exist_ok=True)
    folder = FOLDERS[name]
    finder = Finder([f for f in sorted(Path("bot", name).glob("*.py")) if f.name not in folder.left_out])
    finder.install()
    mutants = [m for m in finder.mutants if m.name in wanted]
    if not wanted:
        mutants = random.Random(seed).sample(finder.mutants, min(sample, len(finder.mutants)))
    trials = Trials(
        finder, mutants, controls=CONTROLS, budget_s=BUDGET_S, kept=kept, prepared=folder.prepared
    )
    with tempfile.TemporaryDirectory() as scratch:
        # Output is not caught: a copy of the process sends its own to nowhere.
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{scratch}/examples"
        options = ["-s", "-p", "no:cacheprovider", "-p", "no:cov", "-m", "not browser and not slow"]
        options += ["--hypothesis-seed=0", f"--basetemp={scratch}/tests"]
        code = pytest.main([*options, *folder.tests], plugins=[trials])
    if code or len(trials.fates) < len(mutants):
        sys.exit(f"{name}: the tests could not be run")
    left = [
        f"{fate} {mutant.name} {by}\n{mutant.diff}\n"
        for mutant, fate, by in trials.fates
        if fate != Fate.NOTICED
    ]
    (kept / f"left-{seed}.txt").write_text("\n".join(left))
    counts = Counter(fate for _, fate, _ in trials.fates)
    low, high = interval(counts[Fate.NOTICED], len(mutants))
    each = ", ".join(f"{fate} {counts[fate]}" for fate in Fate)
    return (
        f"{name}: {len(mutants)} of {len(finder.mutants)} mutants: {each}; "
        f"score {counts[Fate.NOTICED] / len(mutants):.1%} (95 % confidence: {low:.1%} to {high:.1%}); "
        f"unchanged code noticed by {sorted(set(trials.false)) or 'none'}"
    )


def main() -> None:
    """Measure one folder; without a name all, each in a process of its own."""
    sample, seed = int(os.environ.get("SAMPLE") or 60), int(os.environ.get("SEED") or 1)
    wanted = set(os.environ.get("ONLY", "").split())
    names = sys.argv[1:] or list(FOLDERS)
    for name in names:
        child = os.fork() if len(names) > 1 else 0
        if child == 0:
            line = measure(name, sample, seed, wanted)
            with (KEPT / "results.txt").open("a") as results:
                results.write(f"{line}\n")
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            if len(names) > 1:
                os._exit(0)
        else:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
