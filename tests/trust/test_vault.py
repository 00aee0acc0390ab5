"""The vault: who can seal, who can open, where, and with which files."""

import pytest

from bot.errors import ConfigError, DataError
from bot.model.secret import Secret
from bot.trust import keyfile
from bot.trust.vault import Seal, Vault, key_of, place

HERE = place("access", 7, "token", "mastodon")
TOKEN = Secret("canary-3f9d")


def test_what_is_sealed_opens_in_its_place_only():
    """Moved to another row, field or network, a sealed token does not open."""
    vault = Vault([keyfile.new_key()])
    sealed = vault.seal.close(HERE, TOKEN)
    assert vault.open(HERE, sealed) == TOKEN
    for other in (
        ("access", 8, "token", "mastodon"),
        ("access", 7, "token", "x"),
        ("other", 7, "token", "x"),
    ):
        with pytest.raises(DataError):
            vault.open(place(*other), sealed)


def test_public_key_seals_and_cannot_open():
    """The seal has no way to open, and another vault's key opens nothing."""
    vault = Vault([keyfile.new_key()])
    sealed = Seal(vault.seal.public).close(HERE, TOKEN)
    assert not hasattr(vault.seal, "open")
    assert key_of(sealed) == vault.seal.key
    with pytest.raises(ConfigError, match="No key"):
        Vault([keyfile.new_key()]).open(HERE, sealed)


def test_sealing_twice_gives_two_texts():
    """Equal tokens cannot be told from what is kept."""
    seal = Vault([keyfile.new_key()]).seal
    assert seal.close(HERE, TOKEN) != seal.close(HERE, TOKEN)


def test_every_changed_byte_is_found():
    """A sealed token with one changed character does not open."""
    vault = Vault([keyfile.new_key()])
    sealed = vault.seal.close(HERE, TOKEN)
    for at, old in enumerate(sealed):
        with pytest.raises((DataError, ConfigError)):
            vault.open(HERE, sealed[:at] + ("A" if old != "A" else "B") + sealed[at + 1 :])


@pytest.mark.parametrize("length", range(1, 7))
def test_there_is_one_way_to_write_a_sealed_token(length):
    """The bits that base64 leaves unused at its end are looked at, too."""
    vault = Vault([keyfile.new_key()])
    for _ in range(20):
        sealed = vault.seal.close(HERE, Secret("x" * length))
        last = len(sealed.rstrip("=")) - 1
        for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if character != sealed[last]:
                with pytest.raises(DataError):
                    vault.open(HERE, sealed[:last] + character + sealed[last + 1 :])


def test_older_keys_still_open():
    """After a rotation began, both keys open and the newest seals."""
    old, new = keyfile.new_key(), keyfile.new_key()
    sealed = Vault([old]).seal.close(HERE, TOKEN)
    both = Vault([old, new])
    assert both.open(HERE, sealed) == TOKEN
    assert key_of(both.seal.close(HERE, TOKEN)) == Vault([new]).seal.key


def test_secret_prints_as_stars():
    """A token in a traceback, a log or an f-string shows nothing."""
    assert f"{TOKEN} {TOKEN!r} {[TOKEN]}".count("canary") == 0


@pytest.fixture
def folders(tmp_path):
    """Give an empty data folder and a folder for the key beside it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "etc").mkdir()
    return tmp_path / "data", tmp_path / "etc" / "vault.key"


def test_key_file_is_read_back(folders):
    """What was written is read: only its owner can, and the public half lies beside the data."""
    data, path = folders
    vault = keyfile.write_private(path, data, [keyfile.new_key()])
    keyfile.write_public(data, vault.seal)
    assert path.stat().st_mode & 0o777 == 0o400
    assert keyfile.open_vault(path, data).keys == vault.keys
    assert keyfile.read_public(data) == vault.seal


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o420])
def test_key_file_open_to_others_is_refused(folders, mode):
    """A group or others who may read or write the keys stop the start."""
    data, path = folders
    keyfile.write_private(path, data, [keyfile.new_key()])
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 400"):
        keyfile.open_vault(path, data)


@pytest.mark.parametrize("text", ["", "\n", "languette-vault-1 AAAA\n", "languette-vault-2 x\n", "é\n"])
def test_damaged_key_file_is_refused(folders, text):
    """An empty, short, foreign or unreadable file stops the start with a sentence."""
    data, path = folders
    path.write_text(text)
    path.chmod(0o400)
    with pytest.raises(ConfigError):
        keyfile.open_vault(path, data)


def test_missing_key_file_is_refused(folders):
    """A file that is not there is said to be so."""
    data, path = folders
    with pytest.raises(ConfigError, match="cannot be read"):
        keyfile.open_vault(path, data)


def test_a_link_to_the_key_file_is_followed(folders):
    """Keys are written where the link leads: the old ones stay nowhere, and none come beside the link."""
    data, path = folders
    keyfile.write_private(path, data, [keyfile.new_key()])
    link = data / "vault.key"
    link.symlink_to(path)
    new = keyfile.new_key()
    keyfile.write_private(link, data, [new])
    assert link.is_symlink()
    assert sorted(one.name for one in data.iterdir()) == ["vault.key"]
    for one in (path, link):
        assert keyfile.open_vault(one, data).keys == [new.id]
    assert [one.name for one in path.parent.iterdir()] == ["vault.key"]


def test_key_file_where_copies_are_made_is_refused(folders):
    """Not in the data folder, by a link neither, and not in a repository."""
    data, path = folders
    with pytest.raises(ConfigError, match="data folder"):
        keyfile.write_private(data / "sub.key", data, [keyfile.new_key()])
    (path.parent / "link").symlink_to(data)
    with pytest.raises(ConfigError, match="data folder"):
        keyfile.write_private(path.parent / "link" / "k", data, [keyfile.new_key()])
    (path.parent / ".git").mkdir()
    with pytest.raises(ConfigError, match="repository"):
        keyfile.write_private(path, data, [keyfile.new_key()])
