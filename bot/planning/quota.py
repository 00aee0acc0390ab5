"""What the collective may ask for on each network, and what is left of it (I11). Pure.

A network looks at all accounts together: many that act at once are what it calls amplification. So whatever
the volunteers allow, the collective asks for at most so many boosts on a network in any 60 minutes and in any
24 hours, by hand or not. An account on a network that has had them is as if it were not there, until the
oldest of them is an hour (or a day) old.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model.volunteer import Volunteer

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


class Most(NamedTuple):
    """The most asks on one network in any 60 minutes and in any 24 hours, at least 1; None: no limit."""

    hour: int | None = None
    day: int | None = None

    def windows(self) -> tuple[tuple[timedelta, int], ...]:
        """Give the limits that are set, each with its period."""
        both = ((HOUR, self.hour), (DAY, self.day))
        return tuple((period, most) for period, most in both if most is not None)


def limits(hour: Mapping[str, int], day: Mapping[str, int]) -> dict[str, Most]:
    """Put the two settings together, by network."""
    return {name: Most(hour.get(name), day.get(name)) for name in sorted({*hour, *day})}


class Quotas:
    """What is left on each network, as asks are made.

    Args:
        most: the limits; networks without one are not in it.
        asked: by network, when the asks of the last 24 hours were made.
    """

    def __init__(self, most: Mapping[str, Most], asked: Mapping[str, Iterable[datetime]]) -> None:
        self._windows = {name: one.windows() for name, one in most.items()}
        self._asked = {name: sorted(asked.get(name, ())) for name in most}
        self.refused: dict[str, datetime] = {}
        """By network, when it last opens again for a turn that found it full."""

    def take(self, network: str, at: datetime) -> None:
        """Note an ask."""
        if network in self._asked:
            insort(self._asked[network], at)

    def opens(self, network: str, at: datetime) -> datetime:
        """Give the first moment from `at` on when one more may be asked there."""
        times, opens = self._asked.get(network, []), at
        for period, most in self._windows.get(network, ()):
            # An ask later than `at` counts as well: a clock may have been set back.
            if len(times) - bisect_right(times, at - period) >= most:
                opens = max(opens, times[-most] + period)
        return opens

    def visible(self, volunteer: Volunteer, at: datetime) -> Volunteer:
        """Give the volunteer with the accounts that may be used at `at`."""
        if not self._windows:
            return volunteer
        full = self._full(volunteer, at)
        if not full:
            return volunteer
        self.refused |= full
        return replace(volunteer, accounts=tuple(a for a in volunteer.accounts if a.network not in full))

    def next_open(self, volunteer: Volunteer, at: datetime) -> tuple[datetime, str]:
        """Give when the first full network of a volunteer's opens again, and which; one is full at `at`."""
        return min((opens, name) for name, opens in self._full(volunteer, at).items())

    def _full(self, volunteer: Volunteer, at: datetime) -> dict[str, datetime]:
        """Give when each full network of a volunteer's opens again."""
        networks = sorted({account.network for account in volunteer.accounts} & self._windows.keys())
        return {name: opens for name in networks if (opens := self.opens(name, at)) > at}

    def tight(self, network: str, turns: Iterable[datetime]) -> bool:
        """Say if a network's limits could keep one of these turns from being used, were all used there."""
        times = sorted((*self._asked.get(network, ()), *turns))
        return any(
            times[i] - times[i - most] < period
            for period, most in self._windows.get(network, ())
            for i in range(most, len(times))
        )
