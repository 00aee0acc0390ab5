"""What commands print: JSON for programs, tab-separated values for pipes, columns for people."""

import json
import os
import pty
import subprocess
import sys

from bot.cli import show
from tests.cli.conftest import environment

NOTICE = {
    "id", "state", "title", "place", "remote", "contract", "text", "name", "lang", "sector", "region",
    "posts", "answer_to", "boosts", "demand", "created_at", "opened_at", "deadline", "waited_s", "next",
    "why", "reported", "close_reason", "closed_at", "snoozed_until",
}  # fmt: skip
SHOWN = {"seeker", "person", "twins", "asked", "reports", "journal"}
VOLUNTEER = {
    "id", "name", "state", "paused_until", "accounts", "cap_day", "asked_today", "spacing_min", "quiet",
    "time_zone", "languages", "sectors", "regions", "joined_at", "answered_at",
}  # fmt: skip
ENTRY = {"id", "at", "actor", "action", "subject", "details"}


def test_shapes_of_json(run, data, submit):
    """Each read prints one JSON document with its documented names."""
    submit()
    run("volunteers", "add", "--name", "Samir", "--network", "x=samir_dev", "--accept-charter")
    assert set(data("notices", "list", "--json")[0]) == NOTICE
    assert set(data("notices", "show", "1", "--json")) == NOTICE | SHOWN
    assert set(data("volunteers", "list", "--json")[0]) == VOLUNTEER
    assert set(data("volunteers", "show", "1", "--json")) == VOLUNTEER | {"lent", "boosts", "journal"}
    assert set(data("journal", "--json")[0]) == ENTRY
    assert data("boosts", "list", "--json") == []
    assert data("admins", "list", "--json") == []
    assert {"name", "value", "source", "help"} == set(data("config", "--json")[0])
    status = set(data("status", "--json", code=1))
    assert {"running", "alive", "ticks", "counts", "level", "lending"} <= status


def test_no_read_shows_a_token_or_an_address(run, submit):
    """Neither the status token nor the e-mail address comes back in any read."""
    token = submit("Welder").rsplit("/", 1)[1]
    run("submit", "--json", "-", stdin=json.dumps({
        "title": "Baker", "place": "Lyon", "text": "Bread at four.", "name": "Lise",
        "email": "lise@example.org", "consent": True,
    }))  # fmt: skip
    for args in (("notices", "list"), ("notices", "show", "2"), ("journal",)):
        for text in (run(*args).stdout, run(*args, "--json").stdout):
            assert token not in text
            assert "lise@example.org" not in text


def test_pipes_get_tabs(run, submit):
    """In a pipe a table is one line of heads and one line a row, separated by tabs."""
    submit("Welder")
    heads, row = run("notices", "list").stdout.splitlines()
    assert heads.split("\t")[:3] == ["id", "state", "title"]
    assert row.split("\t")[:4] == ["1", "pending", "Welder", "0/12"]


def test_terminals_get_columns(tmp_path):
    """At a terminal a table has upper-case heads in aligned columns and no escape sequence."""
    screen, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "config"],
        cwd=tmp_path,
        env=environment() | {"NO_COLOR": "1"},
        stdout=side,
        stderr=subprocess.DEVNULL,
    )
    os.close(side)
    text = b""
    while True:
        try:
            if not (part := os.read(screen, 65536)):
                break
        except OSError:  # the terminal's other end was closed
            break
        text += part
    os.close(screen)
    assert process.wait(30) == 0
    lines = text.decode().splitlines()
    assert lines[0].startswith("SETTING")
    assert "\x1b" not in text.decode()
    assert len({line.index(word) for line, word in zip(lines, ("VALUE", "Languette"), strict=False)}) == 1


def test_hostile_words_cannot_move_the_cursor(capsys):
    """Control, direction and format characters of a seeker are printed as spaces."""
    show.table(("title",), [["a\x1b[2Jb\u202ec\td\ne\u200bf"]])
    assert capsys.readouterr().out == "title\na [2Jb c d e f\n"
