"""What the guesses get right is measured on tables of real-life wording, `titles.txt` and `places.txt`."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sets import regions, sectors
from bot.sets.guess import guess_region, guess_sector

HERE = Path(__file__).parent


def table(name: str) -> list[tuple[str | None, str]]:
    """Read lines of `code words`; `-` means that no guess is the right answer."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    rows = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(None if code == "-" else code, words) for code, _, words in rows]


TITLES = table("titles.txt")
PLACES = table("places.txt")


def measure(titles: list[tuple[str | None, str]]) -> tuple[float, float]:
    """Give the shares of titles that are guessed rightly and wrongly; the rest is left to the moderator."""
    guesses = [(guess_sector(title), sector) for sector, title in titles]
    right = sum(guess == sector for guess, sector in guesses)
    wrong = sum(guess not in {None, sector} for guess, sector in guesses)
    return right / len(titles), wrong / len(titles)


def test_192_common_titles_98_percent_right_half_a_percent_wrong():
    """Of 192 everyday titles, French and English, 189 are right, 2 are left open, 1 is wrong.

    The first version of the words, before it was tuned on this table, had 186 right and 2 wrong.
    """
    right, wrong = measure(TITLES)
    assert len(TITLES) >= 120
    assert right >= 0.98
    assert wrong <= 0.01


def test_89_unusual_titles_53_percent_right_13_percent_wrong():
    """Of 89 unusual titles for which no word was added 47 are right, 30 left open, 12 wrong.

    One rule came from looking at them: jobs found in every sector yield to a trade (46 and 14 before it).
    """
    right, wrong = measure(table("titles_unseen.txt"))
    assert right >= 0.52
    assert wrong <= 0.14


@pytest.mark.parametrize(("region", "place"), PLACES, ids=[place or "(empty)" for _, place in PLACES])
def test_place(region, place):
    """A typed place gives its region, and None where it names several, none or all."""
    assert guess_region(place) == region


@pytest.mark.parametrize(
    "title",
    ["INFIRMIÈRE", "infirmiere", "Infirmier(e)", "Infirmier·ère", "Infirmie\u0301re", "infirmier/ère"],
)
def test_spelling_does_not_matter(title):
    """Capitals, accents, their encoding and inclusive endings change nothing."""
    assert guess_sector(title) == "J"


def test_words_are_whole():
    """A word inside another says nothing: no barman in a barrister."""
    assert guess_sector("Barrister-ship xbarmanx") is None


def test_text_counts_only_where_the_title_is_silent():
    """The sentence decides for "Premier emploi", and not against "Cariste"."""
    assert guess_sector("Premier emploi", "Je suis aide-soignante, libre tout de suite.") == "J"
    assert guess_sector("Cariste", "J’ai été aide-soignante.") == "N"


def test_text_needs_the_name_of_a_job():
    """Liking music is not a search on the stage."""
    assert guess_sector("Premier emploi", "J’aime la musique et le cinéma.") is None


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_any_text_gives_a_code_or_none(one, two):
    """Whatever is typed, the guesses answer with a known code or None."""
    assert guess_sector(one, two) in {None, *sectors()}
    assert guess_region(one) in {None, *regions()}
