"""What is said of keys that are not there, of when one was made, and of what was sealed and is damaged."""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest

from bot.errors import DataError, LanguetteError
from bot.trust import keyfile
from bot.trust.vault import Vault


def test_without_a_public_key_nothing_can_be_sealed(tmp_path: Path):
    """None, which is no error: nobody has made one yet."""
    assert keyfile.read_public(tmp_path) is None


def test_a_key_is_as_old_as_its_public_file(tmp_path: Path):
    """In UTC, whatever zone the machine is in."""
    keyfile.write_public(tmp_path, Vault([keyfile.new_key()]).seal)
    os.utime(tmp_path / keyfile.PUBLIC, (0, 86_400))
    assert keyfile.made_at(tmp_path) == datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("sealed", ["", "nonsense", "v2.x.y", "v1.é.y"])
def test_a_damaged_token_is_told_from_a_missing_key(sealed: str):
    """The operator reads which of the two it is."""
    with pytest.raises(
        DataError, match=r"^A sealed token is damaged, or was written by a newer Languette\.$"
    ):
        Vault([keyfile.new_key()]).open("place", sealed)


@pytest.fixture
def strict():
    """Let this process make files as a hardened shell of root does."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_a_strict_umask_keeps_the_daemon_out_of_nothing(tmp_path: Path, strict):
    """Root changes keys in a hardened shell; the daemon, another user, opens the lock and the public key."""
    (tmp_path / keyfile.LOCK).touch()  # as an earlier version left it
    with keyfile.changing(tmp_path):
        keyfile.write_public(tmp_path, Vault([keyfile.new_key()]).seal)
    keyfile.write_private(tmp_path / "vault.key", tmp_path / "data", [keyfile.new_key()])
    rights = [
        (tmp_path / name).stat().st_mode & 0o777 for name in (keyfile.LOCK, keyfile.PUBLIC, "vault.key")
    ]
    assert rights == [0o644, 0o644, 0o400]


def test_nobody_waits_for_ever_for_the_lock(tmp_path: Path):
    """Whoever may read the file could hold it: who waits in vain reads why; who waits for its end goes on."""
    with (
        keyfile.changing(tmp_path),
        pytest.raises(DataError, match=r"keys\.lock: keys are being changed\. Try again"),
        keyfile.changing(tmp_path, wait_s=0.1),
    ):
        pytest.fail("two change keys at once")
    held = contextlib.ExitStack()
    held.enter_context(keyfile.changing(tmp_path))
    Timer(0.2, held.close).start()
    with keyfile.changing(tmp_path):
        pass


@pytest.mark.parametrize("name", [keyfile.LOCK, keyfile.PUBLIC])
def test_what_cannot_be_opened_is_told_with_the_way_on(tmp_path: Path, name: str):
    """A folder in its place stands for rights that somebody else's file has not: root may read everything."""
    (tmp_path / name).mkdir()
    with (
        pytest.raises(LanguetteError, match=rf"{name} cannot be (opened|read) .*chmod 644"),
        keyfile.changing(tmp_path),
    ):
        keyfile.read_public(tmp_path)


@pytest.mark.parametrize("what", ["a link", "a second name", "a pipe"])
def test_what_another_user_put_in_place_of_the_lock_is_left_alone(tmp_path: Path, what: str):
    """Root changes keys in the daemon's folder: no other file's rights change, and nothing is waited for."""
    secret, lock = tmp_path / "secret", tmp_path / keyfile.LOCK
    secret.touch(mode=0o600)
    if what == "a link":
        lock.symlink_to(secret)
    elif what == "a second name":
        lock.hardlink_to(secret)
    else:
        os.mkfifo(lock)
    with pytest.raises(DataError, match=r"keys\.lock"), keyfile.changing(tmp_path):
        pytest.fail("it was taken for the lock")
    assert secret.stat().st_mode & 0o777 == 0o600
