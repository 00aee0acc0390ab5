"""What a planning round and the release of due boosts read and write, in bulk and in few queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, delete, func, insert, or_, select, update

from bot.model.boost import WAITING_STATES, BoostState, Mode
from bot.model.notice import Notice, NoticeState
from bot.model.plan import Asked, Planned
from bot.model.volunteer import Volunteer, VolunteerState
from bot.storage import notices, volunteers
from bot.storage.tables import BoostRow, NoticeRow, UtcDateTime, VolunteerRow

_CHUNK = 500
"""Values in one IN (…): far below SQLite's limit."""
_NO_LIMIT = 1 << 62


def active(session: Session) -> list[Notice]:
    """Give all active notices, oldest first."""
    return notices.listed(session, states=[NoticeState.ACTIVE], limit=_NO_LIMIT)


def roster(session: Session) -> list[Volunteer]:
    """Give all volunteers who have not left."""
    return volunteers.listed(session, states=[VolunteerState.ACTIVE, VolunteerState.PAUSED])


def asked(session: Session, since: datetime) -> list[Asked]:
    """Give every boost ever asked for an active notice, and every boost asked since `since`, by time."""
    query = (
        columns(
            col(BoostRow.notice_id),
            col(BoostRow.volunteer_id),
            func.coalesce(BoostRow.asked_at, BoostRow.due_at, type_=UtcDateTime()),
            col(BoostRow.state),
        )
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(
            col(BoostRow.state) != BoostState.PLANNED,
            or_(col(NoticeRow.state) == NoticeState.ACTIVE, col(BoostRow.asked_at) >= since),
        )
        .order_by(col(BoostRow.asked_at), col(BoostRow.id))
    )
    return [
        Asked(notice_id, volunteer_id, at, BoostState(state))
        for notice_id, volunteer_id, at, state in session.connection().execute(query)
    ]


def last_asked(session: Session) -> dict[int, datetime]:
    """Give the last ask ever, by volunteer id; volunteers never asked are absent."""
    query = (
        select(BoostRow.volunteer_id, func.max(BoostRow.asked_at))
        .where(col(BoostRow.asked_at).is_not(None))
        .group_by(col(BoostRow.volunteer_id))
    )
    return {volunteer_id: at for volunteer_id, at in session.exec(query) if at is not None}


def planned(session: Session, *, due_before: datetime | None = None) -> list[Planned]:
    """Give the boosts that are only planned, by due time; at most those due at `due_before`."""
    query = columns(
        col(BoostRow.id),
        col(BoostRow.notice_id),
        col(BoostRow.volunteer_id),
        col(BoostRow.account_id),
        col(BoostRow.network),
        col(BoostRow.due_at),
        col(BoostRow.reason),
    ).where(col(BoostRow.state) == BoostState.PLANNED)
    if due_before is not None:
        query = query.where(col(BoostRow.due_at) <= due_before)
    rows = session.connection().execute(query.order_by(col(BoostRow.due_at), col(BoostRow.id)))
    return [Planned(*row) for row in rows]


def plan(session: Session, new: Sequence[Mapping[str, Any]]) -> None:
    """Insert planned boosts: notice_id, volunteer_id, account_id, network, due_at, reason of each."""
    fixed = {"mode": Mode.BY_HAND.value, "state": BoostState.PLANNED.value, "skip_why": ""}
    if new:
        session.exec(insert(BoostRow), params=[{**values, **fixed} for values in new])


def replan(session: Session, changed: Sequence[Mapping[str, Any]]) -> None:
    """Give planned boosts (`id`) another account_id, network, due_at, reason."""
    if changed:
        session.exec(update(BoostRow), params=[dict(values) for values in changed])


def unplan(session: Session, ids: Iterable[int]) -> int:
    """Delete boosts by id, if they are only planned; give how many were."""
    return sum(
        session.exec(
            delete(BoostRow).where(col(BoostRow.state) == BoostState.PLANNED, col(BoostRow.id).in_(chunk))
        ).rowcount
        for chunk in _chunks(ids)
    )


def ask(session: Session, ids: Iterable[int], now: datetime, expires_at: datetime) -> int:
    """Turn planned boosts into asked ones; give how many were still planned."""
    return sum(
        session.exec(
            update(BoostRow)
            .where(col(BoostRow.state) == BoostState.PLANNED, col(BoostRow.id).in_(chunk))
            .values(state=BoostState.ASKED.value, asked_at=now, expires_at=expires_at)
        ).rowcount
        for chunk in _chunks(ids)
    )


def expire(session: Session, now: datetime) -> list[int]:
    """End the asked boosts whose time is up; give their ids."""
    over = (
        col(BoostRow.state).in_([state.value for state in WAITING_STATES]),
        col(BoostRow.expires_at) <= now,
    )
    ids = [found for found in session.exec(select(BoostRow.id).where(*over)) if found is not None]
    session.exec(update(BoostRow).where(*over).values(state=BoostState.EXPIRED.value, ended_at=now))
    return ids


def end_pauses(session: Session, now: datetime) -> list[int]:
    """Make the volunteers whose pause has ended active again; give their ids."""
    over = (col(VolunteerRow.state) == VolunteerState.PAUSED.value, col(VolunteerRow.paused_until) <= now)
    ids = [found for found in session.exec(select(VolunteerRow.id).where(*over)) if found is not None]
    session.exec(
        update(VolunteerRow).where(*over).values(state=VolunteerState.ACTIVE.value, paused_until=None)
    )
    return ids


def waiting(session: Session) -> dict[int, Mapping[str, Any] | None]:
    """Give why the last round gave each active notice nothing (None: it got something, or came later)."""
    query = select(NoticeRow.id, NoticeRow.waiting).where(NoticeRow.state == NoticeState.ACTIVE.value)
    return {notice_id: why for notice_id, why in session.exec(query) if notice_id is not None}


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    todo = list(ids)
    for start in range(0, len(todo), _CHUNK):
        yield todo[start : start + _CHUNK]
