"""Reading the form: pure, friendly, and never surprised."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake import form
from bot.intake.form import Submission, read
from bot.intake.mail import likely_meant, read_email
from bot.intake.words import clean
from bot.model.notice import Contract, NoticeText
from bot.networks import every

NETWORKS = every()
FULL = Submission(
    title="Soudeuse TIG",
    place="Lille",
    remote=False,
    contract="permanent",
    text="Dix ans d’atelier, libre tout de suite.",
    has_post="yes",
    link="x.com/moussa/status/12?s=20",
    name="Moussa",
    email="Moussa@Example.fr",
    consent=True,
    lang="fr",
)


def wrong(**values: object) -> list[str]:
    """Give the fields that are wrong in FULL with these values."""
    return [error.field for error in read(replace(FULL, **values), NETWORKS)[1]]  # type: ignore[arg-type]


def test_a_full_form_gives_a_draft():
    """Words are kept, the link is normalised, the address is in lower case."""
    draft, errors = read(FULL, NETWORKS)
    assert errors == []
    assert draft is not None
    assert draft.words == NoticeText(
        title="Soudeuse TIG",
        place="Lille",
        remote=False,
        contract=Contract.PERMANENT,
        text="Dix ans d’atelier, libre tout de suite.",
        name="Moussa",
    )
    assert draft.post is not None
    assert draft.post.url == "https://x.com/moussa/status/12"
    assert draft.email == "moussa@example.fr"


def test_an_empty_form_names_every_field_in_page_order():
    """Each required field has its own sentence; link and e-mail may stay empty."""
    draft, errors = read(Submission(), NETWORKS)
    assert draft is None
    assert [error.field for error in errors] == ["title", "place", "contract", "text", "name", "consent"]
    assert len({str(error.message) for error in errors}) == 6


@pytest.mark.parametrize("name", ["title", "place", "text", "name"])
@pytest.mark.parametrize("value", ["", "   ", "\u200b\u202e", "…!?", "\x00"])
def test_words_without_a_letter_are_missing(name: str, value: str):
    """Spaces, invisible characters and bare punctuation do not fill a field."""
    assert wrong(**{name: value}) == [name]


@pytest.mark.parametrize(("name", "most"), [("title", 60), ("place", 60), ("text", 400), ("name", 40)])
def test_limits_count_cleaned_characters(name: str, most: int):
    """The limit itself fits, with invisible characters and spaces around; one more does not."""
    assert wrong(**{name: f"  {'é' * most}\u200b "}) == []
    assert wrong(**{name: "é" * (most + 1)}) == [name]


def test_text_above_the_wanted_length_is_taken():
    """240 characters are asked for, 400 taken, so that nothing typed is lost."""
    assert wrong(text="a" * 300) == []


def test_contract_must_be_one_of_ours():
    """Anything but a known kind of contract is asked for again."""
    assert wrong(contract="slavery") == ["contract"]
    assert wrong(contract="") == ["contract"]


@pytest.mark.parametrize(
    ("has_post", "link", "fields"),
    [
        ("no", "", []),
        ("no", "whatever", []),
        ("", "", []),
        ("yes", "", ["link"]),
        ("yes", "https://x.com/moussa", ["link"]),
        ("", "https://x.com/moussa", ["link"]),
        ("yes", "javascript:alert(1)", ["link"]),
        ("maybe", "x.com/a/status/1", []),
    ],
)
def test_a_post_is_wanted_only_by_a_yes(has_post: str, link: str, fields: list[str]):
    """The link counts unless the answer is no; a yes needs one."""
    assert wrong(has_post=has_post, link=link) == fields


def test_invisible_characters_in_a_link_are_dropped():
    """A link copied with a zero-width space still works."""
    draft, _ = read(replace(FULL, link="\u200bhttps://x.com/moussa/status/12\u200b"), NETWORKS)
    assert draft is not None


def test_consent_is_asked_once():
    """An edit needs no second tick, a first sending does."""
    assert wrong(consent=False) == ["consent"]
    assert read(replace(FULL, consent=False), NETWORKS, consent_given=True)[1] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a \t b\r\n\nc ", "a b c"),
        ("e\u0301te\u0301", "été"),
        ("a\x00b\x1bc\x7f\x85", "abc"),
        ("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "abcdef"),
        ("a\ud800b", "ab"),
        ("Ελένη, Оля, 李, 👩🏽", "Ελένη, Оля, 李, 👩🏽"),
        ("<b>x</b> & =1+1", "<b>x</b> & =1+1"),
        ("a" + "\u0334" * 50, "a" + "\u0334" * 3),
        ("\u00a0a\u2009b\u3000", "a b"),
    ],
)
def test_cleaning(typed: str, kept: str):
    """Controls and invisible characters go, white space is one space, letters and signs stay."""
    assert clean(typed) == kept


@given(st.text(st.characters(), max_size=100))
def test_cleaning_twice_changes_nothing(text: str):
    """Cleaned words are clean."""
    assert clean(clean(text)) == clean(text)


@given(st.builds(Submission, *[st.text(max_size=60)] * 2, st.booleans(), *[st.text(max_size=60)] * 6))
def test_any_strings_give_a_draft_or_errors(submission: Submission):
    """Whatever was typed, reading gives one or the other, and never raises."""
    draft, errors = read(submission, NETWORKS)
    assert (draft is None) == bool(errors)


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("a@b.fr", "a@b.fr"),
        ("Jean.Dupont+job@Example.CO.UK", "jean.dupont+job@example.co.uk"),
        ("élodie@exemple.fr", "élodie@exemple.fr"),
        ("a@b", None),
        ("a b@c.fr", None),
        ("@c.fr", None),
        ("a@b@c.fr", None),
        ("a@b..fr", None),
        ("a@b.fr,c@d.fr", None),
        ("a@b.fr bcc:x@y.fr", None),
        ("x" * 300 + "@b.fr", None),
    ],
)
def test_email_form(typed: str, email: str | None):
    """Only the form of an address is checked."""
    assert read_email(typed) == email


@pytest.mark.parametrize(
    ("email", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmail.con", "a@gmail.com"),
        ("a@hotmial.fr", "a@hotmail.fr"),
        ("a@gmail.com", None),
        ("a@example.org", None),
        ("a@email.com", None),
        ("a@mairie-lille.fr", None),
        ("", None),
    ],
)
def test_slips_in_known_domains_are_noticed(email: str, meant: str | None):
    """A domain one slip away from a common one is asked about; others are left alone."""
    assert likely_meant(email) == meant


def test_personal_data_is_found_by_field_and_taken_out_everywhere():
    """All public words are looked at; taking out keeps what was not personal, e-mail field included."""
    typed = replace(FULL, text="Dix ans. Tél. 06 12 34 56 78.", place="12 rue de la Paix, Lille")
    assert {name for name, _ in form.personal_in(typed)} == {"text", "place"}
    left = form.without_personal_in(typed)
    assert (left.text, left.place, left.email) == ("Dix ans.", "Lille", FULL.email)
    assert form.personal_in(left) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("moi@example.fr", "moi@example.fr"), (" example.fr/moi ", "https://example.fr/moi")],
)
def test_an_answer_address_is_kept_with_a_yes(typed, kept):
    """Without a post an e-mail or web address may be shown, once its box is ticked."""
    draft, errors = read(
        replace(FULL, has_post="no", link="", answer_to=typed, show_answer_to=True), NETWORKS
    )
    assert errors == []
    assert draft is not None
    assert draft.answer_to == kept


def test_an_answer_address_without_a_yes_or_sense_is_wrong():
    """Not ticked, or no address: the field is wrong, each with its own sentence."""
    alone = {"has_post": "no", "link": ""}
    for values in ({"answer_to": "moi@example.fr"}, {"answer_to": "call me", "show_answer_to": True}):
        assert wrong(**alone, **values) == ["answer_to"]


def test_beside_a_post_no_address_is_shown():
    """People answer under the post: what was typed is left out, ticked or not, right or wrong."""
    for typed in ("moi@example.fr", "call me"):
        draft, errors = read(replace(FULL, answer_to=typed, show_answer_to=True), NETWORKS)
        assert errors == []
        assert draft is not None
        assert draft.answer_to == ""
    assert wrong(link="nowhere", answer_to="call me") == ["link"]
