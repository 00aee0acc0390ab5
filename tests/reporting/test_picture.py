"""The picture of a notice, drawn from any words."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from bot.model.notice import Contract, NoticeText
from bot.reporting.picture import PAPERS, draw
from bot.reporting.typeset import Face, drawable, plain

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
    ("text", "left"),
    [
        ("Łukasz Ňová", "Łukasz Ňová"),
        ("Сварщик, Лилль", "Сварщик, Лилль"),
        ("Chef طباخ à Lille", "Chef طباخ à Lille"),
        ("שף בליל", "שף בליל"),
        ("日本語 et français", "… et français"),
        ("日本語、求人", ""),
        ("\U0001f469\u200d\U0001f373 Cuisinière", "Cuisinière"),
        ("Chef \U0001f525 à Lille", "Chef à Lille"),
        ("\u202eevil", "evil"),
        ("a\u0000b\ud800", "ab"),
        ("e\u0301", "é"),
        ("\U0001f525", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("kind", ["display", "text"])
def test_what_cannot_be_drawn(kind, text, left):
    """Our fonts' scripts stay; letters of others leave an ellipsis, emoji nothing, not even a gap."""
    assert drawable(kind, text) == left
    assert (Face.of(kind, 430, 30, left).width(left) > 0) == bool(left)


def test_letters_that_remain_are_really_drawn():
    """Each letter of a text in four scripts has a shape of its own, none is the font's sign for "missing"."""
    text = drawable("text", "Lille Лилль שף طباخ")
    face = Face.of("text", 430, 30, text)
    shapes = set()
    for letter in set(text) - {" "}:
        image = Image.new("L", (60, 60))
        face.draw(ImageDraw.Draw(image), (10, 40), letter, "white")
        shapes.add(image.tobytes())
    assert len(shapes) == len(set(text) - {" "})


def test_a_mixed_line_is_ordered_as_a_whole():
    """Latin and Arabic are as wide together as side by side; Arabic letters join, so they are narrower."""
    face = Face.of("text", 430, 40, "Chef طباخ à Lille")
    assert face.other
    joined, apart = face.width("طباخ"), sum(face.width(letter) for letter in "طباخ")
    assert joined < apart
    parts = ("Chef ", "طباخ", " à Lille")
    assert face.width("".join(parts)) == pytest.approx(sum(map(face.width, parts)), abs=3)


def test_what_reads_from_the_right_stands_at_the_right():
    """A title in Arabic ends at the right margin, one in French begins at the left."""
    empty = drawn(replace(WORDS, title="."))
    for title, side in (("طباخ ماهر", 2), ("Chef", 0)):
        change = ImageChops.difference(drawn(replace(WORDS, title=title)), empty).convert("L")
        box = change.point(lambda v: 255 if v > 60 else 0).crop((0, 110, 1200, 230)).getbbox()
        assert box is not None
        assert abs(box[side] - (104, 0, 1096)[side]) < 20


def test_direction_marks_are_dropped():
    """An override of direction cannot turn words round."""
    assert plain("a\u202eb\u200b\u2066c\n d") == "abc d"


@pytest.mark.parametrize("width", [40, 200, 900])
def test_lines_fit(width):
    """Every wrapped line is at most as wide as asked."""
    face = Face("display", 800, 40)
    assert all(face.width(line) <= width for line in face.wrap("Développeuse web " + "x" * 50, width))
