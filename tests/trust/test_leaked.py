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


@pytest.mark.parametrize(
    "password",
    [
        "4321drowssap",
        "1234DROWSSAP",
        "!password1234!",
        "motdepasse123!!",
        "...azertyuiop123",
        "**123456789012**",
        "!!321poiuytrewq",
        "motherfucker2026",
        "P@$$w0rd1234",
        "m0td3p4ss3123",
        "1l0v3y0u1234",
        "M0th3rfuck3r!",
    ],
)
def test_a_leaked_password_in_another_form_is_known(password):
    """Turned round, with signs and digits around it, in look-alike letters: nothing else was added."""
    assert leaked.near(password)


@pytest.mark.parametrize(
    "password",
    [
        "seven green bicycles",
        "seven green bicycles 1234",
        "my password is 1234 words long",
        "password1234 is what my neighbour takes",
        "le mot de passe de ma tante 123!",
        "mon emploi de rêve à Lille",
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple-42!",
        "tr0mb0ne et p4rapluie",
        "drôle de zèbre 2026",
        "quatre vingt onze ponts",
        "почему бы и нет",
        "四五六七八九十百千万零壹",
        "Zq8;pfrt-mbXw",
        "kJ2#vNq9!tRw4",
        "3 lamps, 2 boats, 1 owl",
        "2026-11-29 rainy sunday",
        "(river)(stone)(cloud)",
        "1234 moutons blancs",
        "azerty clavier plié en deux",
    ],
)
def test_good_passwords_pass(password):
    """Long rows of words and random signs are neither leaked nor near it, whatever digits are in them."""
    assert not leaked.known(password)
    assert not leaked.near(password)


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
    assert sum(map(leaked.near, made[:2_000])) < 40


def test_rows_of_words_are_hardly_ever_taken_for_near_ones():
    """Of 2,000 rows of words with something after them, less than one in a hundred is refused."""
    rng = random.Random(4)
    words = ["seven", "green", "bicycle", "river", "lamp", "cloud", "maison", "jardin", "soleil", "train"]
    ends = ("", "!", "42", " 2026!", "?7")
    made = ["-".join(rng.choices(words, k=rng.randint(3, 5))) + rng.choice(ends) for _ in range(2_000)]
    assert sum(map(leaked.near, made)) < 20
