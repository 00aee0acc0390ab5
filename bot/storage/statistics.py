"""Counts over the whole life of the installation, in a few aggregate queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float
from sqlalchemy import select as columns
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, String, and_, cast, col, func, or_, select

from bot.model.boost import DONE_STATES
from bot.model.notice import CloseReason
from bot.model.volunteer import VolunteerState
from bot.storage.boosts import VOLUNTEERS
from bot.storage.tables import BoostRow, JournalRow, NoticeRow, VolunteerRow

_DONE = and_(col(BoostRow.state).in_([state.value for state in DONE_STATES]), VOLUNTEERS)


class _Seconds(FunctionElement[float]):
    """Seconds from the first to the second moment."""

    type = Float()
    inherit_cache = True


@compiles(_Seconds)
def _seconds(element: _Seconds, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))"


@compiles(_Seconds, "sqlite")
def _seconds_sqlite(element: _Seconds, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


@dataclass(frozen=True, slots=True)
class Part:
    """Boosts done of one group (a network, a sector, a region) that one person had a part in.

    `person` is an opaque id, to count heads: of a network the volunteer, of a sector or region the seeker.
    """

    group: str
    person: int
    boosts: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that went round: its boosts done, and how long the first one took.

    The wait is None without a boost, and where a change was accepted after the first one, as it is then not
    known when the notice first opened.
    """

    seeker: int
    sector: str
    """Empty for any, as `region`."""
    region: str
    boosts: int
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class DayAsk:
    """One ask of a volunteer, with the limits that held."""

    volunteer_id: int
    at: datetime
    time_zone: str
    cap_day: int


def _went_round(now: datetime) -> ColumnElement[bool]:
    return col(NoticeRow.first_opened_at) <= now


def since(session: Session, now: datetime) -> datetime | None:
    """Give when the first notice began to go round; None while none has."""
    return session.exec(select(func.min(NoticeRow.first_opened_at)).where(_went_round(now))).one()


def sent(session: Session, now: datetime) -> list[Sent]:
    """Give each notice that went round, by one pass over the boosts."""
    done = (
        columns(
            col(BoostRow.notice_id).label("notice"),
            func.count().label("boosts"),
            func.min(BoostRow.ended_at).label("first"),
        )
        .where(_DONE)
        .group_by(col(BoostRow.notice_id))
        .subquery()
    )
    query = (
        columns(
            col(NoticeRow.person_id),
            func.coalesce(NoticeRow.sector, ""),
            func.coalesce(NoticeRow.region, ""),
            func.coalesce(done.c.boosts, 0),
            _Seconds(col(NoticeRow.first_opened_at), done.c.first),
        )
        .select_from(NoticeRow)
        .outerjoin(done, done.c.notice == col(NoticeRow.id))
        # A notice that was changed and accepted again opens anew, with the boosts it has.
        .where(or_(_went_round(now), done.c.notice.is_not(None)))
    )
    return [
        Sent(
            seeker,
            sector,
            region,
            boosts,
            timedelta(seconds=wait) if wait is not None and wait >= 0 else None,
        )
        for seeker, sector, region, boosts, wait in session.connection().execute(query)
    ]


_FOUND = NoticeRow.close_reason == CloseReason.FOUND_JOB, col(NoticeRow.first_opened_at).is_not(None)


def found_jobs(session: Session) -> int:
    """Count the people whose notice went round and who said that they found a job."""
    query = select(func.count(func.distinct(NoticeRow.person_id)))
    return session.exec(query.where(*_FOUND)).one()


def names_of_found(session: Session, limit: int) -> list[str]:
    """Give the latest names whose owners found a job and agreed that they are shown."""
    query = select(NoticeRow.name).where(*_FOUND, col(NoticeRow.show_name).is_(True))
    return list(session.exec(query.order_by(col(NoticeRow.closed_at).desc()).limit(limit)))


def by_network(session: Session) -> list[Part]:
    """Give the boosts done, by network and volunteer."""
    network, volunteer = col(BoostRow.network), col(BoostRow.volunteer_id)
    query = columns(network, volunteer, func.count()).where(_DONE).group_by(network, volunteer)
    return [Part(code, who, count) for code, who, count in session.connection().execute(query)]


def asks_since(session: Session, start: datetime) -> list[DayAsk]:
    """Give the asks since `start` of the volunteers whose limits have stayed the same since then."""
    changed = select(JournalRow.subject).where(
        JournalRow.action == "volunteer.settings_changed", col(JournalRow.at) >= start
    )
    query = (
        columns(
            col(BoostRow.volunteer_id),
            col(BoostRow.asked_at),
            col(VolunteerRow.time_zone),
            col(VolunteerRow.cap_day),
        )
        .join(VolunteerRow, col(VolunteerRow.id) == col(BoostRow.volunteer_id))
        .where(
            col(BoostRow.asked_at) >= start,
            col(VolunteerRow.state) != VolunteerState.LEFT,
            ("volunteer:" + cast(VolunteerRow.id, String)).not_in(changed),
        )
    )
    return [
        DayAsk(who, at, zone, cap)
        for who, at, zone, cap in session.connection().execute(query)
        if at is not None
    ]
