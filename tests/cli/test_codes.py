"""Exit codes and sentences: what a script and a person get when something is not as it should be."""

import json
import os
import sqlite3
from shutil import rmtree

import pytest


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("nonsense",), 2, "No such command"),
        (("notices", "show", "99"), 1, "There is no notice 99"),
        (("notices", "approve", "99"), 1, "There is no notice 99"),
        (("boosts", "done", "99"), 1, "There is no boost 99"),
        (("volunteers", "link", "99", "--yes"), 1, "There is no volunteer 99"),
        (("submit", "--title", "Welder"), 2, "There is a problem"),
        (("submit", "--title", "Welder", "--lang", "de"), 2, "lang: Choose French or English"),
        (("submit", "--json", "missing.json"), 2, "cannot be read"),
        (("volunteers", "add", "--name", "Samir", "--network", "x=samir"), 2, "charter"),
        (("volunteers", "add", "--name", "S", "--network", "samir", "--accept-charter"), 2, "NETWORK=HANDLE"),
        (("volunteers", "add", "--name", "S", "--network", "myspace=s", "--accept-charter"), 2, "myspace"),
        (("run", "--port", "0"), 2, "--port"),
        (("config", "--example", "--env-example"), 2, "Choose"),
    ],
)
def test_mistakes_are_said_in_a_sentence(run, args, code, says):
    """A wrong command ends with its exit code and a sentence on standard error, and prints no data."""
    done = run(*args, code=code)
    assert says in done.stderr
    assert done.stdout == ""


def test_a_wrong_setting_is_five(run):
    """A setting that cannot be used is named, with exit code 5."""
    done = run("notices", "list", code=5, port="many")
    assert "port" in done.stderr


def test_a_newer_database_is_six(run, tmp_path):
    """A database of a newer program is not touched, with exit code 6."""
    with sqlite3.connect(tmp_path / "data/languette.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer than this program" in run("notices", "list", code=6).stderr


def test_status_needs_a_heartbeat(run, installed):
    """`bot status` fails when nothing runs, with a database and without."""
    found = json.loads(run("status", "--json", code=1).stdout)
    assert (found["running"], found["alive"]) == (False, False)
    rmtree(installed)
    assert "bot run" in run("status", code=1).stderr


def test_reading_makes_nothing(run, installed, tmp_path):
    """Help, version, config, status and doctor leave an empty folder empty."""
    rmtree(installed)
    for args in (("--help",), ("version",), ("config",), ("doctor",)):
        run(*args)
    run("status", code=1)
    assert list(tmp_path.iterdir()) == []


def test_doctor_finds_what_is_wrong(run, tmp_path):
    """The doctor passes a sound installation, and fails one whose key others may read."""
    sound = json.loads(run("doctor", "--json", port="18765").stdout)
    assert {one["name"] for one in sound} >= {
        "python",
        "settings",
        "folder",
        "disk",
        "key",
        "database",
        "admin",
    }
    assert not any(one["wrong"] for one in sound)
    assert next(one for one in sound if one["name"] == "contact")["advice"]
    (tmp_path / "data/secret.key").chmod(0o644)
    assert "chmod 600" in run("doctor", code=1).stdout


def test_doctor_finds_a_damaged_database(run, tmp_path):
    """The doctor names a file that is no database and says what to restore."""
    for name in ("languette.db-wal", "languette.db-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    (tmp_path / "data/languette.db").write_bytes(os.urandom(8192))
    done = run("doctor", code=1)
    assert "bot backup restore" in done.stdout


def test_doctor_explains_a_wrong_setting(run):
    """With settings that cannot be used, the doctor says which instead of giving up."""
    assert "port" in run("doctor", code=1, port="many").stdout


def test_json_from_standard_input(run):
    """`bot submit --json -` reads one object; unknown names and wrong types are refused."""
    words = {"title": "Welder", "place": "Lille", "text": "Ten years.", "name": "Moussa", "consent": True}
    assert "/n/" in run("submit", "--json", "-", stdin=json.dumps(words)).stdout
    assert "salary" in run("submit", "--json", "-", stdin=json.dumps({"salary": "1"}), code=2).stderr
    assert "type" in run("submit", "--json", "-", stdin=json.dumps({"title": 3}), code=2).stderr
    assert "JSON" in run("submit", "--json", "-", stdin="{", code=2).stderr


def test_another_folder(run, installed, tmp_path):
    """--data-dir puts everything into that folder, relative to the working one; a read makes none."""
    rmtree(installed)
    assert "bot run" in run("notices", "list", "--data-dir", "elsewhere", code=6).stderr
    assert list(tmp_path.iterdir()) == []
    run("admins", "add", "--data-dir", "elsewhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere"]
    run("notices", "list", "--data-dir", "elsewhere")
