"""The whole story, through the command line alone."""


def test_a_notice_from_the_form_to_the_job(run, data, submit):
    """Sent, approved, planned, boosted by two volunteers, closed by a job found: on an empty folder."""
    quick = {"undo_s": "0", "notice_spacing_min": "0"}
    link = submit()
    assert "/fr/n/" in link
    assert [n["state"] for n in data("notices", "list", "--json")] == ["pending"]
    run("notices", "approve", "1", "--sector", "H", **quick)
    add = ("volunteers", "add", "--quiet", "none", "--accept-charter")
    samir = run(*add, "--name", "Samir", "--network", "x=samir_dev", "--network", "mastodon=samir@piaille.fr")
    lise = run(*add, "--name", "Lise", "--network", "bluesky=lise.bsky.social", "--cap", "3", "--sector", "H")
    assert "/fr/inbox/" in samir.stdout
    assert samir.stdout != lise.stdout
    dry = data("plan", "--dry-run", "--json", **quick)
    assert dry["planned"] == 2
    assert data("boosts", "list", "--json") == []
    planned = data("plan", "--json", **quick)
    assert planned["planned"] == 2
    run("plan", **quick)
    boosts = data("boosts", "list", "--json")
    assert {boost["state"] for boost in boosts} == {"asked"}
    assert {boost["volunteer"] for boost in boosts} == {1, 2}
    for boost in boosts:
        run("boosts", "done", str(boost["id"]))
    notice = data("notices", "show", "1", "--json")
    assert notice["boosts"] == {"done": 2, "waiting": 0, "planned": 0}
    assert notice["sector"] == "H"
    run("notices", "close", "1", "--reason", "found_job", "--yes")
    (closed,) = data("notices", "list", "--state", "closed", "--json")
    assert closed["close_reason"] == "found_job"
    acts = [line["action"] for line in data("journal", "--json", "--subject", "notice:1")]
    assert acts[0] == "notice.found_job"
    assert acts[-1] == "notice.received"


def test_a_refusal_and_its_undo(run, data, submit):
    """A refusal wants a reason and a yes; within its window it is taken back."""
    submit()
    assert "reason" in run("notices", "refuse", "1", "--yes", code=2).stderr
    assert "--yes" in run("notices", "refuse", "1", "--reason", "scam", code=2).stderr
    run("notices", "refuse", "1", "--reason", "scam", "--note", "This asks for money.", "--yes")
    assert data("notices", "list", "--json")[0]["close_reason"] == "refused"
    run("notices", "undo", "1")
    assert data("notices", "list", "--json")[0]["state"] == "pending"
    run("notices", "ask", "1", "--note", "Which town?")
    assert data("notices", "list", "--json")[0]["state"] == "asked"


def test_a_fix_takes_the_number_out(run, data):
    """Approving with --fix removes the phone number from the words that are boosted."""
    words = ("--place", "Lille", "--text", "Ten years of TIG. Call 06 12 34 56 78.", "--name", "Moussa")
    run("submit", "--title", "Welder", *words, "--consent")
    run("notices", "approve", "1", "--fix", undo_s="0")
    assert "06 12" not in data("notices", "show", "1", "--json")["text"]


def test_a_volunteer_pauses_comes_back_and_leaves(run, data):
    """Pause, resume, new link and removal act on the roster; removal wants a yes."""
    run("volunteers", "add", "--name", "Samir", "--network", "x=samir_dev", "--accept-charter")
    run("volunteers", "pause", "1", "--days", "7")
    assert data("volunteers", "list", "--state", "paused", "--json")[0]["name"] == "Samir"
    run("volunteers", "resume", "1")
    assert data("volunteers", "show", "1", "--json")["state"] == "active"
    assert "/inbox/" in run("volunteers", "link", "1", "--yes").stdout
    run("volunteers", "remove", "1", code=2)
    run("volunteers", "remove", "1", "--yes")
    gone = data("volunteers", "show", "1", "--json")
    assert (gone["state"], gone["name"], gone["accounts"]) == ("left", "", [])


def test_a_paused_notice_goes_on(run, data, submit):
    """Pause and resume move a notice out of the queue and back; its link can be renewed."""
    first = submit()
    run("notices", "approve", "1", undo_s="0")
    run("notices", "pause", "1")
    assert data("notices", "list", "--json")[0]["state"] == "paused"
    run("notices", "resume", "1")
    assert data("notices", "list", "--json")[0]["state"] == "active"
    assert run("notices", "link", "1", "--yes").stdout.strip() != first
