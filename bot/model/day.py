"""A volunteer's local day: which one it is, and when its quiet hours end. Wall clock in, aware UTC out.

Quiet hours are read off the clock on the volunteer's wall. When that clock jumps (daylight saving), an hour
that is shown twice is quiet twice, and one that is never shown is nobody's.
"""

from datetime import UTC, date, datetime, time, timedelta
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


def at_wall(limits: Limits, day: date, second: int) -> datetime | None:
    """Give the first moment (UTC) at which the volunteer's clock shows `second` seconds after midnight.

    None when the clock jumps over it that day.
    """
    wall = datetime.combine(day, time(), ZoneInfo(limits.time_zone)) + timedelta(seconds=second)
    moment = wall.astimezone(UTC)
    back = moment.astimezone(wall.tzinfo)
    return moment if back.replace(tzinfo=None) == wall.replace(tzinfo=None) else None


def in_quiet_hours(limits: Limits, moment: datetime) -> bool:
    """Whether the volunteer wants to be left in peace at `moment` (aware)."""
    return _quiet_left(limits, moment.astimezone(ZoneInfo(limits.time_zone))) > timedelta()


def after_quiet_hours(limits: Limits, moment: datetime) -> datetime:
    """Give `moment` itself, or the end of the quiet hours it falls in (UTC)."""
    zone = ZoneInfo(limits.time_zone)
    while (left := _quiet_left(limits, moment.astimezone(zone))) > timedelta():
        end = (moment.astimezone(zone) + left).astimezone(UTC)
        # On the second pass of a repeated hour the wall's time names a moment that is already over.
        moment = end if end > moment else moment + _STEP
    return moment


def next_day(limits: Limits, moment: datetime) -> datetime:
    """Give the first moment (UTC) after `moment` that belongs to a later date of the volunteer's."""
    zone = ZoneInfo(limits.time_zone)
    midnight = datetime.combine(local_day(limits, moment) + timedelta(days=1), time(), zone).astimezone(UTC)
    return midnight if midnight > moment else moment + timedelta(hours=1)


def _quiet_left(limits: Limits, wall: datetime) -> timedelta:
    """Time on the wall's clock until the quiet hours end; zero outside them."""
    since_midnight = timedelta(
        hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond
    )
    inside = (since_midnight - timedelta(minutes=limits.quiet_start_min)) % timedelta(minutes=DAY_MIN)
    return max(timedelta(minutes=limits.quiet_len_min) - inside, timedelta())
