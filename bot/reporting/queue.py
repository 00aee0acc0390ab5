"""The queue as admins see it: each notice, where it stands, what comes next or why nothing does."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from bot.model.boost import Boost
from bot.model.journal import Entry
from bot.model.moderation import Report
from bot.model.notice import Notice, NoticeState
from bot.model.text import Message
from bot.model.volunteer import Volunteer
from bot.reporting import explain, proof, waits
from bot.storage import Session, boosts, journal, notices, overview, reports, statistics, twins, volunteers
from bot.storage.overview import NoticeFilter, Tally

__all__ = ["Asked", "Dossier", "Fairness", "Line", "NoticeFilter", "dossier", "fairness", "lines"]

PAGE = 50
WEEK = timedelta(days=7)
BUCKETS: tuple[tuple[str, int, int], ...] = (
    ("0", 0, 0),
    ("1–2", 1, 2),
    ("3–5", 3, 5),
    ("6–8", 6, 8),
    ("9–11", 9, 11),
    ("12+", 12, 10_000),
)
"""Groups of the histogram: label, least and most boosts done."""
TIMELINE_MAX = 200
NO_TALLY = Tally()


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of the queue. `next` is the boost that comes next; without one, `why` says why not."""

    notice: Notice
    tally: Tally
    next: Boost | None
    why: Message | None
    waited: timedelta | None
    """Since the notice was accepted; None while it has not been."""
    reported: bool
    """Somebody has reported it, and no moderator has decided since."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One boost of a notice with the volunteer's name and account, and why it was planned."""

    boost: Boost
    volunteer: Volunteer
    handle: str
    why: Message


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one notice. `timeline` is the journal, newest first."""

    line: Line
    asked: tuple[Asked, ...]
    timeline: tuple[Entry, ...]
    why_no_more: Message | None
    reports: tuple[Report, ...]
    """What volunteers report about it, oldest first; none that a decision has settled."""
    twins: tuple[int, ...]
    """Ids of the notices with the same address, post, author or browser, or that count with it."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly the active notices are served."""

    total: int
    none: int
    buckets: tuple[tuple[str, int], ...]
    oldest: timedelta | None
    """Longest wait of a notice that has no boost yet."""
    load: float | None
    """What half of the volunteers asked in the last week gave at most, as a share of their caps."""
    load_max: float | None
    """The highest such share."""


def _why(notice: Notice, following: Boost | None, waiting: Mapping[str, Any] | None) -> Message | None:
    if following is not None:
        return explain.why_planned(following.reason)
    if notice.state is NoticeState.ACTIVE:
        return waits.why_waiting(waiting)
    return None


def _lines(session: Session, found: Iterable[Notice], now: datetime) -> list[Line]:
    found = list(found)
    ids = [notice.id for notice in found]
    tallies = overview.tallies(session, ids)
    coming = overview.next_boosts(session, ids)
    by_id = {boost.id: boost for boost in boosts.listed(session, ids=coming.values())}
    waiting = overview.waitings(session, ids)
    reported = reports.unsettled(session, ids)
    made = []
    for notice in found:
        following = by_id.get(coming.get(notice.id, 0))
        made.append(
            Line(
                notice=notice,
                tally=tallies.get(notice.id, NO_TALLY),
                next=following,
                why=_why(notice, following, waiting.get(notice.id)),
                waited=max(now - notice.opened_at, timedelta(0)) if notice.opened_at else None,
                reported=notice.id in reported,
            )
        )
    return made


def lines(
    session: Session, wanted: NoticeFilter, *, now: datetime, page: int = 1, size: int = PAGE
) -> tuple[list[Line], int]:
    """Give one page (from 1) of the notices that pass the filter, newest first, and how many pass."""
    total = overview.count_notices(session, wanted)
    ids = overview.notice_ids(session, wanted, limit=size, offset=(max(page, 1) - 1) * size)
    return _lines(session, notices.listed(session, ids=ids, newest_first=True), now), total


def dossier(session: Session, notice_id: int, *, now: datetime) -> Dossier:
    """Give everything about one notice.

    Raises:
        NotFoundError: there is none with this id.
    """
    line = _lines(session, [notices.get(session, notice_id)], now)[0]
    made = boosts.listed(session, notice_id=notice_id)
    people = {one.id: one for one in volunteers.some(session, {boost.volunteer_id for boost in made})}
    asked = []
    for boost in made:
        volunteer = people[boost.volunteer_id]
        handle = next((a.handle for a in volunteer.accounts if a.id == boost.account_id), "")
        asked.append(Asked(boost, volunteer, handle, explain.why_planned(boost.reason)))
    timeline = journal.read(session, subject=f"notice:{notice_id}", limit=TIMELINE_MAX)
    told = tuple(reports.unsettled(session, [notice_id]).get(notice_id, ()))
    alike = tuple(twins.of(session, [notice_id]).get(notice_id, ()))
    return Dossier(line, tuple(asked), tuple(timeline), proof.why_no_more(session, notice_id), told, alike)


def fairness(session: Session, *, now: datetime) -> Fairness:
    """Count how the boosts are spread over the active notices."""
    active = notices.listed(session, states=[NoticeState.ACTIVE], limit=100_000)
    done = boosts.done_by_notice(session, [notice.id for notice in active])
    counts = [done.get(notice.id, 0) for notice in active]
    loads = _loads(statistics.asks_since(session, now - WEEK))
    waits = [now - n.opened_at for n in active if n.opened_at is not None and not done.get(n.id)]
    return Fairness(
        total=len(active),
        none=counts.count(0),
        buckets=tuple((label, sum(low <= n <= high for n in counts)) for label, low, high in BUCKETS),
        oldest=max((max(wait, timedelta(0)) for wait in waits), default=None),
        load=median(loads) if loads else None,
        load_max=max(loads, default=None),
    )


def _loads(asks: Iterable[statistics.DayAsk]) -> list[float]:
    """Give each volunteer's asks of a week over what their cap allows in it."""
    asks = list(asks)
    counts = Counter(ask.volunteer_id for ask in asks)
    caps = {ask.volunteer_id: ask.cap_day for ask in asks}
    return [count / (WEEK.days * caps[who]) for who, count in counts.items()]
