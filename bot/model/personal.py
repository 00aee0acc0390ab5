"""Personal data in a text that will be public: phone numbers, emails, street addresses, IBAN, NIR. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    """What sort of personal data was found."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    IBAN = "iban"
    NIR = "nir"


@dataclass(frozen=True, slots=True)
class Found:
    """One piece: half-open character range `start`..`end` of the text as it was given."""

    kind: PersonalKind
    start: int
    end: int


_SEP = r"[\s.\-_/()·,]{0,3}"
_DATE = r"(?!\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d{2}(?!\d))"
# A list of departments (59 62 80 02 60) is no phone number: nothing numeric stands just before one.
_START = r"(?<![\w+])(?<!\d[ ,/.\-])(?<!\d, )"
_PARTICLES = r"(?:(?:de|du|des|la|le|les|aux?|en|sur|saint|sainte|st|ste)[\s-]+|[dl]['’]\s?)*"
_NAME = r"[\w'’-]+(?:[\s-]+[A-ZÀ-Þ][\w'’-]+){0,3}"
_TOWN = r"(?:,?\s+\d{5}(?:\s+[A-ZÀ-Þ][\w'’-]+)?)?"
_CLEAR_WAYS = r"rue|avenue|av\.?|boulevard|bo?u?l?v?d\.?|chemin|all[ée]e|impasse|imp\.|rte\.?|faubourg|fbg\.?"
_OTHER_WAYS = (
    r"place|pl\.|cours|route|quai|square|passage|r[ée]sidence|voie|villa|cit[ée]|hameau|mont[ée]e|esplanade"
)
_AT = r"(?:\s?@\s?|\s?[(\[{]\s?(?:at|a|arobase|chez)\s?[)\]}]\s?|\s+arobase\s+)"
_DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|point|\.)\s?[)\]}]\s?|\s+(?:dot|point)\s+)"
_MAIL_HOSTS = r"gmail|googlemail|hotmail|outlook|live|yahoo|orange|wanadoo|free|sfr|laposte|proton|icloud|gmx"

_PATTERNS: tuple[tuple[PersonalKind, re.Pattern[str]], ...] = (
    (
        PersonalKind.IBAN,
        re.compile(r"\b[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{4}){2,7}(?:\s?[A-Za-z0-9]{1,4})?\b"),
    ),
    (
        PersonalKind.NIR,
        re.compile(r"\b[12]\s?\d{2}\s?\d{2}\s?(?:\d{2}|2[ABab])\s?\d{3}\s?\d{3}\s?/?\s?\d{2}\b"),
    ),
    (
        PersonalKind.EMAIL,
        re.compile(
            rf"(?<![\w.+@-])[\w.+-]{{1,64}}{_AT}[\w-]+(?:{_DOT}[\w-]+){{0,4}}{_DOT}[A-Za-z]{{2,24}}\b"
        ),
    ),
    (
        PersonalKind.EMAIL,
        re.compile(
            rf"(?<![\w.+@-])[\w.+-]{{1,64}}\s+at\s+(?:{_MAIL_HOSTS}){_DOT}[a-z]{{2,6}}\b", re.IGNORECASE
        ),
    ),
    (PersonalKind.PHONE, re.compile(rf"(?<![\w+])(?:\+|00)\s?[1-9](?:{_SEP}\d){{7,13}}(?!\d)")),
    (PersonalKind.PHONE, re.compile(rf"{_START}{_DATE}0{_SEP}[1-9](?:{_SEP}\d){{8}}(?!\d)")),
    (
        PersonalKind.ADDRESS,
        re.compile(
            rf"\b\d{{1,4}}(?:\s?(?:bis|ter|quater|[A-Da-d])\b)?,?\s+(?i:{_CLEAR_WAYS})\s+"
            rf"(?i:{_PARTICLES}){_NAME}{_TOWN}"
        ),
    ),
    (
        PersonalKind.ADDRESS,
        re.compile(
            rf"\b\d{{1,4}}(?:\s?(?:bis|ter|quater)\b)?,?\s+(?i:{_OTHER_WAYS})\s+"
            # “5 cours de Python” is a lesson: no bare “de” after these words.
            rf"(?:(?i:de\s+la|de\s+l['’]|du|des|la|le|les)\s*)?(?=[A-ZÀ-Þ]){_NAME}{_TOWN}"
        ),
    ),
    (
        PersonalKind.ADDRESS,
        re.compile(
            r"\b\d{1,4}\s+(?:[A-Z][\w'’-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Blvd)\b"
        ),
    ),
)
_LABEL = re.compile(
    r"(?:^|(?<=[\s,;:.(]))(?:t[ée]l(?:[ée]phone)?\.?|phone|mobile|portable|e-?mail|mail|courriel|adresse|contact|"
    r"num[ée]ro|iban|s[ée]cu|call(?: me)?|appelez(?:-moi)?|[ée]crivez(?:-moi)?|au|[àa]|at|on)\s*[:=]?\s*$",
    re.IGNORECASE,
)

_BETWEEN = re.compile(r"[\s,;:/.()-]*(?:ou|or|et|and|sinon|puis)?[\s,;:/()-]*", re.IGNORECASE)
"""What joins two pieces and says nothing without them."""


def find_personal(text: str) -> list[Found]:
    """Give the personal data in `text`, in order, without overlaps.

    Full-width and other decimal digits count as digits. Numbers such as years, salaries, post codes and
    “CACES 1-3-5” are left alone; IBAN and NIR must carry a right check key.
    """
    plain = "".join(map(_plain, text))
    found: list[Found] = []
    for kind, pattern in _PATTERNS:
        check = _CHECKS.get(kind)
        for match in pattern.finditer(plain):
            start, end = match.span()
            clash = any(start < other.end and other.start < end for other in found)
            if not clash and (check is None or check(match[0])):
                found.append(Found(kind, start, end))
    return sorted(found, key=lambda one: one.start)


def without_personal(text: str) -> str:
    """Give `text` without what `find_personal` finds, nor the “Tél.” before it, with tidy punctuation."""
    left = ""
    for index, (part, follows) in enumerate(_parts(text)):
        if index and follows and _BETWEEN.fullmatch(part):
            continue
        left = _join(left, part) if index else part
        if follows:
            while label := _LABEL.search(left):
                left = left[: label.start()]
    left = left.strip()
    return left[:1].upper() + left[1:] if text.lstrip()[:1].isupper() else left


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Give what stands between the pieces, and whether a piece follows."""
    at = 0
    for one in find_personal(text):
        yield text[at : one.start], True
        at = one.end
    yield text[at:], False


def _join(left: str, right: str) -> str:
    if not left:
        return right.lstrip(" )],;.:")
    opened = left.rstrip().endswith(("(", "["))
    left = left.rstrip(" ,;:–-([")
    right = right.lstrip(" ;)]" if opened else " ;")
    if left.endswith((".", "!", "?", "…")) or not left:
        right = right.lstrip(" .,;")
    return f"{left}{'' if right[:1] in {'', '.', ',', ';', '!', '?', ')'} else ' '}{right}"


def _plain(char: str) -> str:
    """Give one plain character for one: a digit of any script, a full-width sign, or itself."""
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _is_iban(text: str) -> bool:
    code = re.sub(r"\s", "", text).upper()
    if not code.isascii():
        return False
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def _is_nir(text: str) -> bool:
    code = re.sub(r"[\s/]", "", text).upper().replace("2A", "19", 1).replace("2B", "18", 1)
    return len(code) == 15 and 97 - int(code[:13]) % 97 == int(code[13:])  # noqa: PLR2004  13 digits and a key


_CHECKS: dict[PersonalKind, Callable[[str], bool]] = {
    PersonalKind.IBAN: _is_iban,
    PersonalKind.NIR: _is_nir,
}
