"""The journal in words: what admins read for ids, counts and codes."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot
from bot.locale import say
from bot.model.journal import Entry
from bot.web import labels
from bot.web.details import WORDS, said

NETWORKS = {"x": "X", "mastodon": "Mastodon"}


def entry(**details) -> Entry:
    """A line with these details."""
    return Entry(1, datetime(2026, 11, 17, tzinfo=UTC), "admin:1", "notice.refused", "notice:1", details)


def written() -> set[str]:
    """Give the names of all details that the code gives to the journal."""
    found = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in {"journal.write", "_note"}:
                found |= {word.arg for word in call.keywords if word.arg}
    return found


def test_each_detail_has_words():
    """Whatever the code notes can be read; `reason` is noted through a dictionary."""
    assert written() | {"reason", "lines", "last"} == WORDS.keys()


@pytest.mark.parametrize(
    ("details", "lang", "words"),
    [
        ({"decision": 7, "reason": "scam"}, "en", "decision 7, Scam or advertising"),
        ({"decision": 7, "reason": "scam"}, "fr", "décision 7, Arnaque ou publicité"),
        ({"networks": ["x", "mastodon"]}, "en", "X, Mastodon"),
        ({"until": "2026-11-24T09:00:00+00:00", "boosts": 2}, "en", "until Tuesday 24 November, 10:00"),
        ({"until": None, "boosts": 0}, "en", ""),
        ({"before": "reader", "role": "operator"}, "fr", "avant : lecture"),
        ({"part": "hours"}, "fr", "heures calmes et fuseau horaire"),
        ({"all": True}, "fr", "dans tous les navigateurs"),
        ({"new": 3}, "en", "new: 3"),
    ],
)
def test_details_are_words(details, lang, words):
    """Codes become words of the reader's language, nothing says nothing, the unknown stays as it is."""
    found = ", ".join(say(one, lang, "Europe/Paris") for one in said(entry(**details), NETWORKS))
    assert found.replace("\u00a0", " ").startswith(words) if words else not found


@pytest.mark.parametrize(
    ("code", "words"), [("admin:1", "Camille"), ("admin:2", "Admin 2"), ("volunteer:1", "Volunteer 1")]
)
def test_admins_have_names(code, words):
    """An admin who is known has a name; one who was removed, and everybody else, a number."""
    assert str(labels.named(code, labels.ACTORS, {1: "Camille"})) == words
