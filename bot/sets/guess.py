"""Guess a sector from a job's title and a region from a typed place. A doubt gives None."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from bot.sets.files import fold, read, words

PREFIX_MIN = 2
"""Least letters before the `*` of a stem."""
WORDS_MAX = 6
"""Most words in a name of a data set."""
POSTCODE_LEN = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase of a data set and what it stands for."""

    words: tuple[str, ...]
    means: str
    rank: int
    """Where several stand in a text, only those of the highest rank count."""

    def fits(self, tokens: list[str]) -> bool:
        return len(tokens) >= len(self.words) and all(
            token.startswith(word[:-1]) if word.endswith("*") else token == word
            for word, token in zip(self.words, tokens, strict=False)
        )


_Index = Mapping[str, list[_Entry]]


def _index(entries: Iterable[_Entry]) -> _Index:
    """Sort entries under their first word, the longest first."""
    index: dict[str, list[_Entry]] = {}
    for entry in entries:
        if entry.words:
            index.setdefault(entry.words[0], []).append(entry)
    return index


def _longest(index: _Index, tokens: list[str]) -> _Entry | None:
    """Give the longest entry at the start of `tokens`; then of higher rank, then of more letters."""
    first = tokens[0]
    keys = [first, *(first[:size] + "*" for size in range(PREFIX_MIN, len(first) + 1))]
    fitting = [entry for key in keys for entry in index.get(key, ()) if entry.fits(tokens)]
    return max(fitting, key=lambda e: (len(e.words), e.rank, sum(map(len, e.words))), default=None)


def _scan(index: _Index, tokens: list[str]) -> Iterator[_Entry | str]:
    """Give the entries of a text from left to right, none overlapping another, and the words between."""
    at = 0
    while at < len(tokens):
        entry = _longest(index, tokens[at : at + WORDS_MAX])
        yield entry or tokens[at]
        at += len(entry.words) if entry else 1


# ---- sector ----

_JOB = 2
_RANKS = {"jobs": _JOB, "fields": 1, "generic": 0}


@cache
def _sector_index() -> _Index:
    entries = []
    for code, row in read("sectors").items():
        for kind, rank in _RANKS.items():
            for phrase in row.get(kind, ()):
                parts = tuple(re.findall(r"[a-z0-9]+\*?", fold(phrase)))
                entries.append(_Entry(parts, code, rank))
    return _index(entries)


def _only(found: Iterable[str]) -> str | None:
    kinds = set(found)
    return kinds.pop() if len(kinds) == 1 else None


def guess_sector(title: str, text: str = "") -> str | None:
    """Guess the sector (its letter) from the job's title, or from the text where the title says nothing.

    The name of a job beats the name of a trade ("nurse" in "School nurse"), a trade beats a job found in
    every sector ("press" in "Press project manager"); two of a kind from different sectors give None.
    """
    entries = _entries(title)
    if not entries:
        # In a sentence only a job's name says enough: "I like music" is not a search on the stage.
        entries = [e for e in _entries(text) if e.rank == _JOB]
    best = max((e.rank for e in entries), default=0)
    return _only(e.means for e in entries if e.rank == best)


def _entries(text: str) -> list[_Entry]:
    return [e for e in _scan(_sector_index(), words(text)) if isinstance(e, _Entry)]


# ---- region ----

_ANYWHERE, _REMOTE, _VAGUE = "*anywhere", "*remote", "*vague"
_TOWN = 1
_BREAKS = re.compile(r"[,;|+&\n()]| [-–—] ")
_OR = frozenset({"ou", "or"})
_LINKS = _OR | {"et", "and"}
_NOT_A_NUMBER = frozenset(
    ["km", "kms", "mn", "min", "minutes", "h", "heures", "hours", "miles", "ans", "pour", "percent"]
)
"""What follows a number that is no department: 30 km, 45 min."""


@cache
def _place_index() -> _Index:
    towns, departments = read("towns"), read("departments")
    found: dict[tuple[str, ...], _Entry] = {}

    def add(name: str, means: str, rank: int = 0) -> None:
        parts = tuple(_place_words(name))
        found.setdefault(parts, _Entry(parts, means, rank))

    for kind, names in ((_VAGUE, "vague"), (_ANYWHERE, "anywhere"), (_REMOTE, "remote")):
        for name in towns.get(names, ()):
            add(name, kind, _TOWN)
    for code, names in towns.get("towns", {}).items():
        for name in names:
            add(name, code, _TOWN)
    for code, row in read("regions").items():
        for name in (row.get("fr", ""), row.get("en", ""), *row.get("also", ())):
            add(name, code)
    for _, name, code in departments.get("departments", ()):
        add(name, code)
    return _index(found.values())


@cache
def _numbers() -> Mapping[str, str]:
    return {number.casefold(): code for number, _, code in read("departments").get("departments", ())}


@cache
def _postcodes() -> Mapping[str, str]:
    return dict(_numbers()) | dict(read("departments").get("postcodes", ()))


def _place_words(text: str) -> list[str]:
    return [{"st": "saint", "ste": "sainte"}.get(word, word) for word in words(text)]


def _named(part: list[_Entry | str]) -> set[str]:
    """Give the regions one alternative of a place names.

    A postcode beats a town ("93200 Saint-Denis"), a town a department's number ("Paris 13"), a number the
    name of a department or region ("Nord 59"); "Lyon nord" is a town.
    """
    loose = [x if isinstance(x, str) else "" for x in part]
    numbers = [n for n, after in zip(loose, [*loose[1:], ""], strict=True) if after not in _NOT_A_NUMBER]
    entries = [x for x in part if isinstance(x, _Entry) and not x.means.startswith("*")]
    codes = [n for n in numbers if len(n) == POSTCODE_LEN and n.isdigit()]
    tiers = (
        {_postcodes().get(code[:3]) or _postcodes().get(code[:2]) for code in codes},
        {e.means for e in entries if e.rank == _TOWN},
        {_numbers().get(number) for number in numbers},
        {e.means for e in entries if e.rank != _TOWN},
    )
    return next((named for tier in tiers if (named := {code for code in tier if code})), set())


def guess_region(place: str) -> str | None:
    """Guess the region (its code) of a typed place; None for several, for "anywhere" and for the unknown."""
    found: set[str] = set()
    chosen = False
    for chunk in _BREAKS.split(place.replace("/", " ou ")):
        stream = list(_scan(_place_index(), _place_words(chunk))) if words(chunk) else []
        for is_link, group in groupby(stream, lambda x: isinstance(x, str) and x in _LINKS):
            part = list(group)
            if is_link:
                chosen = chosen or not _OR.isdisjoint(x for x in part if isinstance(x, str))
                continue
            kinds = {x.means for x in part if isinstance(x, _Entry)}
            named = _named(part)
            if _ANYWHERE in kinds or (_REMOTE in kinds and not named and chosen):
                return None
            found |= named
    return _only(found)
