"""`bot panic`, `bot resume`, `bot undo` at the terminal."""


def test_panic_status_and_resume(run, data):
    """Panic says how to go on, status shows it, going on needs a reason."""
    run("plan")
    assert "nothing goes out" in run("panic", "--reason", "odd posts").stderr
    assert data("status", "--json", code=None)["halt"]["reason"] == "odd posts"
    assert "Say why" in run("resume", code=2).stderr
    run("resume", "--reason", "found it")
    assert data("status", "--json", code=None)["halt"] is None


def test_a_second_panic_says_what_stands(run, data):
    """The first reason stays; the second caller reads it, and that theirs is not kept."""
    run("plan")
    run("panic", "--reason", "odd posts")
    said = run("panic", "--reason", "me too").stderr
    assert "by cli, because “odd posts”" in said
    assert "not kept" in said
    assert "not kept" not in run("panic").stderr
    assert data("status", "--json", code=None)["halt"]["reason"] == "odd posts"


def test_a_reason_is_one_line_of_what_can_be_seen(run, data):
    """No line of a log and no command of a terminal hides in a reason."""
    run("plan")
    run("panic", "--reason", "odd\n2026-11-29 all is well\x1b[2J\u202e\tposts ")
    halt = data("status", "--json", code=None)["halt"]
    assert halt["reason"] == "odd 2026-11-29 all is well [2J posts"
    assert "Say why" in run("resume", "--reason", "\n\x1b ", code=2).stderr


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
