"""The journal is written at its end only, and whatever goes round that is found."""

import hmac
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from bot.app import App, build
from bot.model.journal import CLI, DAEMON, Actor
from bot.settings import Settings
from bot.storage import Session, chain, journal
from bot.storage.chain import Breach, Verdict
from tests.conftest import NOW, StillClock

LINES = 12


def fill(session: Session) -> None:
    """Write some lines, an hour apart."""
    for i in range(LINES):
        actor = Actor("volunteer", i) if i % 2 else DAEMON
        at = NOW + timedelta(hours=i)
        journal.write(session, at, actor, "boost.asked", f"boost:{i}", notice=i * 7, reason="a:b é")


@pytest.fixture
def written(app: App) -> App:
    """An installation whose journal has lines 1 to 12."""
    app.store.run_write(fill)
    return app


def tamper(app: App, *statements: str) -> Verdict:
    """Change the file behind the program's back, without its triggers, and give what the check finds."""
    with closing(sqlite3.connect(app.settings.database)) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
    return app.store.run_read(chain.verify)


def test_an_untouched_journal_holds(written):
    """Every line that was written is checked and holds; the head is the last of them."""
    found = written.store.run_read(chain.verify)
    assert (found.lines, found.first, found.head.id, found.breach) == (LINES, 1, LINES, None)
    assert found.head == written.store.run_read(chain.head)


def test_a_link_is_the_hmac_of_the_standard():
    """Python's own computation of RFC 2104 is the oracle; existing journals hang on it."""
    key, parts = bytes(range(32)), ("2026-01-01 00:00:00.000000", "daemon", "boost.asked", "boost:7", "{}")
    text = b"before7 26 6 11 7 2026-01-01 00:00:00.000000daemonboost.askedboost:7{}"
    assert chain.link(key, "before", 7, parts) == hmac.digest(key, text, "sha256").hex()


def test_an_empty_journal_holds(app):
    """An installation that has just been made has nothing to hide."""
    assert app.store.run_read(chain.verify).breach is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'cli' WHERE id = 5",
        "UPDATE journal SET chain = '' WHERE id = 12",
        "DELETE FROM journal WHERE id = 5",
        "DELETE FROM journal",
        "REPLACE INTO journal SELECT id, at, 'cli', action, '', details, chain FROM journal WHERE id = 5",
        "UPDATE journal_head SET last_id = 4",
        "UPDATE journal_head SET kept_after = 99",
        "DELETE FROM journal_head",
        "INSERT OR REPLACE INTO journal_head VALUES (1, 0, '', 0, '', '')",
    ],
)
def test_the_database_itself_refuses(written, statement):
    """Not even a bare SQLite connection changes, deletes or replaces a line, or turns the head back."""
    refused = pytest.raises(sqlite3.IntegrityError, match="journal")
    with closing(sqlite3.connect(written.settings.database)) as database, refused:
        database.execute(statement)
    assert written.store.run_read(chain.verify).breach is None


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "details", "chain"])
@pytest.mark.parametrize("value", ["'x'", "7", "x'00'"])
def test_any_altered_value_is_found(written, column, value):
    """Whatever column of whatever line is changed, to a text, a number or bytes: the line is named."""
    for line in (LINES, 6, 1):  # the first that is wrong is named, so from the end
        found = tamper(written, f"UPDATE journal SET {column} = {value} WHERE id = {line}")
        assert (found.line, found.breach) == (line, Breach.ALTERED)


@given(line=st.integers(1, LINES))
def test_any_missing_line_is_found(line, tmp_path_factory):
    """Whichever line is taken out, the newest among them, it is named."""
    app = build(Settings(data_dir=tmp_path_factory.mktemp("chain"), _env_file=None), clock=StillClock())
    app.store.run_write(fill)
    found = tamper(app, f"DELETE FROM journal WHERE id = {line}")
    app.close()
    assert (found.line, found.breach) == (line, Breach.MISSING)


def test_lines_in_another_order_are_found(written):
    """Two lines that change places are found at the first of them."""
    found = tamper(
        written,
        "UPDATE journal SET id = -4 WHERE id = 4",
        "UPDATE journal SET id = 4 WHERE id = 9",
        "UPDATE journal SET id = 9 WHERE id = -4",
    )
    assert (found.line, found.breach) == (4, Breach.ALTERED)


def test_an_added_line_is_found(written):
    """A line that the program did not write has no hash that fits."""
    found = tamper(
        written,
        "INSERT INTO journal SELECT 13, at, actor, action, '', details, chain FROM journal WHERE id = 2",
    )
    assert (found.line, found.breach) == (13, Breach.ALTERED)


def test_another_key_is_found(written, tmp_path):
    """A journal that was written with another installation's key does not hold."""
    other = build(Settings(data_dir=tmp_path / "other", _env_file=None), clock=StillClock())
    other.close()
    (tmp_path / "other/secret.key").write_bytes(b"k" * 32)
    other.settings.database.write_bytes(b"")
    written.store.close()
    other.settings.database.write_bytes(written.settings.database.read_bytes())
    again = build(other.settings, clock=StillClock())
    found = again.store.run_read(chain.verify)
    again.close()
    assert found.breach is Breach.CHECKPOINT


def test_a_cut_end_shows_against_a_head_kept_elsewhere(written):
    """Who also turns the head back is found by a head that was noted before."""
    noted = written.store.run_read(chain.head)
    found = tamper(
        written,
        "DELETE FROM journal WHERE id > 9",
        "UPDATE journal_head SET last_id = 9, last_chain = (SELECT chain FROM journal WHERE id = 9)",
    )
    assert found.breach is None, "the database alone cannot tell"
    found = written.store.run_read(chain.verify, {noted.id: noted.chain})
    assert (found.line, found.breach) == (10, Breach.MISSING)


def test_a_journal_written_anew_shows_against_a_head_kept_elsewhere(written):
    """Whoever has the key can write another journal; a head that was noted tells them apart."""
    found = written.store.run_read(chain.verify, {5: "another"})
    assert (found.line, found.breach) == (5, Breach.REWRITTEN)


def test_the_oldest_lines_are_deleted_by_age(written):
    """Truncation takes the lines before a moment, notes that, and the rest holds from the sealed mark on."""
    early = written.store.run_read(chain.head)
    gone = written.store.run_write(journal.truncate, NOW + timedelta(days=2), NOW + timedelta(hours=4))
    found = written.store.run_read(chain.verify, {3: "gone", early.id: early.chain})
    assert gone == 4
    assert (found.lines, found.first, found.head.id, found.breach) == (LINES - 4 + 1, 5, LINES + 1, None)
    (newest,) = written.store.run_read(journal.read, limit=1)
    assert (newest.action, dict(newest.details)) == ("journal.truncated", {"lines": 4, "last": 4})
    assert written.store.run_write(journal.truncate, NOW, NOW + timedelta(hours=4)) == 0


def test_all_lines_may_be_too_old(written):
    """A journal that was truncated whole goes on where it stopped."""
    assert written.store.run_write(journal.truncate, NOW, NOW + timedelta(days=30)) == LINES
    found = written.store.run_read(chain.verify)
    assert (found.lines, found.first, found.breach) == (1, LINES + 1, None)


def test_a_forged_mark_is_found(written):
    """Deleting old lines by moving the mark by hand breaks its seal."""
    found = tamper(
        written,
        "UPDATE journal_head SET kept_after = 3, kept_chain = (SELECT chain FROM journal WHERE id = 3)",
        "DELETE FROM journal WHERE id <= 3",
    )
    assert found.breach is Breach.CHECKPOINT


def test_a_line_is_written_with_its_act_or_not_at_all(app):
    """A transaction that fails leaves neither line nor head."""

    def fail(session: Session) -> None:
        journal.write(session, NOW, CLI, "admin.created", "admin:1")
        raise IntegrityError("broken", None, ValueError())

    with pytest.raises(IntegrityError):
        app.store.run_write(fail)
    assert app.store.run_read(chain.verify).lines == 0


def test_the_triggers_are_there(app):
    """However the tables came to be, all guards of the journal stand."""
    with closing(sqlite3.connect(app.settings.database)) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        assert [name for (name,) in found if name.startswith("journal_")] == [
            "journal_head_no_delete",
            "journal_head_no_insert",
            "journal_head_no_return",
            "journal_no_delete",
            "journal_no_update",
            "journal_only_at_the_end",
        ]
