"""From the raw strings of the join and settings pages to a profile, or to what is wrong with them. Pure."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from bot.model.forms import FieldError
from bot.model.text import LANGUAGES, N_, Message
from bot.model.volunteer import CAP_DAY_MAX, PACES, Volunteer
from bot.networks.base import HandleRefusedError, Network
from bot.roster.profile import Hours, Interests, Pace, Presence, Profile

NAME_MAX = 40
HANDLE_MAX = 300
SPACING_MAX_MIN = 720
QUIET_MAX_MIN = 1380
DAY_MIN = 1440
CUSTOM = "custom"
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:hH.]([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?", re.ASCII)

T = TypeVar("T")
Read = tuple[T | None, list[FieldError]]


@dataclass(frozen=True, slots=True)
class Application:
    """What was typed and ticked, untouched. Every string may be hostile, empty or far too long."""

    name: str = ""
    networks: tuple[str, ...] | None = None
    """Networks ticked; None: those with a handle."""
    handles: Mapping[str, str] = field(default_factory=dict)
    pace: str = "normal"
    """A name of `PACES`, or `custom`: then `cap` counts."""
    cap: str = ""
    spacing: str = "60"
    sectors_wanted: str = ""
    """`all`, `some` of `sectors`, or empty: all unless some are chosen."""
    sectors: tuple[str, ...] = ()
    regions_wanted: str = ""
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("fr",)
    quiet: str = "yes"
    quiet_from: str = "21:00"
    quiet_to: str = "08:00"
    time_zone: str = "Europe/Paris"
    charter: bool = False
    consent: bool = False


def read(
    application: Application,
    *,
    networks: Mapping[str, Network],
    sectors: Collection[str],
    regions: Collection[str],
) -> Read[Profile]:
    """Give the profile, or None and every problem in the order of the page."""
    presence, wrong = read_presence(application, networks)
    pace, pace_wrong = read_pace(application)
    interests, interests_wrong = read_interests(application, sectors, regions)
    hours, hours_wrong = read_hours(application)
    wrong += pace_wrong + interests_wrong + hours_wrong
    if not application.charter:
        wrong.append(_error("charter", N_("Tick the box if you accept the charter")))
    if not application.consent:
        wrong.append(_error("consent", N_("Tick the box so that we may keep your handles")))
    if wrong or presence is None or pace is None or interests is None or hours is None:
        return None, wrong
    return Profile(presence, pace, interests, hours), []


def read_presence(application: Application, networks: Mapping[str, Network]) -> Read[Presence]:
    """Read the name and one handle for each network that is ticked."""
    wrong: list[FieldError] = []
    name = one_line(application.name)
    if not name:
        wrong.append(_error("name", N_("Enter a first name or a nickname, so that we can greet you")))
    elif len(name) > NAME_MAX:
        wrong.append(_error("name", N_("Shorten the name to %(n)s characters at most"), n=NAME_MAX))
    accounts: list[tuple[str, str]] = []
    named = application.networks
    if named is None:
        named = tuple(key for key, handle in application.handles.items() if handle.strip())
    ticked = [network for key, network in networks.items() if key in named]
    if not ticked:
        wrong.append(_error("networks", N_("Choose at least one network")))
    for network in ticked:
        try:
            handle = network.read_handle(one_line(application.handles.get(network.name, ""))[:HANDLE_MAX])
        except HandleRefusedError as error:
            wrong.append(FieldError(f"handle-{network.name}", error.message))
        else:
            accounts.append((network.name, handle))
    return (None, wrong) if wrong else (Presence(name, tuple(accounts)), [])


def read_pace(application: Application) -> Read[Pace]:
    """Read boosts a day, from a preset or a number, and the minutes between two."""
    wrong: list[FieldError] = []
    cap = PACES.get(application.pace)
    if application.pace == CUSTOM:
        cap = _number(application.cap, 1, CAP_DAY_MAX)
        if cap is None:
            wrong.append(_error("cap", N_("Enter a number from 1 to %(n)s"), n=CAP_DAY_MAX))
    elif cap is None:
        wrong.append(_error("pace", N_("Choose how many shares a day at most")))
    spacing = _number(application.spacing, 0, SPACING_MAX_MIN)
    if spacing is None:
        wrong.append(_error("spacing", N_("Enter minutes from 0 to %(n)s"), n=SPACING_MAX_MIN))
    if wrong or cap is None or spacing is None:
        return None, wrong
    return Pace(cap, spacing), []


def read_interests(
    application: Application, sectors: Collection[str], regions: Collection[str]
) -> Read[Interests]:
    """Read sectors, places and languages; codes that are not on the lists are as good as not ticked."""
    wrong: list[FieldError] = []
    some_sectors = _some(application.sectors_wanted, application.sectors, sectors)
    if some_sectors is not None and not some_sectors:
        wrong.append(_error("sectors", N_("Choose at least one sector, or all of them")))
    some_regions = _some(application.regions_wanted, application.regions, regions)
    if some_regions is not None and not some_regions:
        wrong.append(_error("regions", N_("Choose at least one place, or all of them")))
    languages = frozenset(application.languages) & frozenset(LANGUAGES)
    if not languages:
        wrong.append(_error("languages", N_("Choose at least one language")))
    return (None, wrong) if wrong else (Interests(some_sectors, some_regions, languages), [])


def read_hours(application: Application) -> Read[Hours]:
    """Read quiet hours, which may span midnight, and the time zone they are meant in."""
    wrong: list[FieldError] = []
    start, length = 0, 0
    if application.quiet != "no":
        begin, end = _minute(application.quiet_from), _minute(application.quiet_to)
        if begin is None:
            wrong.append(_error("quiet_from", N_("Enter an hour like 21:00")))
        if end is None:
            wrong.append(_error("quiet_to", N_("Enter an hour like 08:00")))
        if begin is not None and end is not None:
            start, length = begin, (end - begin) % DAY_MIN
            if not 0 < length <= QUIET_MAX_MIN:
                wrong.append(_error("quiet_to", N_("Leave at least one hour a day outside the quiet hours")))
    zone = application.time_zone.strip()
    if zone not in _zones():
        wrong.append(_error("time_zone", N_("Choose a time zone like Europe/Paris")))
    return (None, wrong) if wrong else (Hours(start, length, zone), [])


def filled(volunteer: Volunteer) -> Application:
    """Give the application that would make this volunteer, to fill the settings page with."""
    limits = volunteer.limits
    preset = next((name for name, cap in PACES.items() if cap == limits.cap_day), CUSTOM)
    quiet = limits.quiet_len_min > 0
    return Application(
        name=volunteer.name,
        networks=tuple(account.network for account in volunteer.accounts),
        handles={account.network: account.handle for account in volunteer.accounts},
        pace=preset,
        cap=str(limits.cap_day),
        spacing=str(limits.spacing_min),
        sectors_wanted="all" if volunteer.sectors is None else "some",
        sectors=tuple(sorted(volunteer.sectors or ())),
        regions_wanted="all" if volunteer.regions is None else "some",
        regions=tuple(sorted(volunteer.regions or ())),
        languages=tuple(sorted(volunteer.languages)),
        quiet="yes" if quiet else "no",
        quiet_from=_clock(limits.quiet_start_min) if quiet else "21:00",
        quiet_to=_clock(limits.quiet_start_min + limits.quiet_len_min) if quiet else "08:00",
        time_zone=limits.time_zone,
        charter=True,
        consent=True,
    )


def one_line(text: str) -> str:
    """Put a hostile string on one line: no control, format, surrogate or unassigned character, one space."""
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text[: HANDLE_MAX * 4])
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    return " ".join("".join(kept).split())


def _error(name: str, text: str, **params: int) -> FieldError:
    return FieldError(name, Message(text, params))


def _number(text: str, low: int, high: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(high)) + 3):
        return None
    return int(text) if low <= int(text) <= high else None


def _minute(text: str) -> int | None:
    """Read `21:00`, `8:30` or `8h30` as minutes after midnight."""
    found = _CLOCK.fullmatch(text.strip()[:20])
    return int(found[1]) * 60 + int(found[2]) if found else None


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _some(wanted: str, chosen: Collection[str], known: Collection[str]) -> frozenset[str] | None:
    """Give the known ones among the chosen, None for all."""
    some = wanted == "some" or (not wanted and bool(chosen))
    return frozenset(chosen) & frozenset(known) if some else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
