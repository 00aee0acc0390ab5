"""Backups: sealed, provable, kept for so long, and whole or not there whatever kills them."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from bot.app import App
from bot.backup import check, make, shelf
from bot.backup.seal import open_keys, unseal
from bot.errors import ConfigError, DataError, NotFoundError
from bot.settings import Settings
from bot.storage import chain
from tests.backup.killing import DONE, KILLED, run_and_kill
from tests.conftest import NOW

WORDS = b"Ten years of TIG welding"


@pytest.fixture
def lived(app: App, make_notice, make_volunteer) -> App:
    """An installation with something to lose."""
    for _ in range(3):
        make_notice()
        make_volunteer()
    return app


def create(app: App, now=NOW, settings: Settings | None = None) -> shelf.Note:
    """Make a backup."""
    return make.create(settings or app.settings, app.keys, why="by hand", now=now)


def with_settings(app: App, **values: str | int) -> Settings:
    """Give the installation's settings, changed."""
    return app.settings.model_copy(update=values)


def test_a_backup_can_be_restored(lived):
    """A fresh backup opens, is sound, holds the rows its note counts, and its journal's chain holds."""
    note = create(lived)
    found = check.verify(lived.settings, lived.keys, note.name)
    assert (found.opened, found.problems) == (True, ())
    assert note.rows["notice"] == 3
    assert note.head == tuple(lived.store.run_read(chain.head))


def test_nothing_can_be_read_without_the_key(lived):
    """Neither the sealed file nor its note holds a word of a notice; the folder is empty of open copies."""
    lived.store.run_read(chain.head)
    assert WORDS in lived.settings.database.read_bytes() + _wal(lived)
    note = create(lived)
    for path in shelf.folder(lived.settings.data_dir).iterdir():
        assert WORDS not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0 or path.suffix == ".json"
    assert list((lived.settings.data_dir / "scratch").iterdir()) == []
    assert (
        shelf.sealed(lived.settings.data_dir, note.name).read_bytes().startswith(b"age-encryption.org/v1\n")
    )


def _wal(app: App) -> bytes:
    return app.settings.database.with_name("languette.db-wal").read_bytes()


def test_the_key_may_be_elsewhere(lived, tmp_path):
    """A key outside the data folder is used; with its public part alone, the file is checked unopened."""
    identity = x25519.Identity.generate()
    key = tmp_path / "elsewhere.key"
    key.write_text(f"# made by age-keygen\n{identity}\n")
    key.chmod(0o600)
    own = with_settings(lived, backup_key=str(key))
    assert not open_keys(own).beside
    note = create(lived, settings=own)
    public = with_settings(lived, backup_recipient=str(identity.to_public()))
    found = check.verify(public, lived.keys, note.name)
    assert (found.opened, found.problems) == (False, ())
    assert check.verify(public, lived.keys, note.name, key).opened
    assert not (lived.settings.data_dir / "backup.key").exists()


def test_a_key_beside_the_data_is_said(lived):
    """Without a setting the key is made in the data folder, for its owner only, and known to lie there."""
    create(lived)
    keys = open_keys(lived.settings)
    assert keys.beside
    assert keys.identity is not None
    assert keys.identity.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("", 0o600, "no age identity"),
        ("AGE-SECRET-KEY-1WRONG\n", 0o600, "no age identity"),
        ("x", 0o644, "chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_is_said(lived, tmp_path, text, mode, said):
    """A file that is no key, or that others may read, is refused in a sentence."""
    key = tmp_path / "key"
    key.write_text(text)
    key.chmod(mode)
    with pytest.raises(ConfigError, match=said):
        create(lived, settings=with_settings(lived, backup_key=str(key)))


def test_keys_that_do_not_belong_together_are_refused(lived):
    """A public key that is not the identity's would seal what nobody here can open."""
    create(lived)
    other = str(x25519.Identity.generate().to_public())
    named = str(lived.settings.data_dir / "backup.key")
    with pytest.raises(ConfigError, match="backup_recipient"):
        open_keys(with_settings(lived, backup_key=named, backup_recipient=other))
    with pytest.raises(ConfigError, match="age1"):
        open_keys(with_settings(lived, backup_recipient="age1nonsense"))


@pytest.mark.parametrize("offset", [0, 100, 5_000, -1])
def test_a_flipped_byte_is_found(lived, offset):
    """A sealed file that changed is not the one that was written."""
    note = create(lived)
    path = shelf.sealed(lived.settings.data_dir, note.name)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)
    assert check.verify(lived.settings, lived.keys, note.name).problems == (
        "the sealed file is not the one that was written",
    )


def test_a_forged_backup_is_found(lived, tmp_path):
    """Whoever knows the public key can seal another database, but not sign its note."""
    note = create(lived)
    path = shelf.folder(lived.settings.data_dir) / f"{note.name}.json"
    path.write_text(path.read_text().replace('"notice": 3', '"notice": 2'))
    (problem,) = check.verify(lived.settings, lived.keys, note.name).problems
    assert "not signed" in problem
    assert shelf.notes(lived.settings.data_dir, lived.keys) == []


def test_a_note_that_does_not_fit_is_found(lived):
    """Rows that are missing from the sealed copy show against the note."""
    note = create(lived)
    lying = shelf.Note(
        **{**{f: getattr(note, f) for f in note.__slots__}, "rows": {**note.rows, "notice": 4}}
    )
    shelf.write(lived.settings.data_dir, lying, lived.keys)
    assert check.verify(lived.settings, lived.keys, note.name).problems == (
        "it does not hold what its note says",
    )


def test_a_damaged_database_makes_no_backup(lived):
    """A database with a dangling row is not backed up, and the older backups stay."""
    old = create(lived)
    with closing(sqlite3.connect(lived.settings.database)) as database, database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DELETE FROM seeker WHERE id = 1")
    with pytest.raises(DataError, match="points to a row of seeker"):
        create(lived, NOW + timedelta(days=40))
    assert shelf.names(lived.settings.data_dir) == [old.name]


def test_a_changed_journal_makes_no_backup(lived):
    """A journal that somebody changed is found while backing up."""
    lived.store.run_write(_journal)
    with closing(sqlite3.connect(lived.settings.database)) as database, database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET actor = 'nobody' WHERE id = 1")
    with pytest.raises(DataError, match="line 1 of the journal is altered"):
        create(lived)


def _journal(session) -> None:
    from bot.model.journal import CLI
    from bot.storage import journal

    journal.write(session, NOW, CLI, "notice.accepted", "notice:1")


def test_old_backups_go_but_never_the_newest(lived):
    """After 30 days a backup goes, with its note; a single one stays however old."""
    first = create(lived)
    shelf.prune(lived.settings.data_dir, NOW + timedelta(days=400), timedelta(days=30))
    assert shelf.names(lived.settings.data_dir) == [first.name]
    second = create(lived, NOW + timedelta(days=29))
    assert shelf.names(lived.settings.data_dir) == [first.name, second.name]
    third = create(lived, NOW + timedelta(days=31))
    assert shelf.names(lived.settings.data_dir) == [second.name, third.name]
    assert len(list(shelf.folder(lived.settings.data_dir).glob("*.json"))) == 2


def test_what_earlier_versions_left_goes_by_age(lived):
    """Plain copies of an earlier version and replaced databases are deleted when they are as old as that."""
    old = shelf.folder(lived.settings.data_dir) / "20250101T000000000000.db"
    aside = lived.settings.data_dir / "languette.db.replaced-20250101"
    for path in (old, aside):
        path.touch()
        os.utime(path, (1, 1))
    create(lived)
    assert not old.exists()
    assert not aside.exists()


def test_a_backup_a_day(lived):
    """Another is due from 23 hours on, and when the clock was set back before the newest."""
    assert make.due(lived.settings, lived.keys, NOW)
    create(lived)
    assert not make.due(lived.settings, lived.keys, NOW + timedelta(hours=22))
    assert make.due(lived.settings, lived.keys, NOW + timedelta(hours=23))
    assert make.due(lived.settings, lived.keys, NOW - timedelta(minutes=1))


def test_a_backup_that_is_not_there_is_said(lived):
    """A name that is none gives a sentence."""
    with pytest.raises(NotFoundError, match="bot backup list"):
        check.verify(lived.settings, lived.keys, "20200101T000000000000")


def test_another_key_opens_nothing(lived, tmp_path):
    """A backup cannot be opened with somebody else's identity."""
    note = create(lived)
    key = tmp_path / "key"
    key.write_text(f"{x25519.Identity.generate()}\n")
    key.chmod(0o600)
    (problem,) = check.verify(lived.settings, lived.keys, note.name, key).problems
    assert "cannot be opened" in problem
    with pytest.raises(DataError):
        unseal(shelf.sealed(lived.settings.data_dir, note.name), tmp_path / "open", key)


def test_a_kill_while_backing_up_loses_nothing(lived):
    """Killed at every file operation: each backup on the shelf is whole, and the next run makes one."""
    lived.store.close()
    first = create(lived)
    points = 0
    for at in range(1, 500):
        now = NOW + timedelta(seconds=at)
        ended = run_and_kill(lambda now=now: create(lived, now), at)
        for name in shelf.names(lived.settings.data_dir):
            assert shelf.read(lived.settings.data_dir, name, lived.keys)[1]
            assert (
                shelf.digest(shelf.sealed(lived.settings.data_dir, name))
                == shelf.read(lived.settings.data_dir, name, lived.keys)[0].sha256
            )
        if ended == DONE:
            break
        points += ended == KILLED
    else:
        pytest.fail("never came to its end")
    assert points > 15
    assert first.name in shelf.names(lived.settings.data_dir)
    last = create(lived, NOW + timedelta(hours=1))
    assert check.verify(lived.settings, lived.keys, last.name).problems == ()
    assert list((lived.settings.data_dir / "scratch").iterdir()) == []
    assert not list(Path(shelf.folder(lived.settings.data_dir)).glob("*.part"))
