"""Every reason of the planner becomes a sentence, in both languages."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from bot.locale import say
from bot.model.plan import Wait
from bot.planning.fairness import Snapshot, allocate
from bot.reporting.explain import _TAKES, why_asked, why_not_more, why_planned
from bot.reporting.waits import why_waiting
from tests.planning import makers
from tests.planning.makers import NOW

SOON = (NOW + timedelta(hours=9)).isoformat()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ({"sector": "H", "region": None, "candidates": 4}, "Votre secteur\u00a0: Industrie"),
        ({"sector": None, "region": "53", "candidates": 4}, "Votre région\u00a0: Bretagne"),
        ({"sector": "H", "region": "53"}, "Votre secteur et votre région\u00a0: Industrie, Bretagne"),
        ({"candidates": 12}, "A le moins de relais des 12\u00a0annonces qui vous correspondent"),
        ({"candidates": 1}, "La seule annonce qui vous correspond en ce moment"),
        (
            {"candidates": 13, "boosts": 0, "rank": [0, 4, 5]},
            (
                "Personne ne l’avait relayée quand votre tour est venu ; elle est passée avant les 12 autres "
                "annonces qui vous correspondent"
            ),
        ),
        (
            {"candidates": 2, "boosts": 3, "rank": [1, 7, 5]},
            (
                "Elle avait peu de relais ou sa tournée finit bientôt ; elle est passée avant l’autre "
                "annonce qui vous correspond"
            ),
        ),
    ],
)
def test_why_asked(reason: dict[str, Any], sentence: str):
    """A volunteer reads what of theirs matched, or how the notice was chosen."""
    assert say(why_asked(reason), "fr").replace("\u00a0", " ") == sentence.replace("\u00a0", " ")


def test_why_waiting_in_plain_words():
    """The example of the specification, with the moment in the reader's time zone."""
    waiting = {"code": "turns_taken", "volunteers": 14, "turns": 23, "most": 1, "until": SOON}
    assert say(why_waiting(waiting), "en", "Europe/Paris").replace("\u00a0", " ") == (
        "The 14 volunteers whom it fits have no free turn before Tuesday 17 November, 7:00 pm. "
        "Those turns go to notices with at most 1 share."
    )


CERTIFICATE = {
    "volunteers": 14,
    "left": 14,
    "takes": ["language", "region"],
    "slots": 23,
    "people": 9,
    "most": 3,
}
SWAPS = {**CERTIFICATE, "left": 8, "takes": ["language", "region", "sector", "networks"]}
ALONE = {"volunteers": 1, "left": 1, "takes": ["language", "network"], "slots": 1, "people": 1, "most": 1}


@pytest.mark.parametrize(
    ("certificate", "lang", "sentence"),
    [
        (
            CERTIFICATE,
            "en",
            (
                "The 14 volunteers left who take its language and its region have 23 turns in the next "
                "24 hours; all go to 9 people with at most 3 shares each, earlier ones included."
            ),
        ),
        (
            CERTIFICATE,
            "fr",
            (
                "Les 14 bénévoles restants qui prennent sa langue et sa région ont 23 tours dans les "
                "24 heures qui viennent ; tous vont à 9 personnes qui ont chacune au plus 3 relais, "
                "relais passés compris."
            ),
        ),
        (
            SWAPS,
            "en",
            (
                "The 8 volunteers left who take its language, its region, its sector and one of its "
                "networks, and 6 others with whom a notice could be swapped, have 23 turns in the next "
                "24 hours; all go to 9 people with at most 3 shares each, earlier ones included."
            ),
        ),
        (
            SWAPS,
            "fr",
            (
                "Les 8 bénévoles restants qui prennent sa langue, sa région, son secteur et l’un de ses "
                "réseaux, et 6 autres avec qui une annonce pourrait s’échanger, ont 23 tours dans les "
                "24 heures qui viennent ; tous vont à 9 personnes qui ont chacune au plus 3 relais, "
                "relais passés compris."
            ),
        ),
        (
            ALONE,
            "en",
            (
                "The only volunteer left who takes its language and its network has 1 turn in the next "
                "24 hours; it goes to one person with at most 1 share, earlier ones included."
            ),
        ),
    ],
)
def test_why_not_more_in_plain_words(certificate: dict[str, Any], lang: str, sentence: str):
    """The certificate of the specification becomes its sentence: who takes what, where their turns go."""
    assert say(why_not_more(certificate), lang).replace("\u00a0", " ").replace("\u202f", " ") == sentence


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("volunteers", [0, 1, 14])
@pytest.mark.parametrize("slots", [0, 1, 23])
@pytest.mark.parametrize("most", [None, 1, 3])
def test_every_certificate_has_its_sentence(lang: str, volunteers: int, slots: int, most: int | None):
    """Whatever the numbers, one whole sentence comes out, without a hole."""
    for people in (1, 9):
        for best in (0, 1, 5):
            data = {"volunteers": volunteers, "slots": slots, "people": people, "most": most}
            for more in ({}, {"left": 1, "takes": ["language"]}, {"left": volunteers, "takes": [*_TAKES]}):
                sentence = say(why_not_more({**data, "level": 2.5, "best": best, **more}), lang)
                assert sentence.endswith(".")
                assert "%" not in sentence
                assert "None" not in sentence


def test_not_looked_at_yet():
    """Before its first round a notice is told that one comes."""
    assert "round" in str(why_waiting(None))


@pytest.mark.parametrize("code", Wait)
@pytest.mark.parametrize("count", [0, 1, 14])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_code_has_its_sentence(code: Wait, count: int, lang: str):
    """Whatever the code and the numbers, a whole sentence comes out, without a hole."""
    value: Any = ["x", "elsewhere"] if code is Wait.NO_NETWORK else "no such code"
    perhaps = {Wait.ALL_PAUSED, Wait.NO_TURN, Wait.NETWORK_FULL}
    for moment in (None, SOON) if code in perhaps else (SOON,):
        data = {
            "code": code.value,
            "volunteers": count,
            "value": value,
            "networks": ["x", "bluesky"],
            "next": moment,
            "until": SOON,
            "turns": count,
            "most": count,
            "done": count,
            "asked": count,
        }
        sentence = say(why_waiting(data), lang, "Europe/Paris")
        assert sentence.endswith(".")
        assert "%" not in sentence


@given(makers.snapshots())
def test_whatever_a_round_says_can_be_read(snapshot: Snapshot):
    """Every reason and every wait that an allocation gives becomes a sentence."""
    plan = allocate(snapshot, NOW)
    for why in plan.unserved.values():
        assert str(why_waiting(why))
    for one in plan.assignments:
        assert str(why_asked(one.reason))
        assert str(why_planned(one.reason))
