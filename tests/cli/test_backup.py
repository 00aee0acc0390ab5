"""`bot backup` at the terminal."""


def test_create_list_verify_restore(run, data, submit, tmp_path):
    """A backup is made, listed and proved; restored, it is halted and lacks what came after it."""
    submit()
    made = run("backup", "create")
    name = made.stdout.strip()
    assert "lies beside the data" in made.stderr
    (said,) = [one for one in data("doctor", "--json", code=None) if one["name"] == "backups"]
    assert name in said["found"]
    assert "backup_key" in said["advice"]
    submit("Baker")
    (note,) = data("backup", "list", "--json")
    assert (note["name"], note["why"], note["rows"]["notice"]) == (name, "by hand", 1)
    found = data("backup", "verify", "--json")
    assert (found["opened"], found["problems"]) == (True, [])
    assert "Add --yes" in run("backup", "restore", code=2).stderr
    assert "halted" in run("backup", "restore", "--yes").stderr
    assert len(data("notices", "list", "--json")) == 1
    assert data("status", "--json", code=None)["halt"]["reason"] == "restored"
    assert len(list((tmp_path / "data").glob("languette.db.replaced-*"))) == 1


def test_without_a_backup(run):
    """Nothing to verify or restore gives a sentence, not a traceback."""
    run("notices", "list")
    assert "bot backup create" in run("backup", "verify", code=1).stderr
