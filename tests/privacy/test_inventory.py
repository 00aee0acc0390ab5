"""No column of a person's data lacks its place in their copy, its rule and its erasure."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlmodel import SQLModel

from bot.app import App
from bot.model.journal import CLI
from bot.privacy import erasure
from bot.privacy.inventory import COLUMNS, ELSEWHERE
from bot.privacy.rules import PROMISES, RULES
from bot.storage import portrait
from tests.clocks import StillClock
from tests.privacy.people import SEEKERS_WORDS, VOLUNTEERS_WORDS, People, story

MAPPED = [(table, name, column) for table, names in COLUMNS.items() for name, column in names.items()]
NOT_IN_THE_STORY = {"call", "recall", "sighting"}
"""Tables that the story of the two people leaves empty."""


@pytest.fixture
def people(app: App, clock: StillClock) -> People:
    """Two people and their story."""
    return story(app, clock)


def rows_of(app: App, table: str, people: People) -> list[dict[str, Any]]:
    """Give the rows of a table straight from the file; each is about one of the two people."""
    with closing(sqlite3.connect(app.settings.database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


def copies(app: App, people: People) -> dict[str, Any]:
    """Give what both people are given."""
    return {
        "seeker": app.store.run_read(portrait.seeker, people.seeker),
        "volunteer": app.store.run_read(portrait.volunteer, people.volunteer),
    }


def shown(copy: Any, path: list[str]) -> bool:
    """Whether a copy has a value at the end of a path; a list is looked through."""
    if isinstance(copy, list):
        return any(shown(one, path) for one in copy)
    if not path:
        return True
    return isinstance(copy, dict) and path[0] in copy and shown(copy[path[0]], path[1:])


def test_every_column_is_mapped():
    """A new column or table fails here until it is given its place, or said to be about nobody."""
    tables = {name: set(table.columns.keys()) for name, table in SQLModel.metadata.tables.items()}
    mapped = {name: set(columns) for name, columns in COLUMNS.items()}
    assert mapped == {name: columns for name, columns in tables.items() if name not in ELSEWHERE}
    assert ELSEWHERE.keys() < tables.keys()


def test_every_rule_named_is_one():
    """Each column goes by a rule that is applied, or by a promise that is written."""
    known = {rule.code for rule in RULES} | {promise.code for promise in PROMISES}
    assert {column.rule for _, _, column in MAPPED} <= known


def test_each_column_stands_in_the_copy(app: App, people: People):
    """Each place in the copies is there in the copies of two people who did everything."""
    found = copies(app, people)
    missing = [
        column.copy
        for table, _, column in MAPPED
        if column.copy != "-" and table not in NOT_IN_THE_STORY and not shown(found, column.copy.split("."))
    ]
    assert missing == []


def test_the_copies_hold_every_word_and_open_no_door(app: App, people: People):
    """What they typed and what was said to them is there; tokens, and the other's name, are not."""
    found = {who: json.dumps(copy, ensure_ascii=False).lower() for who, copy in copies(app, people).items()}
    since_changed = {"yeast and copper kettles"}
    assert [word for word in SEEKERS_WORDS if word.lower() not in found["seeker"]] == list(since_changed)
    assert [w for w in VOLUNTEERS_WORDS if w.lower() not in found["volunteer"]] == []
    for text in found.values():
        assert people.seeker_token.lower() not in text
        assert people.volunteer_token.lower() not in text
    assert "balthazar" not in found["seeker"]
    assert "perpetua" not in found["volunteer"]


def test_each_column_is_erased_as_it_says(app: App, clock: StillClock, people: People):
    """Blank is empty or neutral, replaced is another value, deleted is no row, and only the rest stays."""
    before = {table: rows_of(app, table, people) for table in COLUMNS}
    ledger, now = app.ledger(), clock.now()
    erasure.erase_seeker(app.store, ledger, people.seeker, now=now, actor=CLI)
    erasure.erase_volunteer(app.store, ledger, people.volunteer, now=now, actor=CLI)
    after = {table: rows_of(app, table, people) for table in COLUMNS}
    wrong = []
    for table, name, column in MAPPED:
        old, new = ([row[name] for row in rows[table]] for rows in (before, after))
        if table not in NOT_IN_THE_STORY:
            assert old, f"{table} is empty before the erasure"
        holds = {
            "blank": all(value in {None, "", "{}", "[]", "null", 0, "any"} for value in new),
            "deleted": not new,
            "replaced": not old or all(value not in old for value in new),
            "stays": True,
        }[column.erased]
        wrong += [] if holds else [f"{table}.{name} {column.erased}: {new}"]
    assert wrong == []
