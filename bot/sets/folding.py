"""Text as a rule reads it: tricks that fool the eye undone, each character tied to where it came from."""

import re
import unicodedata
from dataclasses import dataclass

_CYRILLIC = dict(zip("авекмнорстухіјѕԁһԛԝѵӏ", "abekmhopctyxijsdhqwvl", strict=True))
_GREEK = dict(zip("αβεηικνορτυχω", "abenikvoptuxw", strict=True))
_SIGNS = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "œ": "oe", "æ": "ae", "ı": "i", "ø": "o"}
_DASHES = dict.fromkeys("‐‑‒–—−", "-")
_LOOKALIKES = str.maketrans(_CYRILLIC | _GREEK | _SIGNS | _DASHES)
"""Letters that pass for Latin ones (after `casefold`), ligatures and typographic signs."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is lower case, without accents or invisible characters; `origin[i]` is where `text[i]` stood."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the range of the original that `text[start:end]` came from."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Undo case, accents, ligatures, fullwidth forms, invisible characters and Latin look-alikes."""
    letters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        if unicodedata.category(character) in {"Cf", "Cc", "Cs"} and not character.isspace():
            continue
        for part in unicodedata.normalize("NFKD", character).casefold().translate(_LOOKALIKES):
            if unicodedata.category(part) == "Mn":
                continue
            letters.append(" " if part.isspace() else part)
            origin.append(index)
    return Folded("".join(letters), tuple(origin))


_NOTHING = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def plain(text: str) -> str:
    """Give nearly what `fold` gives, twenty times as fast, without the way back to the original."""
    return _NOTHING.sub("", unicodedata.normalize("NFKD", text).casefold().translate(_LOOKALIKES))
