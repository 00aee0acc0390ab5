"""The roster as admins see it: each volunteer, their load today and when they last answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.boost import Boost
from bot.model.day import local_day
from bot.model.journal import Entry
from bot.model.text import Message
from bot.model.volunteer import Volunteer, VolunteerState
from bot.reporting import explain
from bot.reporting.lending import Standing, of_volunteer
from bot.storage import Session, boosts, journal, notices, overview, volunteers
from bot.storage.overview import Ask

__all__ = ["Given", "Member", "RosterFilter", "VolunteerDossier", "dossier", "members"]

PAGE = 50
HISTORY_MAX = 200
TIMELINE_MAX = 100


@dataclass(frozen=True, slots=True)
class RosterFilter:
    """Which volunteers to show; an empty value lets all through. `words`: in the name or a handle."""

    state: VolunteerState | None = None
    network: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One volunteer. `load` is what was asked since their local midnight, of `limits.cap_day`."""

    volunteer: Volunteer
    state: VolunteerState
    """The state at this moment: a pause whose end has passed is over."""
    load: int
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """One boost of a volunteer with the notice's title."""

    boost: Boost
    title: str
    why: Message


@dataclass(frozen=True, slots=True)
class VolunteerDossier:
    """Everything about one volunteer. `boosts` and `timeline` are newest first."""

    member: Member
    standings: tuple[Standing, ...]
    """How each account shares."""
    boosts: tuple[Given, ...]
    timeline: tuple[Entry, ...]


def _state(volunteer: Volunteer, now: datetime) -> VolunteerState:
    if volunteer.state is VolunteerState.PAUSED and volunteer.may_be_asked(now):
        return VolunteerState.ACTIVE
    return volunteer.state


def _load(volunteer: Volunteer, asks: Iterable[Ask], now: datetime) -> int:
    today = local_day(volunteer.limits, now)
    return sum(local_day(volunteer.limits, ask.asked_at) == today for ask in asks)


def _members(session: Session, found: Iterable[Volunteer], now: datetime) -> list[Member]:
    asks: dict[int, list[Ask]] = {}
    for ask in overview.asks_since(session, now - timedelta(hours=26)):
        asks.setdefault(ask.volunteer_id, []).append(ask)
    answered = overview.last_answers(session)
    return [Member(v, _state(v, now), _load(v, asks.get(v.id, ()), now), answered.get(v.id)) for v in found]


def _passes(volunteer: Volunteer, wanted: RosterFilter, now: datetime) -> bool:
    if wanted.state is not None and _state(volunteer, now) is not wanted.state:
        return False
    if wanted.network and wanted.network not in {a.network for a in volunteer.accounts}:
        return False
    words = wanted.words.casefold()
    return words in volunteer.name.casefold() or any(words in a.handle.casefold() for a in volunteer.accounts)


def members(
    session: Session, wanted: RosterFilter, *, now: datetime, page: int = 1, size: int = PAGE
) -> tuple[list[Member], int]:
    """Give one page (from 1) of the volunteers that pass the filter, newest first, and how many pass."""
    found = [v for v in reversed(volunteers.listed(session)) if _passes(v, wanted, now)]
    first = (max(page, 1) - 1) * size
    return _members(session, found[first : first + size], now), len(found)


def dossier(session: Session, volunteer_id: int, *, now: datetime) -> VolunteerDossier:
    """Give everything about one volunteer.

    Raises:
        NotFoundError: there is none with this id.
    """
    member = _members(session, [volunteers.get(session, volunteer_id)], now)[0]
    given = boosts.listed(session, volunteer_id=volunteer_id)[::-1][:HISTORY_MAX]
    titles = {n.id: n.words.title for n in notices.listed(session, ids={b.notice_id for b in given})}
    timeline = journal.read(session, subject=f"volunteer:{volunteer_id}", limit=TIMELINE_MAX)
    return VolunteerDossier(
        member,
        tuple(of_volunteer(session, volunteer_id)),
        tuple(Given(b, titles.get(b.notice_id, ""), explain.why_planned(b.reason)) for b in given),
        tuple(timeline),
    )
