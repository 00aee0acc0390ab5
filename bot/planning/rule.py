"""The slot-time rule: at a volunteer's slot, which of the notices that fit goes first. Pure.

The least `Rank` wins: whoever has no boost yet, before everybody else; then the lowest level, where an early
deadline weighs as much as having fewer boosts; then whom the fewest slots can serve. Among equals, the notice
for which this volunteer opens the most circles that it has not reached; then the oldest.

Weight of a deadline: mu = 0.75 * F / life levels per unit of time, with F the mean of the boosts with which
notices end. So two notices a whole life apart differ by three quarters of what a notice gets in the end.
Zero boosts come first whatever mu is: with mu set wrongly the 95th percentile of the wait for a first boost
stays at hours instead of days (FAIRNESS.md 1.5).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import floor
from typing import NamedTuple

from bot.model.match import place_of
from bot.model.volunteer import Account, Volunteer
from bot.planning.slots import keyed

RULE = "slot-time/1"
"""Name and version of the rule; every ask keeps it."""
DEADLINE_SHARE = 0.75
BRIDGE = 4
"""Among how many equals the most novel is looked for: the oldest ones, so that nobody waits for novelty."""
JITTER = 0.25
"""How far the spacing between two boosts of one notice varies, up and down."""


class Rank(NamedTuple):
    """Where a notice stands at a slot; the least goes first."""

    boosted: int
    """0 without any boost, else 1."""
    tag: int
    """Whole levels: boosts over weight, plus what the deadline weighs."""
    scarcity: int
    """Slots a day of the volunteers who could take it, as a power of two."""


class Pull(NamedTuple):
    """How much deadlines weigh.

    `mean` is the mean of the boosts with which notices end, `life` how long they go round.
    """

    mean: float
    life: timedelta


def weight_of(deadline: datetime, pull: Pull) -> float:
    """Give what a deadline (aware) weighs, in levels; only differences mean something."""
    return DEADLINE_SHARE * pull.mean * (deadline.timestamp() / pull.life.total_seconds())


def rank(boosts: int, weight: int, deadline_weight: float, scarcity: int) -> Rank:
    """Give a notice's rank.

    Args:
        boosts: done, waited for, and carried over from the person's earlier notices.
        weight: 1 or 2.
        deadline_weight: see `weight_of`.
        scarcity: see `scarcity_of`.
    """
    return Rank(1 if boosts else 0, floor(boosts / weight + deadline_weight), scarcity)


def scarcity_of(slots: int) -> int:
    """Give the scarcity of a notice that `slots` slots a day could serve: few slots, low number."""
    return slots.bit_length()


def circles(volunteer: Volunteer, account: Account | None = None) -> frozenset[str]:
    """Give the circles that a boost by this volunteer reaches.

    Only what the volunteer declared: sectors, regions, languages and where the accounts are; nothing is ever
    inferred from whom they know. Of several accounts, `account` is the one that boosts.
    """
    accounts = volunteer.accounts if account is None else (account,)
    return frozenset(
        (
            *(f"sector:{code}" for code in volunteer.sectors or ()),
            *(f"region:{code}" for code in volunteer.regions or ()),
            *(f"lang:{code}" for code in volunteer.languages),
            *map(place_of, accounts),
        )
    )


def bridge(equals: Sequence[tuple[int, frozenset[str]]], opened: frozenset[str]) -> int:
    """Give the notice for which the most circles of `opened` are new; the first one among equals.

    Args:
        equals: at least one: a notice and the circles it has reached, the oldest first.
        opened: the volunteer's circles.
    """
    best, most = equals[0][0], -1
    for notice, reached in equals[:BRIDGE]:
        new = len(opened - reached)
        if new > most:
            best, most = notice, new
            if new == len(opened):
                break
    return best


def spacing_after(seed: bytes, notice_id: int, boosts: int, spacing: timedelta) -> timedelta:
    """Give the least time from a notice's last boost to its next: `spacing`, a quarter more or less.

    Derived by a keyed hash, so that an audit can derive it again.
    """
    one = keyed(seed).copy()
    one.update(b"spacing|%d|%d" % (notice_id, boosts))
    share = int.from_bytes(one.digest()) / 2**64
    return spacing * (1 - JITTER + 2 * JITTER * share)


def least_apart(networks: Iterable[str], apart: Mapping[str, timedelta]) -> timedelta:
    """Give the least time between two boosts of a notice with posts on these networks (policy data)."""
    return max((apart[name] for name in networks if name in apart), default=timedelta(0))
