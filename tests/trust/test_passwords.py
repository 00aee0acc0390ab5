"""Passwords of admins: hashed slowly, compared alike for known and unknown."""

import asyncio

import pytest

from bot.errors import UsageError
from bot.trust import passwords

PASSWORD = "seven green bicycles"


@pytest.fixture(scope="module")
def stored() -> str:
    """The hash of the password."""
    return passwords.hash_password(PASSWORD)


def test_only_the_password_fits(stored):
    """Another password, an unknown admin and a damaged hash are all a plain no."""
    assert stored.startswith("$argon2id$")
    assert passwords.password_fits(PASSWORD, stored)
    assert not passwords.password_fits(PASSWORD.upper(), stored)
    assert not passwords.password_fits(PASSWORD, "not a hash")
    assert not passwords.password_fits("no such admin", None)
    assert asyncio.run(passwords.fits(PASSWORD, stored))
    assert not asyncio.run(passwords.fits("wrong", stored))


def test_equal_passwords_have_different_hashes(stored):
    """Each hash has a salt of its own."""
    assert passwords.hash_password(PASSWORD) != stored


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 201])
def test_a_password_of_another_length_is_not_hashed(password):
    """Fewer than 12 or more than 200 characters are refused."""
    with pytest.raises(UsageError, match="12 to 200"):
        passwords.hash_password(password)


def test_both_ends_of_the_length_are_allowed():
    """12 and 200 characters are taken whole: the last one counts."""
    for length in (12, 200):
        kept = passwords.hash_password("x" * length)
        assert passwords.password_fits("x" * length, kept)
        assert not passwords.password_fits("x" * (length - 1) + "y", kept)
