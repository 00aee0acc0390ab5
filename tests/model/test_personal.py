"""What counts as personal data in a public text, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.personal import PersonalKind, find_personal, without_personal

FOUND = [
    ("Tél. 06 12 34 56 78", PersonalKind.PHONE, "06 12 34 56 78"),
    ("06.12.34.56.78 ou rien", PersonalKind.PHONE, "06.12.34.56.78"),
    ("0612345678", PersonalKind.PHONE, "0612345678"),
    ("06-12-34-56-78", PersonalKind.PHONE, "06-12-34-56-78"),
    ("0 6 1 2 3 4 5 6 7 8", PersonalKind.PHONE, "0 6 1 2 3 4 5 6 7 8"),
    ("０６１２３４５６７８", PersonalKind.PHONE, "０６１２３４５６７８"),
    ("+33 6 12 34 56 78", PersonalKind.PHONE, "+33 6 12 34 56 78"),
    ("+33 (0)6 12 34 56 78", PersonalKind.PHONE, "+33 (0)6 12 34 56 78"),
    ("0033612345678", PersonalKind.PHONE, "0033612345678"),
    ("+32 470 12 34 56", PersonalKind.PHONE, "+32 470 12 34 56"),
    ("+1 (415) 555-2671", PersonalKind.PHONE, "+1 (415) 555-2671"),
    ("nadia.b@free.fr", PersonalKind.EMAIL, "nadia.b@free.fr"),
    ("nadia (at) gmail.com", PersonalKind.EMAIL, "nadia (at) gmail.com"),
    ("nadia[at]gmail[dot]com", PersonalKind.EMAIL, "nadia[at]gmail[dot]com"),
    ("nadia arobase orange point fr", PersonalKind.EMAIL, "nadia arobase orange point fr"),
    ("nadia＠gmail.com", PersonalKind.EMAIL, "nadia＠gmail.com"),
    ("12 rue de la Paix", PersonalKind.ADDRESS, "12 rue de la Paix"),
    ("3 bis, avenue Foch, 69006 Lyon", PersonalKind.ADDRESS, "3 bis, avenue Foch, 69006 Lyon"),
    ("5 place de la République", PersonalKind.ADDRESS, "5 place de la République"),
    ("14 bd Voltaire", PersonalKind.ADDRESS, "14 bd Voltaire"),
    ("221 Baker Street", PersonalKind.ADDRESS, "221 Baker Street"),
    ("FR76 3000 6000 0112 3456 7890 189", PersonalKind.IBAN, "FR76 3000 6000 0112 3456 7890 189"),
    ("1 84 12 76 451 089 46", PersonalKind.NIR, "1 84 12 76 451 089 46"),
]


@pytest.mark.parametrize(("text", "kind", "piece"), FOUND)
def test_personal_data_is_found(text: str, kind: PersonalKind, piece: str):
    """Each piece is found once, whole, at its place in the text as typed."""
    assert [(one.kind, text[one.start : one.end]) for one in find_personal(text)] == [(kind, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "Cariste CACES 1-3-5, dix ans",
        "De 2009 à 2019, puis 2020-2026",
        "30 000 - 35 000 € par an",
        "59000 Lille, 62100 Calais",
        "Départements 59 62 80 02 60 08 51",
        "Du 01/09/2026 au 30/06/2027",
        "01/09/2026 - 30/06/2027",
        "06/2024-12/2026",
        "5 cours de piano par semaine",
        "3 cours de Python",
        "@marthe@piaille.fr sur Mastodon",
        "I work at boulanger.fr",
        "Permis B, 12 routes par jour",
        "SIRET 732 829 320 00074",
        "TIG 141, MIG 131, ARC 111",
        "Bac +2, bac + 5",
        "FR76 3000 6000 0112 3456 7890 188",
    ],
)
def test_other_numbers_are_left_alone(text: str):
    """Years, salaries, post codes, licences, dates and handles are no personal data."""
    assert find_personal(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Libre dès le 1er. Tél. 06 12 34 56 78.", "Libre dès le 1er."),
        ("Écrivez-moi à nadia@free.fr, merci.", "Merci."),
        ("Appelez-moi au 06 12 34 56 78 ou jean@free.fr, disponible.", "Disponible."),
        ("Soudeur, 06 12 34 56 78 / 07 12 34 56 78.", "Soudeur."),
        ("(tél : 0612345678) Soudeuse", "Soudeuse"),
        ("Soudeuse (Lille, 06 12 34 56 78), dix ans", "Soudeuse (Lille), dix ans"),
        ("06 12 34 56 78", ""),
        ("Dix ans à Lille…", "Dix ans à Lille…"),
    ],
)
def test_personal_data_is_taken_out_with_its_label(text: str, left: str):
    """What is left reads like a sentence."""
    assert without_personal(text) == left


@given(st.text(alphabet=st.sampled_from("0123456789 .-+()@abcrueTél, é\n\u202eFR"), max_size=80))
def test_taking_out_leaves_nothing_to_find(text: str):
    """Spans lie in order within the text and do not overlap; taking out ends within a few rounds."""
    end = 0
    for one in find_personal(text):
        assert end <= one.start < one.end <= len(text)
        end = one.end
    for _ in range(10):
        text = without_personal(text)
    assert find_personal(text) == []
