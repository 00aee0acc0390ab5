"""`bot plan audit` proves what `make demo` decides: its past, and what it does while somebody watches."""

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.planning.promises import PROMISES
from bot.settings import Settings
from tests.acceptance.daemon import Daemon

DEMO = "data/demo"
LIVE = 8
"""Decisions to wait for while the demo runs."""
PAST_S, WATCH_S = 150, 150
"""The longest to wait until the past has been played (ten seconds on an idle core), and for the live ones."""
ALTERED = {
    "who else could have had the slot": (
        "UPDATE plan_log SET data = json_set(data, '$.candidates', 99) WHERE id = (%s)",
        "P7",
    ),
    "who had the slot": (
        "UPDATE plan_log SET data = json_set(data, '$.volunteer', 1000) WHERE id = (%s)",
        "LOG",
    ),
    "that it was decided": ("DELETE FROM plan_log WHERE id = (%s)", "LOG"),
}
ONE = "SELECT id FROM plan_log WHERE kind = 'ask' ORDER BY id LIMIT 1 OFFSET 50"


def audit(one: Daemon, *more: str) -> dict[str, Any]:
    """Audit the demo's data folder."""
    done = one.bot("plan", "audit", "--data-dir", DEMO, "--json", *more)
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_demo_is_proved_and_what_is_altered_is_found(daemon):
    """Three days of past and the live decisions hold, P1, P2, I1 to I12; with one row altered they do not."""
    opening = f"{datetime.now(ZoneInfo(Settings(_env_file=None).time_zone)).date()}T09:30"  # type: ignore[call-arg]
    one = daemon().start("demo", PAST_S)
    end = time.monotonic() + WATCH_S
    while (live := audit(one, "--since", opening))["asks"] < LIVE and time.monotonic() < end:
        time.sleep(2)
    assert live["holds"], live["breach"]
    assert one.stop(signal.SIGINT)[0] == 0
    assert audit(one, "--since", opening)["asks"] >= LIVE
    report = audit(one)
    assert report["breach"] is None
    assert (report["before"], report["unchecked"]) == (0, {})
    assert report["asks"] > 150
    assert {report["checks"][promise] for promise in PROMISES} == {report["asks"]}
    _each_alteration_is_found(one)


def _each_alteration_is_found(one: Daemon) -> None:
    """Alter one row of the log at a time; the audit says which promise does not hold, and exits with 1."""
    database = one.folder / DEMO / "languette.db"
    kept = database.with_suffix(".kept")
    shutil.copy(database, kept)
    for what, (statement, promise) in ALTERED.items():
        shutil.copy(kept, database)
        with sqlite3.connect(database) as altered:
            assert altered.execute(statement % ONE).rowcount == 1, what
        altered.close()
        found = audit(one)
        assert not found["holds"], what
        assert found["breach"]["promise"] == promise, what


def test_make_demo_is_this_demo():
    """The target of the Makefile runs the command that is audited here."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "demo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.splitlines()[-1].endswith("/bot demo")
