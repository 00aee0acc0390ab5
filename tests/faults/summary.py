"""Sums up the log of many crash runs: a line for each revision and thousand seeds, and the sum of all.

`python -m tests.faults.summary .faults/log.jsonl > benchmarks/faults_many.tsv`
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RANGE = 1_000
WRONG = ("duplicates", "lost", "untrue", "broken")
FAULTS = (
    "early", "lost", "slow", "garbage", "drip", "huge", "html",
    "e500", "e500after", "e503", "e429", "e401", "e403", "stale", "other",
)  # fmt: skip
ACTS = ("halt", "resume", "recall", "withdraw", "undo", "pause")
COLUMNS = (
    "runs", "two engines", "clock set", "budget", "boosts", "kills", "requests", "hours", "renewed", "undone",
    *ACTS, *(f"fault {name}" for name in FAULTS), *WRONG,
)  # fmt: skip


def count(run: dict[str, Any]) -> Counter[str]:
    """Count what one run was."""
    found: Counter[str] = Counter({"runs": 1, "two engines": run["engines"] > 1, "clock set": run["stepped"]})
    found["budget"] = bool(run["paid"])
    found["kills"] = sum(not kill.startswith("in peace") for kill in run["kills"])
    found["hours"] = run["passed_h"]
    for name in ("boosts", "requests", "renewed", "undone", *WRONG):
        found[name] = run[name]
    for act in run["acts"]:
        found[act.partition(" ")[0]] += 1
    found.update({f"fault {name}": met for name, met in run["faults"].items()})
    return found


def lines(runs: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Give a table: a line for each revision and thousand seeds, the sum, and what was wrong."""
    parts: dict[tuple[str, str], Counter[str]] = {}
    wrong = []
    for run in runs:
        part = (run.get("code", ""), str(run["seed"] // RANGE * RANGE))
        parts.setdefault(part, Counter()).update(count(run))
        wrong += [f"# seed {run['seed']}: {why}" for why in run["why"]]
    whole: Counter[str] = sum(parts.values(), Counter())
    yield "\t".join(("code", "seeds from", *COLUMNS))
    for part, found in [*parts.items(), (("all", ""), whole)]:
        yield "\t".join([*part, *(f"{found[name]:.0f}" for name in COLUMNS)])
    yield from wrong


if __name__ == "__main__":
    with Path(sys.argv[1]).open() as log:
        sys.stdout.write("\n".join(lines(json.loads(line) for line in log)) + "\n")
