"""A text cut where something must be seen: words that a rule remarked, characters that hide. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that look like nothing."""
HIDING = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text. `hidden`: it stands for a character nobody would see, e.g. `[U+202E]`."""

    text: str
    marked: bool = False
    hidden: bool = False


def hides(text: str, index: int) -> bool:
    """Whether the character at `index` is invisible or changes the direction of reading."""
    character = text[index]
    if character == _JOINER and 0 < index < len(text) - 1:
        around = {unicodedata.category(text[index - 1]), unicodedata.category(text[index + 1])}
        return not around <= {"So", "Sk", "Mn"}  # it joins emoji
    if character in "\n\r\t":
        return False
    return character in BLANKS or unicodedata.category(character) in HIDING


def pieces(text: str, spans: Iterable[tuple[int, int]] = ()) -> list[Piece]:
    """Cut `text` so that `spans` (half-open ranges) are marked and hidden characters are named."""
    marked = {index for start, end in spans for index in range(start, min(end, len(text)))}
    found: list[Piece] = []
    for index, character in enumerate(text):
        mark = index in marked
        if hides(text, index):
            found.append(Piece(f"[U+{ord(character):04X}]", marked=mark, hidden=True))
        elif found and not found[-1].hidden and found[-1].marked == mark:
            found[-1] = Piece(found[-1].text + character, marked=mark)
        else:
            found.append(Piece(character, marked=mark))
    return found
