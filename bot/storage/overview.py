"""Pages of the queue and the roster: filters, counts and what each row stands at, in few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, exists, func, or_, select, text

from bot.model.boost import CALLED_STATES, DONE_STATES, WAITING_STATES, BoostState
from bot.model.notice import NoticeState
from bot.storage.boosts import VOLUNTEERS
from bot.storage.tables import AdminRow, BoostRow, NoticeRow, PostRow, VolunteerRow

_DONE = [state.value for state in DONE_STATES]
_WAITING = [state.value for state in (*WAITING_STATES, *CALLED_STATES)]


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices to show; an empty value lets all through. `words` is looked for in the title."""

    state: NoticeState | None = None
    network: str = ""
    sector: str = ""
    region: str = ""
    words: str = ""
    unboosted: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """A notice's boosts: done, asked or due and not ended, planned."""

    done: int = 0
    waiting: int = 0
    planned: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """What a volunteer was asked: when, and when they answered."""

    volunteer_id: int
    state: BoostState
    asked_at: datetime
    ended_at: datetime | None


def _boosted() -> ColumnElement[bool]:
    mine = col(BoostRow.notice_id) == col(NoticeRow.id)
    return exists().where(mine, col(BoostRow.state).in_(_DONE), VOLUNTEERS)


def _wheres(wanted: NoticeFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(col(NoticeRow.state) == wanted.state.value)
    if wanted.network:
        posts = exists().where(col(PostRow.notice_id) == col(NoticeRow.id))
        # A notice without a post goes everywhere through its share page.
        found.append(or_(posts.where(col(PostRow.network) == wanted.network), ~posts))
    if wanted.sector:
        found.append(col(NoticeRow.sector) == wanted.sector)
    if wanted.region:
        found.append(col(NoticeRow.region) == wanted.region)
    if wanted.words:
        found.append(col(NoticeRow.title).icontains(wanted.words, autoescape=True))
    if wanted.unboosted:
        found.append(~_boosted())
    return found


def notice_ids(session: Session, wanted: NoticeFilter, *, limit: int, offset: int = 0) -> list[int]:
    """Give ids of notices that pass the filter, newest first."""
    query = select(NoticeRow.id).where(*_wheres(wanted)).order_by(col(NoticeRow.id).desc())
    return [i for i in session.exec(query.limit(limit).offset(offset)) if i is not None]


def count_notices(session: Session, wanted: NoticeFilter) -> int:
    """Count the notices that pass the filter."""
    return session.exec(select(func.count()).select_from(NoticeRow).where(*_wheres(wanted))).one()


def tallies(session: Session, ids: Iterable[int]) -> dict[int, Tally]:
    """Count volunteers' boosts by notice; notices without any are absent."""
    query = (
        select(BoostRow.notice_id, BoostRow.state, func.count())
        .where(col(BoostRow.notice_id).in_(list(ids)), VOLUNTEERS)
        .group_by(col(BoostRow.notice_id), col(BoostRow.state))
    )
    counts: dict[int, dict[str, int]] = {}
    for notice_id, state, n in session.exec(query):
        counts.setdefault(notice_id, {})[state] = n
    return {
        notice_id: Tally(
            done=sum(by.get(s, 0) for s in _DONE),
            waiting=sum(by.get(s, 0) for s in _WAITING),
            planned=by.get(BoostState.PLANNED.value, 0),
        )
        for notice_id, by in counts.items()
    }


def next_boosts(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Give for each notice the id of the boost that comes next: asked before planned, then by time."""
    query = (
        select(BoostRow.notice_id, BoostRow.id, BoostRow.state)
        .where(
            col(BoostRow.notice_id).in_(list(ids)),
            col(BoostRow.state).in_([*_WAITING, BoostState.PLANNED.value]),
            VOLUNTEERS,
        )
        .order_by((col(BoostRow.state) == BoostState.PLANNED.value), col(BoostRow.due_at), col(BoostRow.id))
    )
    found: dict[int, int] = {}
    for notice_id, boost_id, _state in session.exec(query):
        if boost_id is not None:
            found.setdefault(notice_id, boost_id)
    return found


def waitings(session: Session, ids: Iterable[int]) -> dict[int, Mapping[str, Any] | None]:
    """Give why the last round gave each notice nothing, as data (None: it did, or has not come yet)."""
    query = select(NoticeRow.id, NoticeRow.waiting).where(col(NoticeRow.id).in_(list(ids)))
    return {notice_id: why for notice_id, why in session.exec(query) if notice_id is not None}


def asks_since(session: Session, since: datetime) -> list[Ask]:
    """Give what volunteers were asked since `since`."""
    query = select(BoostRow).where(col(BoostRow.asked_at) >= since)
    return [
        Ask(row.volunteer_id, BoostState(row.state), row.asked_at, row.ended_at)
        for row in session.exec(query)
        if row.asked_at is not None
    ]


def last_answers(session: Session) -> dict[int, datetime]:
    """Give when each volunteer last said "done" or "skip"; those who never did are absent."""
    query = (
        select(BoostRow.volunteer_id, func.max(BoostRow.ended_at))
        .where(col(BoostRow.state).in_([BoostState.DECLARED.value, BoostState.SKIPPED.value]))
        .group_by(col(BoostRow.volunteer_id))
    )
    # An aggregate of a column of our own type keeps that type, so these are aware datetimes.
    return {volunteer_id: at for volunteer_id, at in session.exec(query) if at is not None}


def counts(session: Session) -> dict[str, int]:
    """Count notices by state (`notice.active`), volunteers by state and boosts by state."""
    found: dict[str, int] = {}
    for word, row in (("notice", NoticeRow), ("volunteer", VolunteerRow), ("boost", BoostRow)):
        state = col(row.state)
        for name, n in session.exec(select(state, func.count()).group_by(state)):
            found[f"{word}.{name}"] = n
    found["admin"] = session.exec(select(func.count()).select_from(AdminRow)).one()
    return found


def probe(session: Session) -> None:
    """Take some pages and give them back: what a full disk or a broken one does not let happen."""
    run = session.connection().exec_driver_sql
    filler = "INSERT INTO tick (name, at, took_ms, every_s, result, error)"
    run(f"{filler} VALUES ('', '2000-01-01', 0, 0, '{{}}', hex(zeroblob(8192)))")
    run("DELETE FROM tick WHERE name = ''")


def level(session: Session) -> str:
    """Give the migration the database is at."""
    found = session.exec(text("SELECT version_num FROM alembic_version"))  # type: ignore[call-overload]
    assert isinstance(found, CursorResult)
    return str(found.scalar_one())
