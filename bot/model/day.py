"""A volunteer's local day: which one it is, and when its quiet hours end. Wall clock in, aware UTC out.

Quiet hours are read off the clock on the volunteer's wall. When that clock jumps (daylight saving), an hour
that is shown twice is quiet twice, and one that is never shown is nobody's.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.model.volunteer import Limits

DAY_MIN = 1440
_STEP = timedelta(minutes=1)


def spacing(limits: Limits) -> timedelta:
    """Give the least time between two asks: the volunteer's own, at least a minute."""
    return timedelta(minutes=max(1, limits.spacing_min))


def local_day(limits: Limits, moment: datetime) -> date:
    """Give the date on the volunteer's calendar at `moment` (aware)."""
    return moment.astimezone(ZoneInfo(limits.time_zone)).date()


def on_the_wall(limits: Limits, day: date, seconds: Iterable[int]) -> list[datetime | None]:
    """Give the first moments (UTC) at which the volunteer's clock shows so many seconds after midnight.

    None for a time that the clock jumps over that day.
    """
    zone = ZoneInfo(limits.time_zone)
    midnight = datetime.combine(day, time(), zone)
    if steady(limits, day):
        start = midnight.astimezone(UTC)
        return [start + timedelta(seconds=second) for second in seconds]
    walls = [midnight + timedelta(seconds=second) for second in seconds]
    moments = [wall.astimezone(UTC) for wall in walls]
    return [
        moment if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None) else None
        for wall, moment in zip(walls, moments, strict=True)
    ]


def steady(limits: Limits, day: date) -> bool:
    """Whether the volunteer's clock jumps neither on `day` nor on the day before."""
    return _steady(limits.time_zone, day)


@lru_cache(maxsize=4096)
def _steady(zone_name: str, day: date) -> bool:
    zone = ZoneInfo(zone_name)
    midnights = (datetime.combine(day + timedelta(days=n), time(), zone) for n in (-1, 0, 1))
    return len({midnight.utcoffset() for midnight in midnights}) == 1


def in_quiet_hours(limits: Limits, moment: datetime) -> bool:
    """Whether the volunteer wants to be left in peace at `moment` (aware)."""
    return _quiet_s(limits, moment.astimezone(ZoneInfo(limits.time_zone))) > 0


def awake(limits: Limits, moment: datetime) -> tuple[datetime, date]:
    """Give `moment` itself, or the end of the quiet hours it falls in (UTC), and its local day."""
    zone = ZoneInfo(limits.time_zone)
    wall = moment.astimezone(zone)
    while (left := _quiet_s(limits, wall)) > 0:
        end = (wall + timedelta(seconds=left)).astimezone(UTC).replace(microsecond=0)
        # On the second pass of a repeated hour the wall's time names a moment that is already over.
        moment = end if end > moment else moment + _STEP
        wall = moment.astimezone(zone)
    return moment, wall.date()


def next_day(limits: Limits, moment: datetime) -> datetime:
    """Give the first moment (UTC) after `moment` that belongs to a later date of the volunteer's."""
    zone = ZoneInfo(limits.time_zone)
    midnight = datetime.combine(local_day(limits, moment) + timedelta(days=1), time(), zone).astimezone(UTC)
    return midnight if midnight > moment else moment + timedelta(hours=1)


def _quiet_s(limits: Limits, wall: datetime) -> int:
    """Seconds on the wall's clock until the quiet hours end, at most 0 outside them."""
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    inside = (second - limits.quiet_start_min * 60) % (DAY_MIN * 60)
    return limits.quiet_len_min * 60 - inside
