"""Passwords that are guessed first are known; those that people make of a few words are not refused."""

import pytest

from bot.trust import guesses, leaked


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
    assert not leaked.known(password)


def test_an_empty_name_takes_nothing_away():
    """A name of signs only, or none, changes nothing."""
    assert not guesses.obvious("seven green bicycles", ("", "!!!", "  "))
