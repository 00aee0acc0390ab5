"""`bot admins …`."""


def test_the_admins_from_the_command_line(run, data):
    """Links are printed for new admins; names that are not there are said to be unknown."""
    assert "/fr/admin/setup/" in run("admins", "add", "--role", "moderator").stdout
    assert data("admins", "list", "--json") == []
    for args in (("role", "Eve", "reader"), ("reset", "Eve"), ("remove", "Eve", "--yes")):
        assert "no admin 'Eve'" in run("admins", *args, code=2).stderr
    assert "king" in run("admins", "add", "--role", "king", code=2).stderr
    assert [line["action"] for line in data("journal", "--json")] == ["admin.link_made"]


def test_roles_from_the_command_line(run, data, tmp_path):
    """An admin gets another role, a link for a new password, and is taken off."""
    run("admins", "list")
    from bot.app import build
    from bot.model.access import Role
    from bot.settings import Settings
    from bot.storage import admins as stored
    from tests.clocks import NOW

    app = build(Settings(data_dir=tmp_path / "data", _env_file=None))  # type: ignore[call-arg]
    for name in ("Camille", "Lise"):
        app.store.run_write(stored.add, name, "no hash", Role.OPERATOR, NOW)
    app.close()
    run("admins", "role", "Lise", "moderator")
    assert [(a["name"], a["role"]) for a in data("admins", "list", "--json")] == [
        ("Camille", "operator"),
        ("Lise", "moderator"),
    ]
    assert "/fr/admin/setup/" in run("admins", "reset", "Lise").stdout
    assert "only operator" in run("admins", "remove", "Camille", "--yes", code=1).stderr
    run("admins", "remove", "Lise", "--yes")
    assert [a["name"] for a in data("admins", "list", "--json")] == ["Camille"]
