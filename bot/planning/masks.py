"""Who fits whom in a round, for everybody at once, as bit sets. The rule for one pair is `problem.fits`.

A bit set is an integer whose bit i stands for the i-th item. Items that ask for the same share one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.planning.problem import Id, Request, Volunteer


def low_bits(mask: int) -> Iterator[int]:
    """Give the positions of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Codes:
    """Which items carry which code, and which carry all of them."""

    def __init__(self, carried: Sequence[Iterable[str] | None]) -> None:
        size = len(carried) // 8 + 1
        found: defaultdict[str | None, bytearray] = defaultdict(lambda: bytearray(size))
        for i, codes in enumerate(carried):
            for code in (None,) if codes is None else codes:
                found[code][i >> 3] |= 1 << (i & 7)
        self._masks = {code: int.from_bytes(bits, "little") for code, bits in found.items()}
        self.every = self._masks.pop(None, 0)

    def among(self, codes: Iterable[str]) -> int:
        """Give the items that carry one of the codes, or all codes."""
        found = self.every
        for code in codes:
            found |= self._masks.get(code, 0)
        return found


def for_volunteers(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> list[int]:
    """Give, for each volunteer, the requests that fit."""
    networks = _Codes([request.networks for request in requests])
    langs = _Codes([(request.lang,) for request in requests])
    tags = _Codes([request.tags for request in requests])
    regions = _Codes([None if request.region is None else (request.region,) for request in requests])
    tagged = _set_bits(bool(request.tags) for request in requests)
    known: dict[tuple[object, ...], int] = {}
    masks = []
    for v in volunteers:
        kind = (v.networks, v.langs, v.topics, v.regions)
        if kind not in known:
            found = networks.among(v.networks) & langs.among(v.langs)
            found &= tagged if v.topics is None else tags.among(v.topics)
            known[kind] = found if v.regions is None else found & regions.among(v.regions)
        masks.append(known[kind])
    _leave_out(masks, {v.id: j for j, v in enumerate(volunteers)}, requests)
    return masks


def for_requests(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> list[int]:
    """Give, for each request, the volunteers who fit."""
    networks = _Codes([volunteer.networks for volunteer in volunteers])
    langs = _Codes([volunteer.langs for volunteer in volunteers])
    topics = _Codes([volunteer.topics for volunteer in volunteers])
    regions = _Codes([volunteer.regions for volunteer in volunteers])
    place = {volunteer.id: j for j, volunteer in enumerate(volunteers)}
    known: dict[tuple[object, ...], int] = {}
    masks = []
    for r in requests:
        kind = (r.networks, r.lang, r.tags, r.region)
        if kind not in known:
            found = networks.among(r.networks) & langs.among((r.lang,))
            found &= topics.among(r.tags) if r.tags else 0
            known[kind] = found if r.region is None else found & regions.among((r.region,))
        asked = sum({1 << place[v] for v in r.boosted_by if v in place})
        masks.append(known[kind] & ~asked)
    return masks


def _leave_out(masks: list[int], place: dict[Id, int], requests: Sequence[Request]) -> None:
    """Take every pair that met before out of the volunteers' masks."""
    met: defaultdict[int, int] = defaultdict(int)
    for i, request in enumerate(requests):
        for volunteer in request.boosted_by:
            if volunteer in place:
                met[place[volunteer]] |= 1 << i
    for j, mask in met.items():
        masks[j] &= ~mask


def _set_bits(flags: Iterable[bool]) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)
