"""Leaked passwords are known, and hardly any other."""

import math
import random
import string

import pytest

from bot.trust import leaked


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "1q2w3e4r5t6y",
        "qwertyuiop123",
        "iloveyou1234",
        "123456789012",
        "PASSWORD1234",
        "p@ssw0rd1234",
        "motdepasse123",
        "azertyuiop123",
    ],
)
def test_leaked_passwords_are_known(password):
    """Passwords of twelve characters and more that everybody guesses are on the list, in any case."""
    assert leaked.known(password)


def test_the_list_is_long():
    """The share of bits that are set says: more than a million passwords. A file cut short has fewer."""
    bits = leaked.FILE.read_bytes()
    assert len(bits) * 8 == 256**leaked.WIDTH
    share = sum(byte.bit_count() for byte in bits) / (len(bits) * 8)
    assert 1_000_000 < -math.log(1 - share) * len(bits) * 8 / leaked.HASHES < 2_000_000


def test_other_passwords_are_hardly_ever_taken_for_leaked_ones():
    """Of 10,000 random passwords less than one in a hundred is refused by chance."""
    rng = random.Random(4)
    made = ["".join(rng.choices(string.ascii_letters, k=16)) for _ in range(10_000)]
    assert sum(map(leaked.known, made)) < 100
