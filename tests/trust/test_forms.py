"""What is kept today is read by later versions: its forms never change by accident."""

import base64

from bot.delivery.tokens import bound
from bot.model.secret import Secret
from bot.trust import totp
from bot.trust.links import Keyring, hash_token, new_token
from bot.trust.vault import Key, Vault, key_of

KEYS = Keyring(b"the tests' own secret, 32 bytes!")


def test_personal_links_are_found_again():
    """A token is kept as its plain SHA-256, whatever characters somebody puts into an address."""
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_token("\ud800") == hash_token("\ud800")


def test_new_links_have_128_bits():
    """22 characters, each time others."""
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in made} == {16}


def test_purposes_are_apart():
    """The same value under another purpose gives another hash; the hashes are what they were."""
    assert KEYS.digest("a", "b") == "6412daabc82e0c3ea4f1672a2b9e94b130d42f32c68d5bf13ff690afe558fc65"
    assert KEYS.digest("a", "b") != KEYS.digest("b", "b")


def test_a_token_is_bound_to_its_row():
    """The place that a token is sealed to names table, row, field and network."""
    assert bound(7, "x") == "access:7:token:x"
    vault = Vault([Key(b"k" * 32)])
    sealed = vault.seal.close(bound(7, "x"), Secret("t0k3n"))
    assert sealed.split(".")[:2] == ["v1", key_of(sealed)]
    assert vault.open("access:7:token:x", sealed).reveal() == "t0k3n"


def test_the_second_factor_stays():
    """An app that was set up once goes on: secret, code and the text that people type."""
    secret = totp.secret_of(KEYS, 1, "nonce")
    assert len(secret) == totp.SECRET_BYTES
    assert totp.plain_secret(b"12345678901234567890") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.code_at(b"12345678901234567890", 1, 8) == "94287082"
