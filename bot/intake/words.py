"""Cleaning what people type, once, before anything looks at it. Pure."""

import unicodedata

JOINER = "\u200d"
_JOINED = frozenset({"So", "Sk", "Mn"})
"""Categories of what stands in an emoji: pictures, tones of skin, the sign for "in colour"."""
MARKS_MAX = 3
"""Combining marks kept on one letter; more only serve to scribble over other lines."""


def clean(text: str) -> str:
    """Give `text` composed (NFC), on one line, without invisible characters but the joins inside emoji.

    The rule: every character of Unicode's category C is dropped, that is controls and NUL (Cc), zero-width
    and bidi marks, embeddings and overrides (Cf), lone surrogates (Cs), private use (Co) and unassigned (Cn);
    every run of white space, line breaks included, becomes one space; at most three combining marks stay on
    a letter. Letters of every script and emoji are kept as they are, families of several joined ones too.
    """
    kept: list[str] = []
    marks = 0
    composed = unicodedata.normalize("NFC", text)
    for index, char in enumerate(composed):
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if char.isspace():
            kept.append(" ")
        elif joins(composed, index) or (not category.startswith("C") and marks <= MARKS_MAX):
            kept.append(char)
    return " ".join("".join(kept).split())


def joins(text: str, index: int) -> bool:
    """Whether the character at `index` joins two emoji into one; anywhere else a joiner only hides."""
    if text[index] != JOINER or not 0 < index < len(text) - 1:
        return False
    before, after = unicodedata.category(text[index - 1]), unicodedata.category(text[index + 1])
    return before in _JOINED and after == "So"
