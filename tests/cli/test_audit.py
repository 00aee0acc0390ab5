"""`bot plan audit` says that all decisions hold, or names the first that does not."""

import sqlite3
from pathlib import Path


def test_it_proves_what_was_asked(run, data, submit, tmp_path: Path):
    """A decision holds; after a change by hand in the database, the audit names it and exits with 1."""
    quick = {"undo_s": "0", "notice_spacing_min": "0"}
    submit()
    run("notices", "approve", "1", **quick)
    run("volunteers", "add", "--quiet", "none", "--accept-charter", "--name", "Samir", "--network", "x=samir")
    run("plan", **quick)
    report = data("plan", "audit", "--json")
    assert (report["asks"], report["breach"]) == (1, None)
    with sqlite3.connect(tmp_path / "data" / "languette.db") as database:
        database.execute("UPDATE boost SET volunteer_id = 1, account_id = 7")
    said = run("plan", "audit", code=1).stderr
    assert "boost:1" in said
    assert "a boost that says something else than the log" in said


def test_a_period_that_is_no_date(run):
    """A moment that cannot be read is a usage error that names the formats."""
    assert "2026-11-01T09:30" in run("plan", "audit", "--since", "yesterday", code=2).stderr


def test_a_period(run, data, submit):
    """Dates and moments bound what is checked; decisions before the period are not counted."""
    quick = {"undo_s": "0", "notice_spacing_min": "0"}
    submit()
    run("notices", "approve", "1", **quick)
    run("volunteers", "add", "--quiet", "none", "--accept-charter", "--name", "Samir", "--network", "x=samir")
    run("plan", **quick)
    for period, asks in (
        (("--since", "2000-01-01"), 1),
        (("--until", "2000-01-01"), 0),
        (("--since", "2999-01-01T09:30+02:00"), 0),
        (("--since", "2000-01-01T09:30", "--until", "2999-12-31"), 1),
    ):
        report = data("plan", "audit", "--json", *period)
        assert (report["asks"], report["holds"], report["breach"]) == (asks, True, None), period
    assert "hold for all 1 decisions" in run("plan", "audit").stderr
