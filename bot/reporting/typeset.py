"""Text on a picture: our two fonts, another one for signs they lack, lines that fit a width."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import groupby

from PIL import ImageDraw, ImageFont

FONTS = {"display": "bricolage-grotesque.woff2", "text": "figtree.woff2"}
FALLBACKS = {
    "display": ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf"),
    "text": ("DejaVuSans.ttf", "NotoSans-Regular.ttf"),
}
"""Looked for among the machine's fonts; without any, signs that ours lack are left out."""
PROBE_PX = 32
NO_GLYPH = "\U0010fffe"
"""A code point that no font has: what it draws is the font's sign for "missing"."""
# Marks of direction and invisible joins could hide or turn words round on a picture.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def plain(text: str) -> str:
    """Give `text` in one line, composed, without invisible and unassigned characters."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in composed if unicodedata.category(c) not in _DROPPED and not "︀" <= c <= "️")


@cache
def _font(file: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    if file in FONTS.values():
        own = files("bot") / "web" / "static" / "fonts" / file
        font = ImageFont.truetype(BytesIO(own.read_bytes()), size)
        font.set_variation_by_axes([weight])
        return font
    return ImageFont.truetype(file, size)


@cache
def _fallback(kind: str) -> str | None:
    for file in FALLBACKS[kind]:
        try:
            ImageFont.truetype(file, PROBE_PX)
        except OSError:
            continue
        return file
    return None


@cache
def _drawn(file: str, char: str) -> tuple[object, bytes]:
    mask = _font(file, 700, PROBE_PX).getmask(char)
    return mask.size, bytes(mask)


@cache
def _has(file: str, char: str) -> bool:
    return char == " " or _drawn(file, char) != _drawn(file, NO_GLYPH)


@dataclass(frozen=True, slots=True)
class Face:
    """A font at a weight and a size in pixels."""

    kind: str
    weight: int
    size: int

    @property
    def line(self) -> int:
        """Distance of two lines in pixels."""
        return round(self.size * (1.1 if self.kind == "display" else 1.36))

    def _file(self, char: str) -> str:
        own = FONTS[self.kind]
        if _has(own, char):
            return own
        other = _fallback(self.kind)
        return other if other is not None and _has(other, char) else ""

    def runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Cut `text` where the font changes; signs that no font has are left out."""
        last = FONTS[self.kind]
        kept: list[tuple[str, str]] = []
        for char in text:
            # A space belongs to its neighbours, so that a line in another script stays one run.
            file = last if char == " " else self._file(char)
            if file:
                kept.append((file, char))
                last = file
        for file, group in groupby(kept, lambda pair: pair[0]):
            yield _font(file, self.weight, self.size), "".join(char for _, char in group)

    def width(self, text: str) -> float:
        """Give the width of one line in pixels."""
        return sum(font.getlength(run) for font, run in self.runs(text))

    def draw(self, on: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: str) -> None:
        """Write one line with its baseline's left end at `at`."""
        x, y = at
        for font, run in self.runs(text):
            on.text((x, y), run, font=font, fill=colour, anchor="ls")
            x += font.getlength(run)

    def cut(self, text: str, width: float) -> str:
        """Give `text`, or its beginning and an ellipsis where it is wider than `width` pixels."""
        if self.width(text) <= width:
            return text
        while text and self.width(text + "…") > width:
            text = text[:-1]
        return text.rstrip() + "…"

    def wrap(self, text: str, width: float) -> list[str]:
        """Break `text` into lines of at most `width` pixels; a longer word is broken inside."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer) <= width:
                lines[-1] = longer
                continue
            if lines[-1]:
                lines.append("")
            for char in word:
                if lines[-1] and self.width(lines[-1] + char) > width:
                    lines.append("")
                lines[-1] += char
        return [line for line in lines if line]
