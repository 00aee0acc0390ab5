"""Text on a picture: our two fonts, another one for signs they lack, lines that fit a width.

A text is set in one font, so that its letters are shaped, joined and ordered as a whole: Arabic between Latin
words stands where its reader expects it. What that font lacks is left out with care, see `drawable`.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from PIL import ImageDraw, ImageFont, features

OWN = {
    "display": ("web", "static", "fonts", "bricolage-grotesque.woff2"),
    "text": ("web", "static", "fonts", "figtree.woff2"),
}
OTHER = {
    "display": ("reporting", "fonts", "dejavu-sans-bold.woff2"),
    "text": ("reporting", "fonts", "dejavu-sans.woff2"),
}
"""Latin with every accent, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian and common symbols."""
ORDERS = features.check("raqm")
"""Whether this Pillow can order a line in two directions; its wheels can."""
PROBE_PX = 32
NO_GLYPH = "\U0010fffe"
"""A code point that no font has: what it draws is the font's sign for "missing"."""
LEFT_OUT = "…"
# Marks of direction and invisible joins could hide or turn words round on a picture.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def plain(text: str) -> str:
    """Give `text` in one line, composed, without invisible and unassigned characters."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(c for c in composed if unicodedata.category(c) not in _DROPPED and not "︀" <= c <= "️")


def right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction reads from right to left."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((one in _RIGHT_TO_LEFT for one in strong if one in _RIGHT_TO_LEFT | {"L"}), False)


@cache
def _font(path: tuple[str, ...], weight: int, size: int) -> ImageFont.FreeTypeFont:
    file = files("bot").joinpath(*path)
    font = ImageFont.truetype(BytesIO(file.read_bytes()), size)
    if path in OWN.values():
        font.set_variation_by_axes([weight])
    return font


@cache
def _has(path: tuple[str, ...], char: str) -> bool:
    font = _font(path, 700, PROBE_PX)
    drawn, missing = font.getmask(char), font.getmask(NO_GLYPH)
    return char == " " or (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def _needs_other(kind: str, text: str) -> bool:
    """Whether the other font has letters of `text` that ours lacks: then it sets the whole text."""
    return any(char.isalnum() and not _has(OWN[kind], char) and _has(OTHER[kind], char) for char in text)


def drawable(kind: str, text: str) -> str:
    """Give what of `text` can be drawn.

    Of a run of letters or numbers that the font lacks, e.g. Japanese, an ellipsis shows that something is
    missing. Emoji and other signs go without a trace, and without the space beside them. A text of which no
    letter would be left is empty.
    """
    text = plain(text)
    font = (OTHER if _needs_other(kind, text) else OWN)[kind]
    kept: list[str] = []
    for char in text:
        if _has(font, char):
            kept.append(char)
        elif char.isalnum() and kept[-1:] != [LEFT_OUT]:
            kept.append(LEFT_OUT)
    found = " ".join("".join(kept).split())
    return found if any(char.isalnum() for char in found) else ""


@dataclass(frozen=True, slots=True)
class Face:
    """A font at a weight and a size in pixels, and the direction in which its text is read."""

    kind: str
    weight: int
    size: int
    other: bool = False
    turned: bool = False

    @classmethod
    def of(cls, kind: str, weight: int, size: int, text: str) -> "Face":
        """Give the face in which the whole of a drawable text is set, all its lines alike."""
        return cls(kind, weight, size, _needs_other(kind, text), right_to_left(text))

    @property
    def line(self) -> int:
        """Distance of two lines in pixels."""
        return round(self.size * (1.1 if self.kind == "display" else 1.36))

    def width(self, text: str) -> float:
        """Give the width of one line in pixels."""
        return self._font.getlength(text, direction=self._direction)

    def draw(
        self, on: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: str, *, right: float = 0
    ) -> None:
        """Write one line with its baseline's left end at `at`.

        What reads from right to left ends at `right` instead, if given.
        """
        where, anchor = ((right, at[1]), "rs") if self.turned and right else (at, "ls")
        on.text(where, text, font=self._font, fill=colour, anchor=anchor, direction=self._direction)

    @property
    def _font(self) -> ImageFont.FreeTypeFont:
        return _font((OTHER if self.other else OWN)[self.kind], self.weight, self.size)

    @property
    def _direction(self) -> str | None:
        return ("rtl" if self.turned else "ltr") if ORDERS else None

    def cut(self, text: str, width: float) -> str:
        """Give `text`, or its beginning and an ellipsis where it is wider than `width` pixels."""
        if self.width(text) <= width:
            return text
        while text and self.width(text + LEFT_OUT) > width:
            text = text[:-1]
        return text.rstrip() + LEFT_OUT

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
