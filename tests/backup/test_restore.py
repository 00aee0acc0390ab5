"""Restoring: the copy is proved first, wakes up halted, and a kill loses neither the old nor the new."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from bot.app import App, build
from bot.backup import make, restore, shelf
from bot.backup.seal import KEY_FILE, unseal
from bot.errors import ConfigError, DataError
from bot.model.notice import CloseReason
from bot.settings import Settings
from bot.storage import chain, halts, journal, notices
from bot.storage.copies import facts, problems
from tests.backup.killing import DONE, run_and_kill
from tests.conftest import NOW, StillClock

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def backed_up(app: App, make_notice) -> tuple[App, shelf.Note]:
    """An installation with a backup of two notices, and a third notice since; closed."""
    make_notice()
    make_notice()
    note = make.create(app.settings, app.keys, why="nightly", now=NOW)
    make_notice()
    app.store.close()
    return app, note


def bring(app: App, note: shelf.Note, settings: Settings | None = None) -> restore.Restored:
    """Restore a backup."""
    return restore.restore(settings or app.settings, app.keys, note.name, now=LATER)


def opened(app: App, aside: Path) -> Path:
    """Open a former database that is kept, sealed or not yet."""
    if aside.suffix != shelf.REPLACED:
        return aside
    target = app.settings.data_dir.parent / "opened.db"
    target.unlink(missing_ok=True)
    unseal(aside, target, app.settings.data_dir / KEY_FILE)
    return target


def test_nobody_is_read_in_what_was_replaced(backed_up):
    """The former database is sealed; so is one that a kill, or an earlier version, left in the clear."""
    app, note = backed_up
    bring(app, note)
    (app.settings.data_dir / "languette.db.replaced-20261101").write_bytes(b"SQLite: canary")
    make.create(app.settings, app.keys, why="by hand", now=LATER)
    kept = sorted(path for path in app.settings.data_dir.glob("*.replaced-*"))
    assert [path.suffix for path in kept] == [shelf.REPLACED] * 2
    assert all(path.read_bytes().startswith(b"age-encryption.org/v1") for path in kept)
    assert opened(app, kept[0]).read_bytes() == b"SQLite: canary"


def test_a_restored_copy_is_what_the_backup_held_and_halted(backed_up):
    """The rows are those of the backup, everything stands still, the journal says so and holds."""
    app, note = backed_up
    found = bring(app, note)
    again = build(app.settings, clock=StillClock(LATER))
    try:
        assert len(again.store.run_read(notices.listed)) == note.rows["notice"] == 2
        halt = again.store.run_read(halts.current)
        assert halt is not None
        assert halt.reason == "restored"
        assert [line.action for line in again.store.run_read(journal.read)][:2] == [
            "halt.begun",
            "backup.restored",
        ]
        assert again.store.run_read(chain.verify).breach is None
    finally:
        again.close()
    assert found.aside is not None
    assert facts(opened(app, found.aside)).rows["notice"] == 3, "what was replaced is kept"


def test_a_database_that_was_lost_is_restored(backed_up):
    """On an empty folder with key and backups, nothing is kept aside and the backup comes back."""
    app, note = backed_up
    for path in app.settings.data_dir.glob("languette.db*"):
        path.unlink()
    assert bring(app, note).aside is None
    assert facts(app.settings.database).rows["notice"] == 2


def test_a_damaged_database_is_kept_as_it_is(backed_up):
    """A file that is no database does not stop the restore, and is kept with its log."""
    app, note = backed_up
    app.settings.database.write_bytes(b"not a database" * 99)
    log = app.settings.database.with_name("languette.db-wal")
    log.write_bytes(b"a log")
    found = bring(app, note)
    assert found.aside is not None
    assert opened(app, found.aside).read_bytes().startswith(b"not a database")
    assert not log.exists()
    assert facts(app.settings.database).rows["notice"] == 2


def test_a_backup_that_does_not_hold_changes_nothing(backed_up):
    """A damaged or foreign backup is refused, and the database stays."""
    app, note = backed_up
    path = shelf.sealed(app.settings.data_dir, note.name)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match="cannot be restored"):
        bring(app, note)
    beside = shelf.folder(app.settings.data_dir) / f"{note.name}.json"
    beside.write_text(beside.read_text().replace('"why": "nightly"', '"why": "by hand"'))
    with pytest.raises(DataError, match="not signed"):
        bring(app, note)
    assert facts(app.settings.database).rows["notice"] == 3


def test_without_the_key_nothing_is_restored(backed_up):
    """With only the public key here, restoring asks for the file that opens."""
    app, note = backed_up
    public = app.settings.model_copy(update={"backup_recipient": note.recipient})
    with pytest.raises(ConfigError, match="--key"):
        bring(app, note, public)


def test_a_kill_while_restoring_loses_nothing(backed_up, tmp_path):
    """Killed at every file operation: the former database or the restored one stands; the former is kept."""
    app, note = backed_up
    pristine = tmp_path / "pristine"
    copytree(app.settings.data_dir, pristine)
    seen = set()
    for at in range(1, 500):
        folder = tmp_path / f"run{at}"
        copytree(pristine, folder)
        settings = app.settings.model_copy(update={"data_dir": folder})
        ended = run_and_kill(lambda settings=settings: bring(app, note, settings), at)
        assert problems(settings.database) == []
        rows = facts(settings.database).rows["notice"]
        kept = {facts(opened(app, path)).rows["notice"] for path in [settings.database, *_asides(folder)]}
        assert rows in {2, 3}
        assert 3 in kept, "what happened since the backup is still there"
        seen.add(rows)
        if ended == DONE:
            break
        restore.restore(settings, app.keys, note.name, now=LATER + timedelta(minutes=1))
        assert facts(settings.database).rows["notice"] == 2
    else:
        pytest.fail("never came to its end")
    assert at > 15
    assert seen == {2, 3}


def _asides(folder: Path) -> list[Path]:
    gone = ("-wal", "-shm", "-wal.age", "-shm.age", ".part")
    return [path for path in folder.glob("*.replaced-*") if not path.name.endswith(gone)]


def test_a_log_left_by_a_kill_is_not_played_into_the_new_file(backed_up):
    """A write-ahead log of the former database goes aside with it."""
    app, note = backed_up
    again = build(app.settings, clock=StillClock(LATER))
    again.store.run_write(notices.close, 3, CloseReason.WITHDRAWN, LATER)
    with closing(sqlite3.connect(app.settings.database)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM notice").fetchone()  # holds the log open, as a dying process may
        again.store.engine.dispose()
        bring(app, note)
    again.close()
    assert problems(app.settings.database) == []
    assert facts(app.settings.database).rows["notice"] == 2
