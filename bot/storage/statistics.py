"""Counts over the whole life of the installation, in a few aggregate queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float
from sqlalchemy import select as columns
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, String, cast, col, func, select

from bot.model.boost import DONE_STATES
from bot.model.notice import CloseReason
from bot.model.volunteer import VolunteerState
from bot.storage.tables import BoostRow, JournalRow, NoticeRow, VolunteerRow

_DONE = col(BoostRow.state).in_([state.value for state in DONE_STATES])


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
class DayAsk:
    """One ask of a volunteer, with the limits that held."""

    volunteer_id: int
    at: datetime
    time_zone: str
    cap_day: int


def _went_round(now: datetime) -> ColumnElement[bool]:
    return col(NoticeRow.opened_at) <= now


def since(session: Session, now: datetime) -> datetime | None:
    """Give when the first notice began to go round; None while none has."""
    return session.exec(select(func.min(NoticeRow.opened_at)).where(_went_round(now))).one()


def notices_sent(session: Session, now: datetime) -> tuple[int, int]:
    """Count the notices that went round, and the seekers behind them."""
    query = select(func.count(), func.count(func.distinct(NoticeRow.seeker_id)))
    sent, seekers = session.exec(query.select_from(NoticeRow).where(_went_round(now))).one()
    return sent, seekers


def found_jobs(session: Session) -> int:
    """Count the people who said that they found a job."""
    query = select(func.count(func.distinct(NoticeRow.seeker_id)))
    return session.exec(query.where(NoticeRow.close_reason == CloseReason.FOUND_JOB)).one()


def names_of_found(session: Session, limit: int) -> list[str]:
    """Give the latest names whose owners found a job and agreed that they are shown."""
    query = select(NoticeRow.name).where(
        NoticeRow.close_reason == CloseReason.FOUND_JOB, col(NoticeRow.show_name).is_(True)
    )
    return list(session.exec(query.order_by(col(NoticeRow.closed_at).desc()).limit(limit)))


def boosts_per_notice(session: Session, now: datetime) -> dict[int, int]:
    """Count the notices that went round by the number of their boosts done."""
    done = (
        columns(col(BoostRow.notice_id).label("notice"), func.count().label("boosts"))
        .where(_DONE)
        .group_by(col(BoostRow.notice_id))
        .subquery()
    )
    number = func.coalesce(done.c.boosts, 0)
    query = (
        columns(number, func.count())
        .select_from(NoticeRow)
        .outerjoin(done, done.c.notice == col(NoticeRow.id))
        .where(_went_round(now))
        .group_by(number)
    )
    return {int(boosts): int(count) for boosts, count in session.connection().execute(query)}


def first_waits(session: Session, ranks: Sequence[float]) -> tuple[int, list[timedelta]]:
    """Give how many notices have been boosted, and the waits before the first boost at `ranks` (0..1).

    A wait runs from the moment the notice could go round. The rank 0.5 of four waits is the second shortest.
    """
    first = (
        columns(
            func.min(_Seconds(col(NoticeRow.opened_at), col(BoostRow.ended_at))).label("wait"),
        )
        .select_from(BoostRow)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(_DONE, col(NoticeRow.opened_at).is_not(None), col(BoostRow.ended_at).is_not(None))
        .group_by(col(BoostRow.notice_id))
        .subquery()
    )
    run = session.connection().execute
    total = int(run(columns(func.count()).select_from(first)).scalar_one())
    waits = []
    for rank in ranks if total else ():
        place = max(0, -int(-rank * total // 1) - 1)
        query = columns(first.c.wait).order_by(first.c.wait).offset(place).limit(1)
        waits.append(timedelta(seconds=max(0.0, float(run(query).scalar_one()))))
    return total, waits


def by_network(session: Session) -> list[Part]:
    """Give the boosts done, by network and volunteer."""
    return _parts(session, col(BoostRow.network), col(BoostRow.volunteer_id))


def by_sector(session: Session) -> list[Part]:
    """Give the boosts done, by sector ("" for any) and seeker."""
    return _parts(session, func.coalesce(NoticeRow.sector, ""), col(NoticeRow.seeker_id))


def by_region(session: Session) -> list[Part]:
    """Give the boosts done, by region ("" for any) and seeker."""
    return _parts(session, func.coalesce(NoticeRow.region, ""), col(NoticeRow.seeker_id))


def _parts(session: Session, group: Any, person: Any) -> list[Part]:
    query = (
        columns(group, person, func.count())
        .select_from(BoostRow)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(_DONE)
        .group_by(group, person)
    )
    return [Part(str(code), int(who), int(count)) for code, who, count in session.connection().execute(query)]


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
