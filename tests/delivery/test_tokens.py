"""Tokens: kept sealed, sealed anew by a rotation that may be cut off anywhere, seen nowhere."""

import os
import time

import pytest
from sqlmodel import insert

from bot.delivery import rotation, tokens
from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.storage import access, sealed, volunteers
from bot.storage.copies import snapshot
from bot.storage.tables import AccessRow, AccountRow
from bot.trust import keyfile
from tests.clocks import NOW

CANARY = "canary-7c1e-token"


class CutOffError(Exception):
    """The rotation was stopped here."""


@pytest.fixture
def key(tmp_path, settings, app):
    """Make the vault's files as `bot keys new` does; give the private one."""
    path = tmp_path / "vault.key"
    vault = keyfile.write_private(path, settings.data_dir, [keyfile.new_key()])
    keyfile.write_public(settings.data_dir, vault.seal)
    return path


@pytest.fixture
def give(store, settings, make_volunteer):
    """Give `count` accounts a token each, sealed to the published key; return the accounts."""

    def make(count: int):
        seal = keyfile.read_public(settings.data_dir)
        made = []
        for number in range(count):
            account = make_volunteer().accounts[0]
            token = Secret(f"{CANARY}-{number}")
            store.run_write(tokens.give, seal, account, token, mode=Mode.AUTOMATIC, now=NOW)
            made.append(account)
        return made

    return make


def opened(store, key, data_dir):
    """Open every token of the installation."""
    vault = tokens.open_vault(store, str(key), data_dir)
    return [tokens.reveal(vault, one).reveal() for one in store.run_read(access.page)]


def test_rotation_keeps_every_token(store, settings, clock, key, give):
    """Afterwards one new key opens all of them, and the old one, retired, what backups hold."""
    give(7)
    before = keyfile.read_private(key)
    assert rotation.rotate(store, key, settings.data_dir, clock=clock) == (7, 0)
    assert opened(store, key, settings.data_dir) == [f"{CANARY}-{n}" for n in range(7)]
    old, new = keyfile.read_private(key)
    assert (old.private, old.retired_at, new.retired_at) == (before[0].private, NOW, None)
    assert store.run_read(sealed.by_key) == {new.id: 7}


def test_token_on_its_way_during_a_whole_rotation_is_kept(store, settings, clock, key, give):
    """Sealed to the key of before it opens, and the next rotation takes it along."""
    late, old = give(1)[0], keyfile.read_public(settings.data_dir)
    rotation.rotate(store, key, settings.data_dir, clock=clock)
    store.run_write(tokens.give, old, late, Secret("late"), mode=Mode.ONE_TAP, now=NOW)
    assert opened(store, key, settings.data_dir) == ["late"]
    assert rotation.rotate(store, key, settings.data_dir, clock=clock) == (1, 0)


def test_rotation_cut_off_anywhere_goes_on(store, settings, clock, key, give):
    """After each step: every token still opens, and run again, all keys but one are retired."""
    give(7)
    steps: list[str] = []
    rotation.rotate(store, key, settings.data_dir, clock=clock, batch=3, step=steps.append)
    assert len(steps) == 6  # kept, published, three batches, retired
    for stop in range(len(steps)):
        left = iter(range(stop, -1, -1))

        def cut(name: str, left=left) -> None:
            if next(left) == 0:
                raise CutOffError(name)

        with pytest.raises(CutOffError):
            rotation.rotate(store, key, settings.data_dir, clock=clock, batch=3, step=cut)
        assert len(opened(store, key, settings.data_dir)) == 7
        rotation.rotate(store, key, settings.data_dir, clock=clock)
        assert opened(store, key, settings.data_dir) == [f"{CANARY}-{n}" for n in range(7)]
        *older, newest = keyfile.read_private(key)
        assert all(one.retired_at for one in older)
        assert store.run_read(sealed.by_key) == {newest.id: 7}


def test_token_given_during_a_rotation_is_kept(store, settings, clock, key, give):
    """A token sealed to the old key while batches run is sealed anew with the others."""
    give(2)
    late, old = give(1)[0], [keyfile.read_public(settings.data_dir)]

    def give_late(name: str) -> None:
        if name == "batch sealed" and old:
            store.run_write(tokens.give, old.pop(), late, Secret("late"), mode=Mode.ONE_TAP, now=NOW)

    rotation.rotate(store, key, settings.data_dir, clock=clock, step=give_late)
    assert "late" in opened(store, key, settings.data_dir)
    assert store.run_read(sealed.by_key) == {keyfile.read_private(key)[-1].id: 3}


def test_a_running_daemon_follows_a_rotation(store, settings, clock, key, give):
    """Tokens open without a restart, before, in the middle of and after a rotation, and those given since."""
    give(5)
    opener = tokens.Opener(key, settings.data_dir)

    def all_open() -> list[str]:
        return [opener.reveal(one).reveal() for one in store.run_read(access.page)]

    seen = [all_open()]
    rotation.rotate(
        store, key, settings.data_dir, clock=clock, batch=2, step=lambda _: seen.append(all_open())
    )
    give(1)
    assert len(seen) == 7
    assert all(one == [f"{CANARY}-{n}" for n in range(5)] for one in seen)
    assert all_open()[-1] == f"{CANARY}-0"


def test_a_key_that_is_nowhere_is_said(store, settings, key, give):
    """A token sealed to a key that the file never had is refused with the name of the key."""
    give(1)
    keyfile.write_private(key, settings.data_dir, [keyfile.new_key()])
    opener = tokens.Opener(key, settings.data_dir)
    with pytest.raises(ConfigError, match="No key"):
        opener.reveal(store.run_read(access.page)[0])


def test_start_needs_the_key_only_when_tokens_are_kept(store, settings, key, give):
    """Nothing is needed without tokens; with them a missing, empty or other key stops the start."""
    assert tokens.open_vault(store, "", settings.data_dir) is None
    give(1)
    with pytest.raises(ConfigError, match="vault_key is empty"):
        tokens.open_vault(store, "", settings.data_dir)
    key.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        tokens.open_vault(store, str(key), settings.data_dir)
    keyfile.write_private(key, settings.data_dir, [keyfile.new_key()])
    with pytest.raises(ConfigError, match="1 tokens are sealed to a key that is not in"):
        tokens.open_vault(store, str(key), settings.data_dir)


def test_token_leaves_with_its_account(store, key, give):
    """An account that its volunteer takes away has no token any more."""
    account = give(1)[0]
    store.run_write(volunteers.set_accounts, account.volunteer_id, ())
    assert store.run_read(access.page) == []


def test_canary_is_nowhere(store, settings, clock, key, give, tmp_path, capsys):
    """A token given, opened and sealed anew stands in no file of the folder, no backup, no output."""
    give(3)
    opened(store, key, settings.data_dir)
    rotation.rotate(store, key, settings.data_dir, clock=clock)
    snapshot(settings.database, tmp_path / "copy.db")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"languette.db", "languette.db-wal", "copy.db", "vault.pub", "vault.key"} <= {
        path.name for path in files
    }
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
    said = capsys.readouterr()
    assert CANARY not in said.out + said.err


@pytest.mark.skipif("TOKENS" not in os.environ, reason="a measurement: TOKENS=10000, on an idle machine")
def test_rotation_is_fast(store, settings, clock, key, make_volunteer):
    """At least a thousand tokens a second."""
    count = int(os.environ["TOKENS"])
    volunteer_id = make_volunteer().id
    seal = keyfile.read_public(settings.data_dir)
    ids = range(1000, 1000 + count)
    accounts = [
        {"id": n, "volunteer_id": volunteer_id, "network": "x", "handle": f"v{n}", "active": True}
        for n in ids
    ]
    rows = [
        {
            "account_id": n,
            "mode": "automatic",
            "sealed": seal.close(tokens.bound(n, "x"), Secret("t" * 60)),
            "given_at": NOW,
            "used_at": NOW,
        }
        for n in ids
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(AccountRow), accounts)
        connection.execute(insert(AccessRow), rows)
    start = time.process_time()
    assert rotation.rotate(store, key, settings.data_dir, clock=clock) == (count, 0)
    assert time.process_time() - start < count / 1000
