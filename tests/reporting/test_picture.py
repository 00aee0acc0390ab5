"""The picture of a notice, drawn from any words."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.model.notice import Contract, NoticeText
from bot.reporting.picture import PAPERS, draw
from bot.reporting.typeset import Face, plain

WORDS = NoticeText(
    title="Soudeur TIG",
    place="Lille",
    remote=True,
    contract=Contract.PERMANENT,
    text="Dix ans de soudure.",
    name="Moussa",
)


def drawn(words, **values):
    """Draw and read back."""
    options = {"lang": "fr", "paper": "", "hashtag": "#emploi", "site_name": "Languette"} | values
    image = Image.open(BytesIO(draw(words, **options)))
    assert image.format == "PNG"
    return image.convert("RGB")


@pytest.mark.parametrize("paper", PAPERS)
def test_size_and_paper(paper):
    """1200 x 630 pixels, on the paper of the sector's group."""
    image = drawn(WORDS, paper=paper)
    assert image.size == (1200, 630)
    wanted = tuple(int(PAPERS[paper][0][i : i + 2], 16) for i in (1, 3, 5))
    assert image.getpixel((70, 60)) == wanted


@pytest.mark.parametrize("sign", ["W", "word ", "i"])
def test_nothing_overflows(sign):
    """The longest words leave the margin of the paper as empty as the shortest do."""
    full = replace(
        WORDS, title=(sign * 60)[:60], place=(sign * 60)[:60], text=(sign * 400)[:400], name=(sign * 40)[:40]
    )
    short = drawn(replace(full, title="a", place="a", text="a", name="a"))
    # Pictures have a palette of their own: only what differs clearly is writing.
    change = ImageChops.difference(drawn(full), short).convert("L").point(lambda v: 255 if v > 60 else 0)
    difference = change.getbbox()
    assert difference is not None
    left, top, right, bottom = difference
    assert left >= 56 + 40
    assert right <= 1144 - 40
    assert top >= 40 + 20
    assert bottom <= 446


@pytest.mark.parametrize("hashtag", ["#e", "#JeChercheUnEmploiEnBretagneOui", "#求人"])
def test_any_hashtag(hashtag):
    """A hashtag of any length and script stays on its strip."""
    assert drawn(WORDS, hashtag=hashtag).getpixel((62, 550))[0] > 200


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60), st.text(max_size=400))
def test_any_text_is_drawn(title, text):
    """Whatever was typed, there is a picture."""
    assert drawn(replace(WORDS, title=title, text=text)).size == (1200, 630)


@pytest.mark.parametrize(
    "text",
    ["\U0001f469\u200d\U0001f373 طباخ 日本語", "Łukasz Ňová", "\u202eevil", "a\u0000b\ud800", "e\u0301", ""],
)
def test_unknown_signs_do_not_break(text):
    """Signs our fonts lack are drawn by another font or left out."""
    assert Face("text", 430, 30).width(plain(text)) >= 0


def test_direction_marks_are_dropped():
    """An override of direction cannot turn words round."""
    assert plain("a\u202eb\u200b\u2066c\n d") == "abc d"


@pytest.mark.parametrize("width", [40, 200, 900])
def test_lines_fit(width):
    """Every wrapped line is at most as wide as asked."""
    face = Face("display", 800, 40)
    assert all(face.width(line) <= width for line in face.wrap("Développeuse web " + "x" * 50, width))
