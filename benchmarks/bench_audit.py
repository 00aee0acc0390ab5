"""A month of the real stages through the database, then the audit of its log: every decision."""

import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import goals
from tests.planning.test_audit import DAYS, START, STEP, Story, installation, left_by

PEOPLE = 40
LIMIT_S = 90.0
"""Processor seconds after which no other day is played."""


def run() -> list[tuple[str, str, str]]:
    """Play the month of the tests with four times as many volunteers and notices, and audit it."""
    start = time.process_time()
    with TemporaryDirectory() as folder:
        app = installation(Path(folder))
        told = Story(app)
        for n in range(told.people, PEOPLE):
            told.act(told.join, n)
        days = 0
        while days < DAYS and time.process_time() - start < LIMIT_S:
            for step in range(days * 12, days * 12 + 12):
                now = START + step * STEP
                for _ in range(3):
                    if told.rng.random() < told.arrivals:
                        told.arrive(now - timedelta(minutes=1))
                told.step(now)
            days += 1
        month = left_by(app)
        app.close()
    played, start = time.process_time() - start, time.process_time()
    report = month.audit()
    took = time.process_time() - start
    breach = str(report.breach) if report.breach else "no breach"
    checks = f"{report.checks.total():,} checks of {report.asks:,} decisions: {breach}"
    whole = days == DAYS and report.breach is None and not report.unchecked
    goals.note(
        "G11", "no violation in the log of 30 days (P1, P2, P7, I1 to I12)", f"{days} days, {checks}", whole
    )
    note = f"{PEOPLE} volunteers; clock change, pauses, refusals, second notices; played in {played:.0f} s"
    return [
        (f"log of {days} days", checks, note),
        (
            "the audit",
            f"{took:.1f} s",
            f"{report.entries:,} lines; {report.unchecked.total()} left unchecked",
        ),
    ]
