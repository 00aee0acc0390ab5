"""One's own collective as the population of a simulation: read, copied, never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import UsageError
from bot.model.boost import WAITING_STATES, BoostState
from bot.model.plan import Asked
from bot.model.volunteer import Account, Limits, Volunteer, VolunteerState
from bot.planning.fairness import Snapshot
from bot.planning.quota import limits
from bot.settings import Settings
from bot.simulation.collective import Collective, Scenario

CAP_MAX, SPACING_MAX = 20, 720
SPAN = timedelta(days=30)
ENOUGH, FEW = 20, 3
"""Answers and arrivals below which shares and a pace say nothing."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What the volunteers' own limits, and their number, are multiplied by."""

    cap: float = 1.0
    spacing: float = 1.0
    people: float = 1.0


AS_THEY_ARE = Factors()


def own(snapshot: Snapshot, factors: Factors = AS_THEY_ARE) -> Collective:
    """Make a collective of the real roster and of the kinds of the active notices.

    Args:
        snapshot: as a planning round reads it.
        factors: a cap stays within 1 and 20, a spacing within 0 and 720 minutes; more people are copies of
            those there are, with ids of their own, fewer are chosen evenly over the roster.

    Raises:
        UsageError: there is no volunteer who may be asked, or no active notice.
    """
    people = [_nobody(v, factors) for v in snapshot.volunteers if v.state is VolunteerState.ACTIVE]
    if not people or not snapshot.notices:
        message = "Your own data needs an active volunteer and an active notice. Leave --own-data out."
        raise UsageError(message)
    return Collective(list(_as_many(people, factors.people)), snapshot.notices)


def as_now(settings: Settings, asked: Sequence[Asked], opened: Sequence[datetime], now: datetime) -> Scenario:
    """Give the rules in force, and how often notices came and how volunteers answered in the last 30 days.

    Args:
        settings: in force.
        asked: every boost that was asked in these days.
        opened: when notices first went round.
        now: aware UTC.
    """
    answered = [one.state for one in asked if one.at >= now - SPAN and one.state not in WAITING_STATES]
    known = Scenario()
    if len(answered) >= ENOUGH:
        no, nothing = (answered.count(s) / len(answered) for s in (BoostState.SKIPPED, BoostState.EXPIRED))
        known = replace(known, refusals=no, silence=nothing)
    came = sorted(at for at in opened if at >= now - SPAN)
    return replace(
        known,
        demand=settings.boosts_wanted,
        round_days=settings.round_days,
        spacing_min=settings.notice_spacing_min,
        day_max=settings.notice_day_max,
        patience_h=settings.patience_h,
        networks=limits(settings.network_hour_max, settings.network_day_max),
        every_s=_pace(came, now),
    )


def _pace(came: Sequence[datetime], now: datetime) -> float | None:
    """Give the mean seconds between two of these arrivals; None: too few to tell."""
    if len(came) < FEW:
        return None
    return max(now - came[0], timedelta(days=1)) / timedelta(seconds=len(came))


def _nobody(volunteer: Volunteer, factors: Factors) -> Volunteer:
    """Keep what the planner needs of a volunteer and forget who it is."""
    accounts = tuple(
        Account(a.id, a.volunteer_id, a.network, f"v@{a.instance}" if a.instance else "v")
        for a in volunteer.accounts
    )
    return replace(volunteer, name="", limits=_changed(volunteer.limits, factors), accounts=accounts)


def _changed(own: Limits, factors: Factors) -> Limits:
    return replace(
        own,
        cap_day=max(1, min(CAP_MAX, round(own.cap_day * factors.cap))),
        spacing_min=max(0, min(SPACING_MAX, round(own.spacing_min * factors.spacing))),
    )


def _as_many(people: Sequence[Volunteer], factor: float) -> Iterator[Volunteer]:
    """Give so many times the people, at least one."""
    count, last = max(1, round(len(people) * factor)), max(v.id for v in people)
    for n in range(count):
        if count <= len(people):
            yield people[n * len(people) // count]
        else:
            one = people[n % len(people)]
            yield replace(one, id=one.id + n // len(people) * last)
