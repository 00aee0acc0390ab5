"""Names of hosts with letters beyond ASCII: kept as the network knows them, shown as people write them. Pure.

`müller.example` is kept as `xn--mller-kva.example` (IDNA 2008, UTS 46). A name that could pass for another is
refused, by three of the rules by which browsers decide whether to show a name in its letters
(https://chromium.googlesource.com/chromium/src/+/main/docs/idn.md): one script a label, no label that is
wholly made of letters that look Latin, and of Latin letters only those that people write.
"""

import re
import unicodedata

import idna

PREFIX = "xn--"
_CODED = re.compile(rf"\b{PREFIX}[a-z0-9-]+", re.IGNORECASE)
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA"})
"""Japanese is written in all three at once."""
_LATIN_BESIDES = frozenset("ßæœøðþłđħ")
"""Latin letters of living languages that are no ASCII letter with a mark."""
_LOOK_LATIN = frozenset("аеорсухіјѕһԁԛԝӏьвкмнтгпѵѡ" + "αινοουχκρτγ")
"""Cyrillic and Greek letters that pass for Latin ones in the fonts people read."""


def to_ascii(host: str) -> str | None:
    """Give the form in which a host with letters beyond ASCII is kept; None: it is none, or may deceive."""
    try:
        kept = idna.encode(host, uts46=True, std3_rules=True).decode()
        shown = idna.decode(kept)
    except (idna.IDNAError, UnicodeError):
        return None
    if PREFIX not in kept:  # letters that only look like ASCII, e.g. full-width ones
        return None
    labels = shown.split(".")
    return kept if all(_plain(label, latin_top=labels[-1].isascii()) for label in labels) else None


def readable(text: str) -> str:
    """Give a handle or a host with its names written in their letters; those that may deceive stay coded."""
    return _CODED.sub(lambda found: _decoded(found[0]), text)


def _decoded(label: str) -> str:
    try:
        shown = idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label
    return shown if _plain(shown, latin_top=True) else label


def _plain(label: str, *, latin_top: bool) -> bool:
    """Whether nobody takes a label for another one."""
    letters = [char for char in label if char.isalpha() or unicodedata.category(char).startswith("M")]
    scripts = {_script(char) for char in letters} - {"COMBINING"}
    if len(scripts) > 1 and not scripts <= _TOGETHER:
        return False
    if scripts == {"LATIN"}:
        return all(_common(char) for char in letters)
    return not letters or not latin_top or not set(letters) <= _LOOK_LATIN


def _script(char: str) -> str:
    return unicodedata.name(char, "?").split()[0].partition("-")[0]


def _common(char: str) -> bool:
    """Whether a Latin letter is an ASCII one, alone or with marks, or one of a living language."""
    return unicodedata.normalize("NFD", char)[0].isascii() or char in _LATIN_BESIDES
