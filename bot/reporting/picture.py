"""The picture of a notice for a post's preview: the paper with its strips, 1200 x 630 pixels. Pure."""

from collections.abc import Sequence
from io import BytesIO
from threading import Lock

from PIL import Image, ImageDraw, ImageFilter

from bot.locale import say
from bot.model.notice import CONTRACTS, NoticeText
from bot.model.text import N_
from bot.reporting.typeset import Face, drawable

WIDTH, HEIGHT = 1200, 630
GROUND, INK, VIOLET = "#f5f3fa", "#21143f", "#4a2596"
PAPERS = {
    "": ("#ffe27a", "#57460a"),
    "rose": ("#ffd3d8", "#6e2333"),
    "bleu": ("#cfe6f7", "#1c4866"),
    "vert": ("#d3ebcb", "#24511a"),
}
"""Paper and its second ink, by the classes of the stylesheet."""
LEFT, TOP, RIGHT, TEAR, FOOT = 56, 40, 1144, 446, 552
PAD = 48
STRIPS = 12
SMALL = 27
TITLE_SIZES = (104, 94, 84, 76, 68, 60, 54, 48, 42)
TEXT_SIZES = (42, 40, 38, 36, 34, 32, 30, 28, 26, 24, 22)
TITLE_LINES = 3

_lock = Lock()  # a FreeType face serves one thread at a time


def draw(words: NoticeText, *, lang: str, paper: str, hashtag: str, site_name: str) -> bytes:
    """Give the notice as a PNG.

    Args:
        words: what is written; of any length and in any script, cut where it does not fit.
        lang: language of the contract and of the line below.
        paper: one of `PAPERS`.
        hashtag: on every strip.
        site_name: under the paper.
    """
    with _lock:
        picture = _ground(paper)
        on = ImageDraw.Draw(picture)
        _strips(picture, on, hashtag, paper)
        _body(on, words, lang, paper)
        _foot(on, site_name, say(N_("Volunteers pass this notice on."), lang))
    found = BytesIO()
    picture.quantize(192, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return found.getvalue()


def _ground(paper: str) -> Image.Image:
    shade = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(shade).rectangle((LEFT + 6, TOP + 16, RIGHT - 6, FOOT + 10), fill=70)
    picture = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    picture.paste(INK, mask=shade.filter(ImageFilter.GaussianBlur(14)))
    ImageDraw.Draw(picture).rectangle((LEFT, TOP, RIGHT, FOOT), fill=PAPERS[paper][0])
    return picture


def _strips(picture: Image.Image, on: ImageDraw.ImageDraw, hashtag: str, paper: str) -> None:
    fill, ink = PAPERS[paper]
    room = FOOT - TEAR - 18
    word = drawable("display", hashtag)
    faces = [Face.of("display", 700, size, word) for size in range(25, 15, -1)]
    face = next((one for one in faces if one.width(word) <= room), faces[-1])
    word = face.cut(word, room)
    step = (RIGHT - LEFT) / STRIPS
    tile = Image.new("RGB", (FOOT - TEAR, round(step)), fill)
    start = (tile.width - face.width(word)) / 2
    face.draw(ImageDraw.Draw(tile), (start, tile.height / 2 + face.size * 0.34), word, ink)
    turned = tile.rotate(-90, expand=True)
    for index in range(STRIPS):
        x = round(LEFT + index * step)
        picture.paste(turned.crop((0, 0, min(turned.width, RIGHT - x), turned.height)), (x, TEAR + 1))
        if index:
            _dashes(on, (x, TEAR), (x, FOOT), ink)
    _dashes(on, (LEFT, TEAR), (RIGHT, TEAR), ink)


def _dashes(on: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int], ink: str) -> None:
    across = start[1] == end[1]
    for at in range(start[0] if across else start[1], end[0] if across else end[1], 12):
        line = (at, start[1], at + 6, start[1]) if across else (start[0], at, start[0], at + 6)
        on.line(line, fill=ink, width=2)


def _body(on: ImageDraw.ImageDraw, words: NoticeText, lang: str, paper: str) -> None:
    second = PAPERS[paper][1]
    left, width = LEFT + PAD, RIGHT - LEFT - 2 * PAD
    meta = [say(CONTRACTS[words.contract], lang), drawable("text", words.place)]
    meta += [say(N_("Remote possible"), lang)] if words.remote else []
    y = TOP + PAD + 10
    line_of_facts = "  ·  ".join(filter(None, meta))
    small = Face.of("text", 650, SMALL, line_of_facts)
    small.draw(on, (left, y), small.cut(line_of_facts, width), second, right=left + width)
    room = TEAR - 26 - y - 22 - small.line
    y += 22
    title, text, lines = _fit(drawable("display", words.title), drawable("text", words.text), width, room)
    for face, ink, some in ((title, VIOLET, lines[0]), (text, INK, lines[1])):
        for line in some:
            face.draw(on, (left, y + face.size * 0.82), line, ink, right=left + width)
            y += face.line
        y += 14
    name = drawable("text", words.name)
    small = Face.of("text", 650, SMALL, name)
    small.draw(on, (left, TEAR - 30), small.cut(name, width), second, right=left + width)


def _fit(
    title: str, text: str, width: int, room: int
) -> tuple[Face, Face, tuple[Sequence[str], Sequence[str]]]:
    """Choose the largest sizes at which both fit in `room` pixels of height; cut where the least do not."""
    steps = max(len(TITLE_SIZES), len(TEXT_SIZES))
    for step in range(steps):
        head = Face.of("display", 800, TITLE_SIZES[min(step, len(TITLE_SIZES) - 1)], title)
        body = Face.of("text", 430, TEXT_SIZES[min(step, len(TEXT_SIZES) - 1)], text)
        lines = head.wrap(title, width), body.wrap(text, width)
        if (
            len(lines[0]) <= TITLE_LINES
            and len(lines[0]) * head.line + 14 + len(lines[1]) * body.line <= room
        ):
            return head, body, lines
    top = _first(head, head.wrap(title, width), TITLE_LINES, width)
    left = max(0, (room - 14 - len(top) * head.line) // body.line)
    return head, body, (top, _first(body, body.wrap(text, width), left, width))


def _first(face: Face, lines: Sequence[str], count: int, width: int) -> list[str]:
    """Give the first `count` lines, the last with an ellipsis where others follow."""
    if len(lines) <= count or count == 0:
        return list(lines[:count])
    return [*lines[: count - 1], face.cut(lines[count - 1] + " …", width).replace(" …", "…")]


def _foot(on: ImageDraw.ImageDraw, site_name: str, line: str) -> None:
    y = FOOT + 51
    on.rectangle((LEFT, y - 24, LEFT + 27, y - 8), fill=PAPERS[""][0])
    for index in range(3):
        on.rectangle((LEFT + index * 10, y - 8, LEFT + index * 10 + 7, y + 3), fill=PAPERS[""][0])
    on.rectangle((LEFT + 5, y - 20, LEFT + 22, y - 17), fill=VIOLET)
    on.rectangle((LEFT + 5, y - 14, LEFT + 16, y - 11), fill=VIOLET)
    site = drawable("display", site_name)
    brand, small = Face.of("display", 800, 30, site), Face("text", 500, 24)
    small_width = small.width(line)
    small.draw(on, (RIGHT - small_width, y), line, "#5a4e78")
    brand.draw(on, (LEFT + 40, y), brand.cut(site, RIGHT - LEFT - 80 - small_width), INK)
