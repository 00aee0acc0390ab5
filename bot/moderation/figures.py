"""The moderators' status bar: how much was read, how fast, what waits, who else is here."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from bot.model.day import in_quiet_hours
from bot.model.moderation import Claim
from bot.model.notice import NoticeState
from bot.model.volunteer import VolunteerState
from bot.storage import Session, boosts, cases, claims, notices, volunteers

_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What the status bar says. `median` is the time from opening a notice to deciding on it, today."""

    to_read: int
    read_today: int
    median: timedelta | None
    wanting: int
    """Active notices that want more boosts than are done."""
    available: int
    """Volunteers who may be asked now: neither paused nor in their quiet hours."""
    others: tuple[Claim, ...]
    """What other admins read."""
    put_off: tuple[int, datetime] | None
    """Notices put off until later: how many, and when the first comes back."""


def midnight(now: datetime, zone: str) -> datetime:
    """Give the beginning of the day in `zone`, aware."""
    return datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))


def figures(session: Session, *, admin_id: int, zone: str, now: datetime) -> Figures:
    """Count what the status bar of `admin_id` shows; the day is the one of `zone` (IANA name)."""
    today = midnight(now, zone)
    times = cases.reading_times(session, today)
    roster = volunteers.listed(session, states=[VolunteerState.ACTIVE, VolunteerState.PAUSED])
    waiting = notices.listed(session, states=[NoticeState.PENDING], limit=_ALL)
    off = [n.snoozed_until for n in waiting if n.snoozed_until is not None and n.snoozed_until > now]
    return Figures(
        to_read=cases.waiting_count(session, now),
        read_today=len(cases.decisions(session, since=today)),
        median=timedelta(seconds=median(times)) if times else None,
        wanting=boosts.wanting(session),
        available=sum(1 for v in roster if v.may_be_asked(now) and not in_quiet_hours(v.limits, now)),
        others=tuple(c for c in claims.held(session, now).values() if c.admin_id != admin_id),
        put_off=(len(off), min(off)) if off else None,
    )
