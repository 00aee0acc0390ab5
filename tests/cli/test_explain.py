"""`bot explain …` says in words and as data why a notice or a boost stands where it does."""

import pytest

from bot.storage import notices, rounds

QUICK = {"undo_s": "0", "notice_spacing_min": "0"}


@pytest.fixture
def collective(run, submit):
    """Two notices and one volunteer, who was asked for the first."""
    for n, title in enumerate(("Welder", "Baker"), 1):
        submit(title)
        run("notices", "approve", str(n), "--sector", "H", **QUICK)
    add = ("volunteers", "add", "--quiet", "none", "--accept-charter", "--name", "Samir", "--sector", "H")
    run(*add, "--network", "x=samir")
    run("plan", **QUICK)


def test_a_boost_is_explained(run, data, collective):
    """Slot, how many fitted, rank, runner-up, rule, state and times; in English, in French, as data."""
    (boost,) = data("boosts", "list", "--state", "asked", "--json")
    number = str(boost["id"])
    told = data("explain", "boost", number, "--json")
    assert {"boost", "notice", "volunteer", "state", "due_at", "asked_at", "reason", "why"} <= set(told)
    assert told["reason"] == boost["reason"]
    text = run("explain", "boost", number).stdout
    assert "2 notices matched you" in text
    assert "It had no share yet" in text
    assert "Next came notice 2" in text
    assert "slot-time/1" in text
    assert "Elle n’avait encore aucun relais" in run("explain", "boost", number, "--lang", "fr").stdout


def test_a_notice_is_explained(run, data, collective):
    """Where it stands, what comes next, and what was asked last."""
    told = data("explain", "notice", "1", "--json")
    assert told["place"] == {
        "boosts": 1, "carried": 0, "level": 1.0, "others": 1, "fewer": 1, "equal": 0,
    }  # fmt: skip
    assert [one["volunteer"] for one in told["decisions"]] == [1]
    assert {"waiting", "certificate", "why", "next", "demand", "deadline"} <= set(told)
    assert "with fewer shares: 1" in run("explain", "notice", "1").stdout
    run("notices", "pause", "1")
    assert "Elle ne circule pas" in run("explain", "notice", "1", "--lang", "fr").stdout


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("notice", "99"), 1, "There is no notice 99"),
        (("boost", "99"), 1, "There is no boost 99"),
        (("boost", "1", "--lang", "de"), 2, "there are fr, en"),
    ],
)
def test_mistakes(run, args, code, says):
    """An unknown number or language is said in a sentence."""
    assert says in run("explain", *args, code=code).stderr


def test_a_certificate_of_somebody_who_left_is_not_told(run, data, app, make_notice):
    """The last round saw nobody: no sentence, and no data, of who shares it."""
    number = make_notice().id
    proved = {"volunteers": 0, "best": 1, "slots": 0, "people": 0, "most": 0}
    app.store.run_write(rounds.certify, {number: proved})
    assert "it can have 1 share" in run("explain", "notice", str(number)).stdout
    app.store.run_write(notices.set_waiting, {number: {"code": "no_volunteers"}})
    text = run("explain", "notice", str(number)).stdout
    assert "There is no volunteer yet." in text
    assert "it can have" not in text
    assert data("explain", "notice", str(number), "--json")["certificate"] is None
