"""Cleaning what people type: nothing invisible stays but what joins emoji."""

import pytest

from bot.intake.words import clean

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WELDER = "\U0001f469\U0001f3fd\u200d\U0001f3ed"
HEART = "❤\ufe0f\u200d\U0001f525"


@pytest.mark.parametrize("emoji", [FAMILY, WELDER, HEART])
def test_joined_emoji_stay_whole(emoji):
    """A family, a worker with a tone of skin and a burning heart come out as they went in."""
    assert clean(f"Soudeuse {emoji}  à Lille") == f"Soudeuse {emoji} à Lille"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u200db", "ab"),
        ("\u200dSoudeuse\u200d", "Soudeuse"),
        ("\U0001f525\u200d", "\U0001f525"),
        ("\U0001f525\u200dx", "\U0001f525x"),
        ("\U0001f525\u200d\u200d\U0001f525", "\U0001f525\U0001f525"),
        ("x\u202ey\u200bz", "xyz"),
    ],
)
def test_a_joiner_elsewhere_is_dropped(typed, kept):
    """Between letters, at an end or doubled, a joiner only hides something."""
    assert clean(typed) == kept
