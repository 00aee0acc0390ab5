"""`bot keys`, and a start that a missing key stops."""

import json
import os
import time

from bot.delivery import tokens
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.trust import keyfile
from tests.clocks import NOW


def test_keys_are_made_shown_and_changed(run, data, tmp_path):
    """A key is made once, shown without being printed, and changed."""
    file = tmp_path / "vault.key"
    assert "vault_key" in run("keys", "new", str(file)).stdout
    assert "already" in run("keys", "new", str(tmp_path / "two.key"), code=1).stderr
    first = data("keys", "show", "--json", vault_key=str(file))
    assert first == [{"key": first[0]["key"], "tokens": 0, "private": str(file), "seals": True}]
    run("keys", "rotate", vault_key=str(file))
    second = data("keys", "show", "--json", vault_key=str(file))
    assert [one["key"] for one in second] != [one["key"] for one in first]
    secret = file.read_text().split()[1]
    assert secret not in json.dumps(second)
    assert run("keys", "rotate", code=2).stderr.startswith("The setting vault_key")


def test_start_is_refused_without_the_key(run, app, make_volunteer, tmp_path):
    """With a token kept, `bot run` names the setting and ends with code 5."""
    seal = keyfile.write_private(tmp_path / "vault.key", tmp_path / "data", [keyfile.new_key()]).seal
    account = make_volunteer().accounts[0]
    app.store.run_write(tokens.give, seal, account, Secret("x"), mode=Mode.AUTOMATIC, now=NOW)
    assert "vault_key is empty" in run("run", code=5).stderr


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
