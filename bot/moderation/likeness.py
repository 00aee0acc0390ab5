"""How near two notices are: shingles of their words, whatever the case, digits, links and mentions."""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.model.notice import NoticeText
from bot.moderation.folding import fold

NEAR = 0.8
"""Jaccard index of the shingles from which two notices are near-duplicates."""
SHINGLE = 5
LEAST = 20
"""Characters a text needs to be compared: below, everything resembles everything."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#][\w.@-]+|\d+")
_NOT_WORDS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """Give what is compared: no links, mentions, hashtags, digits, accents or punctuation."""
    return _NOT_WORDS.sub(" ", _NOISE.sub(" ", fold(text).text)).strip()


@lru_cache(maxsize=4096)
def _shingles(text: str) -> frozenset[str]:
    words = normalised(text)
    if len(words) < LEAST:
        return frozenset()
    return frozenset(words[i : i + SHINGLE] for i in range(len(words) - SHINGLE + 1))


def likeness(one: str, other: str) -> float:
    """Give the Jaccard index (0 to 1) of two texts' shingles; 0 when either is too short to tell."""
    a, b = _shingles(one), _shingles(other)
    if not a or not b or min(len(a), len(b)) < NEAR * max(len(a), len(b)):
        return 0.0
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def near(words: NoticeText, others: Iterable[tuple[int, NoticeText, bool]]) -> list[tuple[int, bool, float]]:
    """Give the near-duplicates among `others` (id, words, same person), nearest first, with the likeness."""
    mine = f"{words.title} {words.text}"
    found = []
    for other_id, other, same_person in others:
        index = likeness(mine, f"{other.title} {other.text}")
        if index < NEAR:
            index = likeness(words.text, other.text)
        if index >= NEAR:
            found.append((other_id, same_person, index))
    return sorted(found, key=lambda item: (-item[2], -item[0]))
