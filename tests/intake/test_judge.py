"""What a post that was seen is. A doubt goes to a person, never away."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.judge import judge, language_of, words_of
from bot.model.found import ENTERS, Sight
from bot.model.notice import NAME_MAX, PLACE_MAX, TEXT_MAX, TITLE_MAX
from bot.model.tags import tag_of, tags_in
from tests.intake.makers import found

CORPORA = Path(__file__).parents[1] / "moderation"


def lines(name):
    """Lines of a corpus."""
    return (CORPORA / f"{name}.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("values", "sight"),
    [
        ({}, Sight.SEARCH),
        ({"boost": True}, Sight.BOOST),
        ({"reply": True}, Sight.REPLY),
        ({"quote": True}, Sight.QUOTE),
        ({"sensitive": True}, Sight.SENSITIVE),
        ({"lang": "de"}, Sight.LANGUAGE),
        ({"lang": "fr-CA"}, Sight.SEARCH),
        ({"lang": ""}, Sight.SEARCH),
        ({"author_bio": "Ici on papote. #NoBot"}, Sight.OPTED_OUT),
        ({"author_bio": "#nobots svp"}, Sight.OPTED_OUT),
        ({"author_bio": "#NoIndex"}, Sight.OPTED_OUT),
        ({"author_bio": "no bot is my friend"}, Sight.SEARCH),
        ({"author_hidden": True}, Sight.HIDDEN),
        ({"author_locked": True}, Sight.LOCKED),
        ({"author_bot": True}, Sight.BOT),
        ({"text": "#emploi #lille https://exemple.fr/cv"}, Sight.EMPTY),
        ({"text": "Notre équipe recrute des soudeurs H/F, envoyez votre CV ! #emploi"}, Sight.OFFER),
    ],
)
def test_each_rule_says_what_a_post_is(values, sight):
    """One fact about a post decides, the first that holds."""
    assert judge(found(**values)) is sight


@pytest.mark.parametrize(
    "values", [{"reply": True}, {"lang": "de"}, {"author_hidden": True}, {"quote": True}]
)
def test_a_mention_is_a_request(values):
    """Whoever mentions the collective is read by a person, whatever the form of the post."""
    assert judge(found(mentions=True, **values)) is Sight.ASKED


@pytest.mark.parametrize(
    ("values", "sight"),
    [
        ({"boost": True}, Sight.BOOST),
        ({"author_locked": True}, Sight.LOCKED),
        ({"text": "@collectif #emploi"}, Sight.EMPTY),
    ],
)
def test_a_mention_makes_no_boost_possible(values, sight):
    """A mention helps neither a boost of somebody else's post, nor a locked account, nor an empty post."""
    assert judge(found(mentions=True, **values)) is sight


def test_searches_enter_and_offers_do_not():
    """On the corpora: at most one search in 50 is lost, at least 95 % of the offers stay out."""
    lost = [line for line in lines("searches") if judge(found(line)) not in ENTERS]
    kept = [line for line in lines("offers") if judge(found(line)) in ENTERS]
    assert len(lost) <= len(lines("searches")) / 50, lost
    assert len(kept) <= len(lines("offers")) / 20, kept


def test_a_hashtag_is_compared_without_case_and_composed():
    """`#É` in one character or two, in capitals or not, is one hashtag."""
    assert tag_of("#ÉTÉ") == tag_of("e\u0301te\u0301") == "été"
    assert tags_in("Libre cet #E\u0301te\u0301 à #Lille") == {"été", "lille"}


def test_the_words_are_the_posts_own():
    """Title, place, text and name come out of the post; the contract is nobody's guess."""
    words = words_of(found("Bonjour @collectif ! Je cherche un poste de soudeuse à Lille. #emploi"), "fr")
    assert words.title == "Je cherche un poste de soudeuse à Lille."
    assert words.place == "Lille"
    assert words.text == "Bonjour @collectif ! Je cherche un poste de soudeuse à Lille. #emploi"
    assert words.name == "Nadia"


def test_a_place_nobody_names_is_anywhere():
    """Without a place the notice goes everywhere, in its language."""
    assert words_of(found("looking for a job as a welder #jobs"), "en").place == "anywhere"


def test_the_language_is_the_posts_or_the_collectives():
    """A language that we do not speak gives the collective's own."""
    assert language_of(found(lang="en-GB"), "fr") == "en"
    assert language_of(found(lang="de"), "fr") == "fr"


@given(st.text(max_size=600), st.text(max_size=80))
def test_any_text_makes_words_that_fit(text, name):
    """Whatever is posted, the judge answers, and the words of what enters hold their limits."""
    post = found(text, author_name=name)
    if judge(post) in ENTERS:
        words = words_of(post, "fr")
        assert 0 < len(words.title) <= TITLE_MAX
        assert 0 < len(words.place) <= PLACE_MAX
        assert 0 < len(words.text) <= TEXT_MAX
        assert 0 < len(words.name) <= NAME_MAX
