"""`bot panic`, `bot resume`, `bot undo` at the terminal."""


def test_panic_status_and_resume(run, data):
    """Panic says how to go on, status shows it, going on needs a reason."""
    run("plan")
    assert "nothing goes out" in run("panic", "--reason", "odd posts").stderr
    assert data("status", "--json", code=None)["halt"]["reason"] == "odd posts"
    assert "Say why" in run("resume", code=2).stderr
    run("resume", "--reason", "found it")
    assert data("status", "--json", code=None)["halt"] is None


def test_undo_lists_what_is_left_to_do(run, data, submit):
    """A notice's boosts are taken back; those that were made are listed with their volunteers."""
    quick = {"undo_s": "0", "notice_spacing_min": "0"}
    submit()
    run("notices", "approve", "1", "--sector", "H", **quick)
    add = ("volunteers", "add", "--quiet", "none", "--accept-charter", "--name")
    run(*add, "Samir", "--network", "x=samir_dev")
    run("plan", **quick)
    run("plan", **quick)
    run("boosts", "done", "1")
    assert "Add --yes" in run("undo", "--notice", "1", code=2).stderr
    found = data("undo", "--notice", "1", "--yes", "--json")
    assert [row["boost"] for row in found["to_undo"]] == [1]
    assert data("notices", "show", "1", "--json")["state"] == "pending"
