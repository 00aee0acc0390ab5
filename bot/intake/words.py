"""Cleaning what people type, once, before anything looks at it. Pure."""

import unicodedata

MARKS_MAX = 3
"""Combining marks kept on one letter; more only serve to scribble over other lines."""


def clean(text: str) -> str:
    """Give `text` composed (NFC), on one line, without invisible characters.

    The rule: every character of Unicode's category C is dropped, that is controls and NUL (Cc), zero-width
    and bidi marks, embeddings and overrides (Cf), lone surrogates (Cs), private use (Co) and unassigned (Cn);
    every run of white space, line breaks included, becomes one space; at most three combining marks stay on
    a letter. Letters of every script and emoji are kept as they are.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        marks = marks + 1 if category.startswith("M") else 0
        if char.isspace():
            kept.append(" ")
        elif not category.startswith("C") and marks <= MARKS_MAX:
            kept.append(char)
    return " ".join("".join(kept).split())
