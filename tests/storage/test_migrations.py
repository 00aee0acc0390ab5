"""Migrations are all or nothing, whatever kills them, and an old database arrives whole after a backup."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import event

from bot.app import build
from bot.backup import check, shelf
from bot.settings import Settings
from bot.storage import chain
from bot.storage.copies import facts, problems
from bot.storage.migrate import _config, known, levels, migrate
from bot.storage.store import make_engine
from tests.clocks import StillClock

OLD = "0002"
"""Level of the last release before the journal was chained."""
KEY = b"k" * 32
ROWS = """
    INSERT INTO seeker (id, created_at, lang) VALUES (#, '2026-11-01 09:00:00.000000', 'fr');
    INSERT INTO seeker_key (key, seeker_id, kind) VALUES ('key #', #, 'post');
    INSERT INTO notice (
        id, seeker_id, state, title, place, remote, contract, text, name, lang,
        share_slug, token_hash, revision, created_at, demand, weight, show_name
    ) VALUES (
        #, #, 'pending', 'Welder', 'Lille', 0, 'any', 'Ten years of TIG', 'Moussa', 'fr',
        'slug #', 'hash #', 1, '2026-11-01 09:00:00.000000', 12, 1, 0
    );
    INSERT INTO post (notice_id, network, remote_id, url, author)
        VALUES (#, 'x', '#', 'https://x.com/', '');
    INSERT INTO admin (id, name, password_hash, created_at)
        VALUES (#, 'Ada #', 'hash', '2026-11-01 09:00:00.000000');
    INSERT INTO consent (subject, purpose, text_version, text_hash, lang, act, at)
        VALUES ('notice:#', 'publish', '1', 'hash', 'fr', 'form', '2026-11-01 09:00:00.000000');
    INSERT INTO journal (at, actor, action, subject, details)
        VALUES ('2026-11-01 09:00:00.000000', 'seeker', 'notice.received', 'notice:#', '{"b": 1, "a": "é"}');
"""
"""What an installation of that level held, once for each number put for the sign."""
TABLES = ("seeker", "seeker_key", "notice", "post", "admin", "consent", "journal")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the last release, with people in it."""
    path = tmp_path_factory.mktemp("old") / "languette.db"
    _to(path, OLD)
    with closing(sqlite3.connect(path)) as database, database:
        for number in "123":
            database.executescript(ROWS.replace("#", number))
        database.execute("DELETE FROM journal WHERE id = 2")  # a number that is missing is closed up
    return path


def held(path: Path) -> dict[str, int]:
    """Count the rows of the tables that the old database has."""
    found = facts(path).rows
    return {name: found[name] for name in TABLES}


def test_an_old_installation_arrives_whole(old: Path, tmp_path: Path):
    """It is backed up first, at its own level; then every row is there and the journal is chained."""
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    build(settings, clock=StillClock()).close()  # makes the key
    for left in settings.data_dir.glob("languette.db*"):
        left.unlink()
    shutil.copy(old, settings.database)
    app = build(settings, clock=StillClock())
    try:
        found, head = levels(app.store.engine)
        assert found == head
        assert held(settings.database) == held(old)
        verdict = app.store.run_read(chain.verify)
        assert (verdict.lines, verdict.breach) == (2, None)
        (note,) = shelf.notes(settings.data_dir, app.keys)
        assert (note.why, note.level) == ("migration", OLD)
        assert check.verify(settings, app.keys, note.name).problems == ()
    finally:
        app.close()


def test_killed_at_every_statement(old: Path, tmp_path: Path):
    """At whichever statement the migration dies, the database is the old one, whole; then it runs through."""
    before = held(old)
    again = tmp_path / "languette.db"
    for at in range(1, 2_000):
        for left in tmp_path.glob("languette.db*"):
            left.unlink()
        shutil.copy(old, again)
        if _migrate_and_die(again, at):
            break
        assert problems(again) == []
        assert (facts(again).level, held(again)) == (OLD, before), at
    else:
        pytest.fail("never came to its end")
    assert at > 30
    assert held(again) == before
    assert facts(again).level > OLD


SHARED = """
    INSERT INTO seeker (id, created_at, lang, email, reset_at) VALUES
        (#, '2026-11-01 09:00:00.000000', 'en', 'nadia@example.org', '2026-11-02 09:00:00.000000');
    INSERT INTO seeker_key (key, seeker_id, kind) VALUES ('key #', #, 'email'), ('browser #', #, 'browser');
"""
SENT = """
    INSERT INTO notice (
        id, seeker_id, person_id, state, title, place, remote, contract, text, name, lang,
        share_slug, token_hash, revision, created_at, first_opened_at, demand, weight, show_name
    ) VALUES (
        #, ?, ?, 'pending', 'Welder', 'Lille', 0, 'any', 'Ten years of TIG', 'Moussa', 'fr',
        'slug #', 'hash #', 1, '2026-11-01 09:00:00.000000', ~, 12, 1, 0
    );
    INSERT INTO consent (subject, purpose, text_version, text_hash, lang, act, at)
        VALUES ('notice:#', 'publish', '1', 'hash', 'fr', 'form', '2026-11-01 09:00:00.000000');
"""
OPENED = "'2026-11-01 10:00:00.000000'"


def test_who_shared_a_seeker_is_parted(tmp_path: Path):
    """Each notice has a seeker of its own, known by the same, with nobody's address; others keep theirs."""
    path = tmp_path / "languette.db"
    _to(path, "0021")
    with closing(sqlite3.connect(path)) as database, database:
        for seeker in "12":
            database.executescript(SHARED.replace("#", seeker))
        for number, seeker, opened in ((3, 1, OPENED), (4, 1, "NULL"), (5, 1, OPENED), (6, 2, "NULL")):
            sent = SENT.replace("#", str(number)).replace("?", str(seeker)).replace("~", opened)
            database.executescript(sent)
    _to(path, "0022")
    with closing(sqlite3.connect(path)) as database:

        def all_of(what: str) -> list[tuple[object, ...]]:
            return database.execute(f"SELECT {what}").fetchall()

        assert all_of("id, seeker_id, person_id FROM notice ORDER BY id") == [
            (3, -3, 1),
            (4, -4, -4),
            (5, -5, 1),
            (6, 2, 2),
        ]
        assert all_of("id, email, parted_from, reset_at IS NULL FROM seeker ORDER BY id DESC") == [
            (2, "nadia@example.org", None, 0),
            (1, None, None, 1),
            (-3, None, 1, 0),
            (-4, None, 1, 0),
            (-5, None, 1, 0),
        ]
        keys = "key FROM seeker_key WHERE seeker_id = {} ORDER BY key"
        assert [len(all_of(keys.format(one))) for one in (1, 2, -3, -4, -5)] == [0, 2, 2, 2, 2]
        assert all_of(keys.format(-3)) == [("browser 1",), ("key 1",)]
        assert all_of("subject FROM consent ORDER BY id") == [(f"notice:{n}",) for n in (3, 4, 5, 6)]
        with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*seeker_id"):
            database.execute("UPDATE notice SET seeker_id = -3 WHERE id = 4")


def _to(path: Path, level: str) -> None:
    """Bring a database to a level."""
    engine, config = make_engine(path), _config()
    with engine.begin() as connection:
        config.attributes |= {"connection": connection, "journal_key": KEY}
        command.upgrade(config, level)
    engine.dispose()


def _migrate_and_die(path: Path, at: int) -> bool:
    """Migrate in a child that dies before its statement number `at`; True when it came to its end before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            engine = make_engine(path)
            seen = 0

            def count(*_: object) -> None:
                nonlocal seen
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(engine, "before_cursor_execute", count)
            event.listen(engine, "commit", count)
            migrate(engine, path, KEY)
            engine.dispose()
            code = 0
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, "the migration failed by itself"
    return True


def test_the_levels_are_the_numbers_of_the_files():
    """What the files are called is what Alembic makes of them, in one line without branches."""
    scripts = ScriptDirectory.from_config(_config())
    assert {script.revision for script in scripts.walk_revisions()} == known()
    assert scripts.get_heads() == [max(known())]


def test_who_has_nothing_to_migrate_loads_no_migrator(tmp_path: Path):
    """A later start does without Alembic, and no start loads the drawing of pictures."""
    script = (
        "import sys; from pathlib import Path; from bot.app import build; from bot.settings import Settings;"
        "from bot import daemon, web; settings = Settings(data_dir=Path(sys.argv[1]), _env_file=None);"
        "app = build(settings); web.create(app); app.close();"
        "print(sorted({'alembic', 'PIL'} & sys.modules.keys()))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script, tmp_path], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert said == ["['alembic']\n", "[]\n"]
