"""`bot privacy` and `bot erase`, as an operator types them."""

import json


def test_the_rules_are_listed_with_what_is_late(data):
    """Each rule with its days and nothing late; what no tick can do is listed with its promise."""
    rules = {rule["code"]: rule for rule in data("privacy", "rules", "--json")}
    assert (rules["silent"]["kept"], rules["silent"]["late"]) == (60 * 86400, 0)
    assert "restore" in rules["backups"]["then"]


def test_a_seeker_is_erased(run, data, submit):
    """After a yes the notice is a number, and doctor finds nothing late."""
    submit("Zymologist")
    assert "--yes" in run("erase", "seeker", "1", code=2).stderr
    assert "with 1 notices" in run("erase", "seeker", "1", "--yes").stderr
    (notice,) = data("notices", "list", "--json")
    assert (notice["title"], notice["name"], notice["close_reason"]) == ("", "", "withdrawn")
    assert data("privacy", "sweep", "--json") == {}
    found = {one["name"]: one["wrong"] for one in json.loads(run("doctor", "--json").stdout)}
    assert found["retention"] is False


def test_a_volunteer_is_erased(run, data):
    """The same for a volunteer, and for nobody twice: an unknown number is said in a sentence."""
    join = ("--name", "Samir", "--network", "x=samir", "--accept-charter")
    run("volunteers", "add", *join)
    run("erase", "volunteer", "1", "--yes")
    (volunteer,) = data("volunteers", "list", "--json")
    assert (volunteer["state"], volunteer["name"], volunteer["accounts"]) == ("left", "", [])
    assert "no volunteer 9" in run("erase", "volunteer", "9", "--yes", code=1).stderr
    assert "no seeker 9" in run("erase", "seeker", "9", "--yes", code=1).stderr
