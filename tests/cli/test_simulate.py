"""`bot simulate` compares, as a table, as JSON and as a page."""

import json
from pathlib import Path

SMALL = ("--volunteers", "15", "--days", "9", "--policy", "fair", "--policy", "newest")


def test_table_json_and_page(run, tmp_path: Path):
    """Two policies, three forms; nothing is made in the folder but the page."""
    done = run("simulate", *SMALL, "--html", "what-if.html")
    assert "Languette" in done.stdout
    assert "Newest first" in done.stdout
    found = json.loads(run("simulate", *SMALL, "--json").stdout)
    assert [f["policy"] for f in found["policies"]] == ["fair", "newest"]
    assert {path.name for path in tmp_path.iterdir()} == {"data", "what-if.html"}


def test_own_data(run, submit):
    """One's own roster and notices are the population; without any, a sentence says what to do."""
    short = ("simulate", "--own-data", *SMALL[2:])
    assert "--own-data" in run(*short, code=2).stderr
    submit()
    run("notices", "approve", "1", undo_s="0")
    run("volunteers", "add", "--accept-charter", "--name", "Samir", "--network", "x=samir")
    assert "copied from your own data" in run(*short, "--cap-factor", "2").stderr
    for made_up in (("--volunteers", "15"), ("--cap", "3"), ("--same-nights",)):
        assert "leave --own-data out" in run(*short, *made_up, code=2).stderr


def test_own_data_as_now_and_changed(run, submit, data):
    """Without a change, one line as now; with one, the same arrivals under the changed rule besides."""
    submit()
    run("notices", "approve", "1", undo_s="0")
    run("volunteers", "add", "--accept-charter", "--name", "Samir", "--network", "x=samir")
    mine = ("simulate", "--own-data", "--days", "9", "--policy", "fair")
    found = data(*mine, "--json")
    assert [f["policy"] for f in found["policies"]] == ["now"]
    changed = data(*mine, "--people-factor", "3", "--demand", "2", "--network-day", "x=9", "--json")
    assert [f["policy"] for f in changed["policies"]] == ["now", "fair"]
    assert (changed["volunteers"], changed["scenario"]["demand"]) == (3, 2)
    assert changed["policies"][0] == found["policies"][0]


def test_what_cannot_be_played(run):
    """Unknown policies and periods without an end are refused with what there is."""
    assert "at_once" in run("simulate", "--policy", "lucky", code=2).stderr
    assert "x=30" in run("simulate", "--network-day", "myspace=3", code=2).stderr
    assert "--days" in run("simulate", "--days", "8", "--round-days", "8", code=2).stderr
