"""Times, spans and numbers in words, in a reader's language and time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from bot.locale import NB

DAY_S = 86_400


def number(value: float, lang: str) -> str:
    """Write 6400 as `6 400` (no-break) or `6,400`."""
    return str(format_decimal(value, locale=lang)).replace("\u202f", NB)


def dollars(micros: int, lang: str) -> str:
    """Write millionths of a US dollar: `0,015 $US` or `$0.015`, with two digits after the point or more."""
    digits = str(format_decimal(micros / 1_000_000, "#,##0.00#", locale=lang)).replace("\u202f", NB)
    return f"{digits}{NB}$US" if lang == "fr" else f"${digits}"


def clock_time(moment: datetime, zone: str, lang: str) -> str:
    """Write the time of day: `18 h 30` or `6:30 pm`."""
    local = moment.astimezone(ZoneInfo(zone))
    if lang == "fr":
        return f"{local.hour}{NB}h" + (f"{NB}{local.minute:02}" if local.minute else "")
    return f"{local.hour % 12 or 12}:{local.minute:02}{NB}{'pm' if local.hour >= 12 else 'am'}"  # noqa: PLR2004


def day(moment: datetime, zone: str, lang: str) -> str:
    """Write the day: `mardi 17 novembre` or `Tuesday 17 November`."""
    return long_date(moment.astimezone(ZoneInfo(zone)).date(), lang)


def weekday(one: date, lang: str, *, narrow: bool = False) -> str:
    """Write the day of the week: `mardi` or, narrow for charts, `M`."""
    return str(format_date(one, "EEEEE" if narrow else "EEEE", locale=lang))


def long_date(one: date, lang: str) -> str:
    """Write a date: `mardi 17 novembre`, `mardi 1er décembre` or `Tuesday 17 November`."""
    return _date(one, "EEEE d MMMM", lang)


def year_date(one: date, lang: str) -> str:
    """Write a date with its year: `1er janvier 2026` or `1 January 2026`."""
    return _date(one, "d MMMM yyyy", lang)


def _date(one: date, pattern: str, lang: str) -> str:
    """Write a date; in French the first of a month is `1er`."""
    first = lang == "fr" and one.day == 1
    return str(format_date(one, pattern.replace("d ", "d'er' ") if first else pattern, locale=lang))


def date_time(moment: datetime, zone: str, lang: str) -> str:
    """Write day and time: `mardi 17 novembre, 9 h 12` or `Tuesday 17 November, 9:12 am`."""
    return f"{day(moment, zone, lang)}, {clock_time(moment, zone, lang)}"


def short_date(moment: datetime, zone: str, lang: str) -> str:
    """Write a date for tables: `17/11/2026 09:12`."""
    local = moment.astimezone(ZoneInfo(zone))
    return str(
        format_datetime(
            local.replace(tzinfo=None),
            "dd/MM/yyyy HH:mm" if lang == "fr" else "d MMM yyyy HH:mm",
            locale=lang,
        )
    )


def span(length: timedelta, lang: str) -> str:
    """Write a length of time with at most two units: `45 s`, `58 min`, `2 h 10`, `3 j` or `3 d`."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds}{NB}s"
    if seconds < 3600:  # noqa: PLR2004
        return f"{seconds // 60}{NB}min"
    if seconds < 2 * DAY_S:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours}{NB}h" + (f"{NB}{minutes:02}" if minutes else "")
    return f"{seconds // DAY_S}{NB}{'j' if lang == 'fr' else 'd'}"
