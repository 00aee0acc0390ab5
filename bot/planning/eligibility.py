"""Which volunteers fit a notice, for all of them at once, as bit sets.

The rule for one pair is `bot.model.match.matching_account`; a test holds the two together. A bit set is an
integer whose bit i stands for the i-th volunteer: to intersect a thousand volunteers by network, language,
sector and region takes four operations on sixteen machine words.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.model.match import Mismatch, region_of
from bot.model.notice import Notice
from bot.model.volunteer import Volunteer
from bot.planning.slots import slots_a_day


def bits(mask: int) -> Iterator[int]:
    """Give the positions of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Codes:
    """Which items carry which code; `everyone` carries them all."""

    def __init__(self) -> None:
        self.everyone = 0
        self._by_code: dict[str, int] = defaultdict(int)

    def add(self, position: int, codes: Iterable[str] | None) -> None:
        """Note the codes of the item at `position`; None stands for all codes."""
        if codes is None:
            self.everyone |= 1 << position
            return
        for code in codes:
            self._by_code[code] |= 1 << position

    def among(self, codes: Iterable[str]) -> int:
        """Give the items that carry at least one of `codes`."""
        found = self.everyone
        for code in codes:
            found |= self._by_code.get(code, 0)
        return found


class Funnel(NamedTuple):
    """Who fits a notice. When `fits`, a bit set, is empty, `stopped_at` says what fits nobody."""

    fits: int
    stopped_at: Mismatch | None
    before: int
    """Volunteers who fit in everything that is looked at before `stopped_at`."""


class VolunteerIndex:
    """Volunteers by what they take. Bit i is `volunteers[i]`."""

    def __init__(self, volunteers: Sequence[Volunteer]) -> None:
        self._slots: dict[int, int] = defaultdict(int)
        self._all = (1 << len(volunteers)) - 1
        self._networks, self._languages, self._sectors, self._regions = (_Codes() for _ in range(4))
        self._reachable = 0
        for i, volunteer in enumerate(volunteers):
            self._slots[slots_a_day(volunteer.limits)] |= 1 << i
            self._reachable |= bool(volunteer.accounts) << i
            self._networks.add(i, {a.network for a in volunteer.accounts})
            self._languages.add(i, volunteer.languages)
            self._sectors.add(i, volunteer.sectors)
            self._regions.add(i, volunteer.regions)

    def of(self, notice: Notice) -> Funnel:
        """Give the volunteers who fit a notice, or the first thing that fits nobody who is left."""
        region = region_of(notice)
        networks = notice.networks
        steps = (
            (Mismatch.NETWORK, self._networks.among(networks) if networks else self._reachable),
            (Mismatch.LANGUAGE, self._languages.among([notice.lang])),
            (Mismatch.SECTOR, self._all if notice.sector is None else self._sectors.among([notice.sector])),
            (Mismatch.REGION, self._all if region is None else self._regions.among([region])),
        )
        left = self._all
        for what, mask in steps:
            if not left & mask:
                return Funnel(0, what, left.bit_count())
            left &= mask
        return Funnel(left, None, left.bit_count())

    def slots(self, volunteers: int) -> int:
        """Count the slots a day of a bit set of volunteers."""
        return sum(slots * (volunteers & mask).bit_count() for slots, mask in self._slots.items())
