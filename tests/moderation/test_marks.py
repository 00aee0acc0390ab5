"""Texts cut for a moderator's eyes."""

from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.marks import hides, pieces


def shown(text, spans=()):
    """The pieces as tuples."""
    return [(piece.text, piece.marked, piece.hidden) for piece in pieces(text, spans)]


def test_spans_are_marked():
    """The words of a span are a marked piece of their own."""
    assert shown("Tel. 0612 now", [(5, 9)]) == [
        ("Tel. ", False, False),
        ("0612", True, False),
        (" now", False, False),
    ]


def test_hidden_characters_are_named():
    """Characters that nobody would see, or that turn the reading around, are written out."""
    assert shown("a\u202eb\u200b") == [
        ("a", False, False),
        ("[U+202E]", False, True),
        ("b", False, False),
        ("[U+200B]", False, True),
    ]


def test_ordinary_text_stays():
    """Accents, no-break spaces, new lines and joined emoji are left as they are."""
    text = "Été\u00a0: 6\u202f400 €\n👩\u200d🍳 ❤️"
    assert shown(text) == [(text, False, False)]


@given(st.text(), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_nothing_is_lost(text, spans):
    """Whatever the text and the spans, every visible character is still there, in order."""
    found = pieces(text, spans)
    assert sum(1 if piece.hidden else len(piece.text) for piece in found) == len(text)
    assert "".join(piece.text for piece in found if not piece.hidden) == "".join(
        character for index, character in enumerate(text) if not hides(text, index)
    )
