"""The French catalogue is complete and well spaced."""

import re

import pytest

from bot.locale import nb
from bot.locale.update import french, sources

CATALOGUE = french()
SOURCES = {m if isinstance(m, str) else m[0]: m for _file, m in sources()}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def _forms(key: str) -> list[str]:
    message = CATALOGUE.get(key)
    if message is None:
        return [""]
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_string_has_its_french():
    """No string of the pages, messages or errors lacks a translation."""
    assert [key for key in SOURCES if not all(_forms(key))] == []


def test_no_translation_is_left_over():
    """A string that is gone from the sources is gone from the catalogue (`make messages`)."""
    assert [
        m.id for m in CATALOGUE if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in SOURCES
    ] == []


def test_placeholders_are_equal():
    """A translation takes the same values as its source."""
    wrong = []
    for key, source in SOURCES.items():
        wanted = set(PLACEHOLDER.findall(source if isinstance(source, str) else source[1]))
        wrong += [form for form in _forms(key) if set(PLACEHOLDER.findall(form)) - wanted]
        if isinstance(source, str):
            wrong += [form for form in _forms(key) if wanted - set(PLACEHOLDER.findall(form))]
    assert wrong == []


@pytest.mark.parametrize("ill", [" ?", " !", " ;", " :", " »", "« ", "'", "...", "--"])
def test_french_typography(ill: str):
    """No ordinary space before ? ! ; : », none after «, typographic apostrophes, ellipses and dashes."""
    assert [form for key in SOURCES for form in _forms(key) if ill in form] == []


def test_french_hours_and_thousands():
    """18 h 30 and 6 400 hold together."""
    assert [form for key in SOURCES for form in _forms(key) if nb(form) != form] == []


def test_no_break_spaces_of_nb():
    """`nb` puts U+00A0 where French wants it and nowhere else."""
    assert nb("Vous cherchez ? « Oui » : 6 400 relais à 18 h 30 ; 5 h") == (
        "Vous cherchez\u00a0? «\u00a0Oui\u00a0»\u00a0: 6\u00a0400 relais à 18\u00a0h\u00a030\u00a0; 5\u00a0h"
    )
