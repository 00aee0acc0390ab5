"""How near two notices are: shingles of their words, whatever the case, digits, links and mentions."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from bot.model import memory
from bot.model.notice import NoticeText
from bot.sets.folding import plain

NEAR = 0.8
"""Jaccard index of the shingles from which two notices are near-duplicates."""
SHINGLE = 5
BINS = 16
LEAST = 20
"""Characters a text needs to be compared: below, everything resembles everything."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#][\w.@-]+|\d+")
_NOT_WORDS = re.compile(r"[\W_]+")

Other = tuple[int, NoticeText, bool]
"""A notice to compare with: id, words, whether it is the same person's."""


def normalised(text: str) -> str:
    """Give what is compared: no links, mentions, hashtags, digits, accents or punctuation."""
    return _NOT_WORDS.sub(" ", _NOISE.sub(" ", plain(text))).strip()


@lru_cache(maxsize=8192)
def _shingles(text: str) -> frozenset[str]:
    words = normalised(text)
    if len(words) < LEAST:
        return frozenset()
    return frozenset(words[i : i + SHINGLE] for i in range(len(words) - SHINGLE + 1))


def _number(shingle: str) -> int:
    # Not `hash`: it differs from one process to the next, and a flag must not.
    return int.from_bytes(blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest())


@lru_cache(maxsize=8192)
def _keys(text: str) -> tuple[tuple[int, int, int], ...]:
    """Give keys of which two near texts share at least one: MinHash of one permutation, in bands of two.

    At the Jaccard index 0.8 they miss each other once in 3,500 times, at 0.9 never to speak of; texts that
    share a tenth of their shingles meet for nothing once in twelve.
    """
    least = [-1] * BINS
    for value in map(_number, _shingles(text)):
        place = value % BINS
        if least[place] < 0 or value % 2**61 < least[place]:
            least[place] = value % 2**61
    pairs = zip(range(0, BINS, 2), least[::2], least[1::2], strict=True)
    return tuple((band, one, other) for band, one, other in pairs if (one, other) != (-1, -1))


memory.empties(_shingles.cache_clear, _keys.cache_clear)


def likeness(one: str, other: str) -> float:
    """Give the Jaccard index (0 to 1) of two texts' shingles; 0 when either is too short to tell."""
    a, b = _shingles(one), _shingles(other)
    if not a or not b or min(len(a), len(b)) < NEAR * max(len(a), len(b)):
        return 0.0
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def near(words: NoticeText, others: Iterable[Other]) -> list[tuple[int, bool, float]]:
    """Give the near-duplicates among `others` as (id, same person, likeness), nearest first."""
    found = []
    for other_id, other, same_person in others:
        index = max(likeness(a, b) for a, b in zip(_texts(words), _texts(other), strict=True))
        if index >= NEAR:
            found.append((other_id, same_person, index))
    return sorted(found, key=lambda item: (-item[2], -item[0]))


def _texts(words: NoticeText) -> tuple[str, str]:
    """Give what of a notice is compared: with its title and without."""
    return f"{words.title} {words.text}", words.text


class Index:
    """Many notices, to find quickly the few that may be near to one."""

    def __init__(self, known: Sequence[tuple[int, NoticeText]]) -> None:
        """Take notices as (id, words)."""
        self._known = dict(known)
        self._by_key: dict[tuple[int, int, int], list[int]] = {}
        for notice_id, words in known:
            for text in _texts(words):
                for key in _keys(text):
                    self._by_key.setdefault(key, []).append(notice_id)

    def near(self, notice_id: int, twins: Collection[int], words: NoticeText) -> list[Other]:
        """Give the notices that `near` would find for this one (see `_keys`), and a few more.

        `twins`: the notices that are perhaps the same person's.
        """
        keys = (key for text in _texts(words) for key in _keys(text))
        candidates = {found for key in keys for found in self._by_key.get(key, ())} - {notice_id}
        return [(found, self._known[found], found in twins) for found in sorted(candidates)]
