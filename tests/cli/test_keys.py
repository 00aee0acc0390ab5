"""`bot keys`, and a start that a missing key stops."""

import json
import os
import time

import pytest

from bot.app import build
from bot.delivery import tokens
from bot.lock import alone
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.storage import access
from bot.trust import keyfile
from tests.clocks import NOW


@pytest.fixture
def app(installed, settings):
    """The installation that the commands work on, with its own secret."""
    made = build(settings)
    yield made
    made.close()


def test_keys_are_made_shown_and_changed(run, data, tmp_path):
    """A key is made once, shown without being printed, and changed."""
    file = tmp_path / "vault.key"
    assert "vault_key" in run("keys", "new", str(file)).stdout
    assert "already" in run("keys", "new", str(tmp_path / "two.key"), code=1).stderr
    first = data("keys", "show", "--json", vault_key=str(file))
    as_made = {"key": first[0]["key"], "tokens": 0, "private": str(file), "seals": True, "retired": None}
    assert first == [as_made]
    assert "bot keys prune --now" in run("keys", "rotate", vault_key=str(file)).stderr
    old, new = data("keys", "show", "--json", vault_key=str(file))
    assert old == as_made | {"seals": False, "retired": old["retired"]}
    assert (new["seals"], new["retired"]) == (True, None)
    assert not [
        word for word in file.read_text().split() if len(word) == 44 and word in json.dumps([old, new])
    ]
    assert run("keys", "rotate", code=2).stderr.startswith("The setting vault_key")


def test_start_is_refused_without_the_key(run, app, make_volunteer, tmp_path):
    """With a token kept, `bot run` names the setting and ends with code 5."""
    seal = keyfile.write_private(tmp_path / "vault.key", tmp_path / "data", [keyfile.new_key()]).seal
    account = make_volunteer().accounts[0]
    app.store.run_write(tokens.give, seal, account, Secret("x"), mode=Mode.AUTOMATIC, now=NOW)
    assert "vault_key is empty" in run("run", code=5).stderr


def test_going_on_without_a_lost_key(run, data, app, make_volunteer, tmp_path):
    """It lists, then asks; what is given up is said, backed up before, and the rest starts. A key is made."""
    file, other = tmp_path / "vault.key", tmp_path / "other.key"
    run("keys", "new", str(file))
    seal, account = keyfile.Published(tmp_path / "data"), make_volunteer().accounts[0]
    app.store.run_write(tokens.give, seal, account, Secret("x"), mode=Mode.AUTOMATIC, now=NOW)
    assert "Nothing is lost" in run("keys", "lost", vault_key=str(file)).stdout
    file.rename(tmp_path / "forgotten")
    assert "bot keys lost" in run("run", code=5, vault_key=str(file)).stderr
    assert "bot keys lost" in run("keys", "new", str(other), code=1).stderr
    before = [one["tokens"] for one in data("keys", "show", "--json", vault_key=str(file))]
    asked = run("keys", "lost", vault_key=str(file), code=2)
    assert account.handle in asked.stdout
    assert "Add --yes" in asked.stderr
    assert not file.exists()
    assert [one["tokens"] for one in data("keys", "show", "--json", vault_key=str(file))] == before == [1]
    with alone(tmp_path / "data"):
        assert "already runs" in run("keys", "lost", "--yes", vault_key=str(file), code=6).stderr
    run("keys", "lost", "--yes", vault_key=str(file))
    (made,) = data("keys", "show", "--json", vault_key=str(file))
    assert (made["tokens"], made["seals"], made["private"]) == (0, True, str(file))
    (note,) = data("backup", "list", "--json")
    assert note["why"] == "key lost"
    (line,) = data("journal", "--action", "access.", "--json")
    assert (line["action"], line["details"]) == ("access.key_lost", {"account": account.id, "network": "x"})
    assert tokens.open_vault(app.store, str(file), tmp_path / "data") is not None


def test_a_backup_without_its_key_says_so(run, app, make_volunteer, tmp_path):
    """Restored after its key was removed by force, it names the way on; after that nothing is in the way."""
    file = tmp_path / "vault.key"
    run("keys", "new", str(file))
    seal, account = keyfile.Published(tmp_path / "data"), make_volunteer().accounts[0]
    app.store.run_write(tokens.give, seal, account, Secret("x"), mode=Mode.AUTOMATIC, now=NOW)
    run("backup", "create", vault_key=str(file))
    run("keys", "rotate", vault_key=str(file))
    assert "No key was removed" in run("keys", "prune", vault_key=str(file)).stdout
    app.store.close()
    assert "bot keys" not in run("backup", "restore", "--yes", vault_key=str(file)).stderr
    run("keys", "rotate", vault_key=str(file))
    assert "Add --yes" in run("keys", "prune", "--now", vault_key=str(file), code=2).stderr
    assert "Removed" in run("keys", "prune", "--now", "--yes", vault_key=str(file)).stdout
    assert "bot keys lost" in run("backup", "restore", "--yes", vault_key=str(file)).stderr
    assert "bot keys lost" in run("run", vault_key=str(file), code=5).stderr
    run("keys", "lost", "--yes", vault_key=str(file))
    assert "Nothing is lost" in run("keys", "lost", vault_key=str(file)).stdout


@pytest.fixture
def lent(run, app, make_volunteer, tmp_path):
    """Two accounts whose tokens are kept, and the key's file."""
    file = tmp_path / "vault.key"
    run("keys", "new", str(file))
    accounts = [make_volunteer(accounts=[("x", f"v{n}")]).accounts[0] for n in range(2)]
    seal = keyfile.Published(tmp_path / "data")
    for account in accounts:
        app.store.run_write(tokens.give, seal, account, Secret("x"), mode=Mode.AUTOMATIC, now=NOW)
    return str(file), *accounts


def put(app, account, text):
    """Put another text in the place of an account's token."""
    old = app.store.run_read(access.of, account.id).sealed
    assert app.store.run_write(access.reseal, account.id, old=old, new=text)


def test_a_damaged_value_is_said_and_given_up(run, data, app, lent, tmp_path):
    """Doctor, rotation and removal by force name the way on; its volunteer is asked to connect again."""
    file, one, other = lent
    put(app, one, app.store.run_read(access.of, other.id).sealed)
    (lending,) = (o for o in data("doctor", "--json", code=1, vault_key=file) if o["name"] == "lending")
    assert (lending["wrong"], "bot keys lost" in lending["advice"]) == (True, True)
    assert lending["found"].endswith(f" {one.id}")
    said = run("keys", "rotate", vault_key=file)
    assert said.stdout.startswith("1 tokens")
    assert "1 sealed values were left" in said.stderr
    (line,) = data("journal", "--action", "access.unopened", "--json")
    assert line["details"] == {"account": one.id, "network": "x"}
    forced = run("keys", "prune", "--now", "--yes", vault_key=file)
    assert ("Removed" in forced.stdout, "bot keys lost" in forced.stderr) == (True, True)
    asked = run("keys", "lost", vault_key=file, code=2)
    assert (one.handle in asked.stdout, other.handle in asked.stdout) == (True, False)
    run("keys", "lost", "--yes", vault_key=file)
    assert "Nothing is lost" in run("keys", "lost", vault_key=file).stdout
    lost = [app.store.run_read(access.of, account.id).lost_at for account in (one, other)]
    assert (lost[0] is None, lost[1]) == (False, None)
    assert tokens.open_vault(app.store, file, tmp_path / "data") is not None


def test_a_value_that_is_no_sealed_one_is_given_up(run, app, lent):
    """Whatever stands there is listed, and in nobody's way."""
    file, one, _ = lent
    put(app, one, "?")
    assert "1 sealed values were left" in run("keys", "rotate", vault_key=file).stderr
    assert one.handle in run("keys", "lost", vault_key=file, code=2).stdout
    run("keys", "lost", "--yes", vault_key=file)
    assert "Nothing is lost" in run("keys", "lost", vault_key=file).stdout


def test_the_doctor_looks_at_lending(run, data, tmp_path):
    """It says when a key is missing, does not fit or is a year old, and when all is well."""

    def said(**settings):
        (found,) = [o for o in data("doctor", "--json", code=None, **settings) if o["name"] == "lending"]
        return found

    assert said()["advice"] == ""
    (tmp_path / "config/networks").mkdir(parents=True)
    (tmp_path / "config/networks/mastodon.toml").write_text('modes = ["by_hand", "one_tap"]\n')
    assert "bot keys new" in said()["advice"]
    file = tmp_path / "vault.key"
    run("keys", "new", str(file))
    assert said()["wrong"]
    assert said(vault_key=str(file)) | {"found": ""} == {
        "name": "lending",
        "found": "",
        "advice": "",
        "wrong": False,
    }
    made = tmp_path / "data/vault.pub"
    os.utime(made, (0, time.time() - 366 * 86_400))
    assert "bot keys rotate" in said(vault_key=str(file))["advice"]
    run("keys", "rotate", vault_key=str(file))
    assert said(vault_key=str(file))["advice"] == ""
