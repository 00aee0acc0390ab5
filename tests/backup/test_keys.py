"""The vault's keys and backups: as long as a backup of before a rotation is kept, its tokens open."""

from datetime import timedelta

import pytest

from bot import ticks
from bot.app import build
from bot.backup import make, restore, shelf
from bot.delivery import rotation, tokens
from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.storage import access, sealed
from bot.trust import keyfile
from tests.clocks import NOW
from tests.lent import make_vault

KEEP = timedelta(days=30)


@pytest.fixture
def key(tmp_path):
    """The vault's private keys."""
    return tmp_path / "vault.key"


@pytest.fixture
def settings(settings, key):
    """Settings that name the key."""
    return settings.model_copy(update={"vault_key": str(key)})


@pytest.fixture
def backed_up(app, key, make_volunteer):
    """An installation with a token, and a backup of it."""
    seal = make_vault(app, key)
    account = make_volunteer().accounts[0]
    app.store.run_write(tokens.give, seal, account, Secret("t0ken"), mode=Mode.AUTOMATIC, now=NOW)
    return app, make.create(app.settings, app.keys, why="nightly", now=NOW)


def prune(app, key):
    """Remove what no backup needs."""
    now = app.clock.now()
    before = shelf.since(app.settings.data_dir, now, KEEP)
    return rotation.prune(app.store, key, app.settings.data_dir, before=before, now=now)


def restored(app, note):
    """Restore a backup, as after a rotation: give the installation of it."""
    app.store.close()
    restore.restore(app.settings, app.keys, note.name, now=app.clock.now())
    return build(app.settings, clock=app.clock)


def test_a_backup_of_before_a_rotation_starts_again(backed_up, key, clock):
    """Restored at the end of its time, its tokens open, the start is allowed and keys are still removed."""
    app, note = backed_up
    old = keyfile.read_private(key)[0].id
    clock.advance(timedelta(hours=1))
    rotation.rotate(app.store, key, app.settings.data_dir, clock=clock)
    clock.advance(KEEP - timedelta(hours=1))
    assert prune(app, key) == []
    again = restored(app, note)
    try:
        tokens.ready(again.store, str(key), again.settings.data_dir)
        opener = tokens.Opener(key, again.settings.data_dir)
        assert opener.reveal(again.store.run_read(access.page)[0]).reveal() == "t0ken"
        clock.advance(KEEP)
        assert prune(again, key) == [], "it is in use"
        make.create(again.settings, again.keys, why="nightly", now=clock.now())
        rotation.rotate(again.store, key, again.settings.data_dir, clock=clock)
        retired = {one.id: one.retired_at for one in keyfile.read_private(key)}
        assert retired[old] == clock.now(), "backups of today need it"
    finally:
        again.close()


def test_retired_keys_go_with_the_last_backup_that_needs_them(backed_up, key, clock):
    """Not a day before; the newest backup is kept however old it is, and so is its key."""
    app, note = backed_up
    clock.advance(timedelta(hours=1))
    rotation.rotate(app.store, key, app.settings.data_dir, clock=clock)
    old, new = keyfile.read_private(key)
    clock.advance(10 * KEEP)
    assert shelf.names(app.settings.data_dir) == [note.name], "no other was made"
    assert prune(app, key) == []
    ticks.run(app, next(one for one in ticks.every(app) if one.name == "backup"))
    assert note.name not in shelf.names(app.settings.data_dir)
    assert [one.id for one in keyfile.read_private(key)] == [new.id], "the daemon's backup removed it"
    assert old.id not in app.store.run_read(sealed.by_key)


def test_a_key_that_is_not_ours_to_write_fails_no_backup(backed_up, key, clock):
    """A folder that is gone, as of a container's secret: the backup is made and noted all the same."""
    app, _ = backed_up
    key.unlink()
    clock.advance(timedelta(days=2))
    (tick,) = (one for one in ticks.every(app) if one.name == "backup")
    assert tick.work(app)["opened"]
    assert len(shelf.names(app.settings.data_dir)) == 2


def test_without_its_key_an_old_backup_does_not_start(backed_up, key, clock):
    """Its key was removed by force: the refusal names the way on."""
    app, note = backed_up
    clock.advance(timedelta(hours=1))
    rotation.rotate(app.store, key, app.settings.data_dir, clock=clock)
    forced = rotation.prune(app.store, key, app.settings.data_dir, before=clock.now() + KEEP, now=NOW)
    assert len(forced) == 1
    again = restored(app, note)
    try:
        with pytest.raises(ConfigError, match="bot keys lost"):
            tokens.ready(again.store, str(key), again.settings.data_dir)
    finally:
        again.close()
