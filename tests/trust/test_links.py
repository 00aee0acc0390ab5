"""Personal links and the installation's secret."""

import pytest

from bot.errors import ConfigError
from bot.trust import links


def test_tokens_are_long_and_never_the_same():
    """128 random bits as 22 characters that need no quoting in an address; kept as their SHA-256."""
    made = {links.new_token() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(one) == 22 and one.replace("-", "").replace("_", "").isalnum() for one in made)
    one = made.pop()
    assert links.hash_token(one) != links.hash_token(made.pop())
    assert links.hash_token("abc").startswith("ba7816bf8f01cfea414140de5dae2223")  # FIPS 180-2, appendix B.1


def test_whatever_a_browser_sends_can_be_hashed():
    """A lone surrogate, as a broken cookie may hold, is hashed like any text."""
    assert links.hash_token("\ud800") != links.hash_token("\ud801")
    assert links.Keyring(b"k" * 32).digest("p", "\ud800") != links.Keyring(b"k" * 32).digest("p", "\ud801")


def test_each_purpose_has_keys_of_its_own():
    """Hashes and seeds of two purposes, values or secrets never meet, nor does a purpose run into a value."""
    one, other = links.Keyring(b"k" * 32), links.Keyring(b"o" * 32)
    made = [
        one.digest("email", "a"),
        one.digest("post", "a"),
        one.digest("email", "b"),
        other.digest("email", "a"),
        one.digest("emaila", ""),
        one.seed("email").hex(),
        one.seed("post").hex(),
        other.seed("email").hex(),
    ]
    assert len(set(made)) == len(made)
    assert one.digest("email", "a") == links.Keyring(b"k" * 32).digest("email", "a")
    assert len(one.seed("email")) == 32


def test_a_fresh_installation_makes_its_secret_once(tmp_path):
    """The secret is made with its folder, readable by its owner only, and read again afterwards."""
    path = tmp_path / "data" / "secret.key"
    made = links.open_keyring(path, fresh=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == links.KEY_BYTES
    for fresh in (True, False):
        assert links.open_keyring(path, fresh=fresh).seed("x") == made.seed("x")


def test_an_installation_in_use_makes_no_other_secret(tmp_path):
    """Where the database is in use a missing secret is an error, and no file appears."""
    with pytest.raises(ConfigError, match="is missing but the database is in use"):
        links.open_keyring(tmp_path / "secret.key", fresh=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601])
def test_a_secret_open_to_others_is_refused(tmp_path, mode):
    """Any right of the group or of others stops the start, with the command that mends it."""
    path = tmp_path / "secret.key"
    path.write_bytes(b"k" * 32)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        links.open_keyring(path, fresh=True)


def test_a_short_secret_is_refused(tmp_path):
    """A file that lost a byte is no secret; one of 32 bytes or more is."""
    path = tmp_path / "secret.key"
    path.touch(0o600)
    for length, good in ((0, False), (31, False), (32, True), (64, True)):
        path.write_bytes(b"k" * length)
        if good:
            links.open_keyring(path, fresh=False)
        else:
            with pytest.raises(ConfigError, match=f"{length} bytes instead of 32"):
                links.open_keyring(path, fresh=False)
