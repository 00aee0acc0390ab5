"""Boosts: the plan, what was asked, how it ended."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select, update

from bot.errors import ConflictError, NotFoundError
from bot.model.boost import BOOST_MOVES, COMING_STATES, DONE_STATES, Boost, BoostState, Mode
from bot.model.notice import CloseReason, NoticeState
from bot.model.volunteer import VolunteerState
from bot.storage.many import among, run
from bot.storage.tables import BoostRow, NoticeRow, VolunteerRow

VOLUNTEERS = col(BoostRow.mode) != Mode.COLLECTIVE.value
"""What volunteers share. The collective's own account shares everybody's: it raises nobody's level."""
_MOVE = update(BoostRow).where(among(BoostRow.id), among(BoostRow.state, "before"))
"""Sets the columns that its parameters name."""


def _model(row: BoostRow) -> Boost:
    assert row.id is not None
    return Boost(
        id=row.id,
        notice_id=row.notice_id,
        volunteer_id=row.volunteer_id,
        account_id=row.account_id,
        network=row.network,
        mode=Mode(row.mode),
        state=BoostState(row.state),
        due_at=row.due_at,
        reason=row.reason,
        asked_at=row.asked_at,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        expires_at=row.expires_at,
    )


def _row(session: Session, boost_id: int) -> BoostRow:
    row = session.get(BoostRow, boost_id)
    if row is None:
        message = f"There is no boost {boost_id}. `bot boosts list` shows those there are."
        raise NotFoundError(message)
    return row


def get(session: Session, boost_id: int) -> Boost:
    """Give one boost.

    Raises:
        NotFoundError: there is none with this id.
    """
    return _model(_row(session, boost_id))


def listed(
    session: Session,
    *,
    notice_id: int | None = None,
    volunteer_id: int | None = None,
    states: Iterable[BoostState] | None = None,
    since: datetime | None = None,
    due_before: datetime | None = None,
    ids: Iterable[int] | None = None,
    volunteers_only: bool = False,
    limit: int = 100_000,
) -> list[Boost]:
    """Give boosts by due time, or only volunteers' own; `since` and `due_before` bound `due_at`."""
    query = select(BoostRow)
    if volunteers_only:
        query = query.where(VOLUNTEERS)
    if notice_id is not None:
        query = query.where(BoostRow.notice_id == notice_id)
    if volunteer_id is not None:
        query = query.where(BoostRow.volunteer_id == volunteer_id)
    if states is not None:
        query = query.where(col(BoostRow.state).in_([s.value for s in states]))
    if since is not None:
        query = query.where(col(BoostRow.due_at) >= since)
    if due_before is not None:
        query = query.where(col(BoostRow.due_at) <= due_before)
    if ids is not None:
        query = query.where(col(BoostRow.id).in_(list(ids)))
    return [
        _model(row)
        for row in session.exec(query.order_by(col(BoostRow.due_at), col(BoostRow.id)).limit(limit))
    ]


def plan(
    session: Session,
    *,
    notice_id: int,
    volunteer_id: int,
    account_id: int,
    network: str,
    mode: Mode,
    due_at: datetime,
    reason: dict[str, Any],
) -> int:
    """Insert a planned boost and give the id. The pair (notice, volunteer) may exist only once."""
    row = BoostRow(
        notice_id=notice_id,
        volunteer_id=volunteer_id,
        account_id=account_id,
        network=network,
        mode=mode,
        state=BoostState.PLANNED,
        due_at=due_at,
        reason=reason,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def unplan(
    session: Session,
    *,
    notice_id: int | None = None,
    volunteer_id: int | None = None,
    ids: Iterable[int] | None = None,
) -> int:
    """Delete boosts that are only planned, of a notice, a volunteer or by id; give how many."""
    query = delete(BoostRow).where(col(BoostRow.state) == BoostState.PLANNED)
    if notice_id is not None:
        query = query.where(col(BoostRow.notice_id) == notice_id)
    if volunteer_id is not None:
        query = query.where(col(BoostRow.volunteer_id) == volunteer_id)
    if ids is not None:
        query = query.where(col(BoostRow.id).in_(list(ids)))
    return session.exec(query).rowcount


def move(session: Session, boost_id: int, to: BoostState, **values: Any) -> Boost:
    """Change the state, and any other column by keyword, if the present state allows it.

    Raises:
        ConflictError: `BOOST_MOVES` forbids the move.
    """
    row = _row(session, boost_id)
    state = BoostState(row.state)
    if to not in BOOST_MOVES[state]:
        message = f"Boost {boost_id} is {state.value}; it cannot become {to.value}."
        raise ConflictError(message)
    row.state = to
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return _model(row)


def move_all(session: Session, boost_ids: Collection[int], to: BoostState, **values: Any) -> None:
    """Change the state of several boosts, all in one statement, as `move` does.

    Raises:
        ConflictError: `BOOST_MOVES` forbids the move of one of them, or it is not there.
    """
    if not boost_ids:
        return
    before = [state.value for state, after in BOOST_MOVES.items() if to in after]
    moved = run(session, _MOVE, ids=list(boost_ids), before=before, state=to.value, **values).rowcount
    if moved != len(boost_ids):
        message = f"Only {moved} of {len(boost_ids)} boosts can become {to.value}."
        raise ConflictError(message)


def by_hand(session: Session, boost_id: int) -> None:
    """Ask the volunteer to make a boost that is due by hand."""
    move(session, boost_id, BoostState.ASKED, mode=Mode.BY_HAND.value)


def cancel(
    session: Session, now: datetime, *, notice_id: int | None = None, volunteer_id: int | None = None
) -> int:
    """Delete the planned boosts and cancel those that are coming, of a notice or a volunteer."""
    gone = unplan(session, notice_id=notice_id, volunteer_id=volunteer_id)
    for boost in listed(session, notice_id=notice_id, volunteer_id=volunteer_id, states=COMING_STATES):
        move(session, boost.id, BoostState.CANCELLED, ended_at=now)
        gone += 1
    return gone


def revive(session: Session, states: Mapping[int, BoostState], now: datetime) -> list[int]:
    """Take back the cancellation of boosts (id: state before) whose time is not up: the undo of a refusal.

    Not those of volunteers who paused or left meanwhile. Gives the ids of those that are due again: their
    calls may be closed.
    """
    due = []
    there = select(VolunteerRow.id).where(VolunteerRow.state == VolunteerState.ACTIVE)
    query = select(BoostRow).where(col(BoostRow.id).in_(list(states)), col(BoostRow.volunteer_id).in_(there))
    for row in session.exec(query):
        assert row.id is not None
        if row.state == BoostState.CANCELLED and row.expires_at is not None and row.expires_at > now:
            row.state, row.ended_at = states[row.id], None
            session.add(row)
            due += [row.id] if row.state == BoostState.DUE else []
    session.flush()
    return due


def prolong(session: Session, by: timedelta) -> int:
    """Give everything that is coming more time; give how many boosts that were."""
    rows = session.exec(
        select(BoostRow).where(col(BoostRow.state).in_([s.value for s in COMING_STATES]))
    ).all()
    for row in rows:
        row.expires_at = row.expires_at and row.expires_at + by
        session.add(row)
    session.flush()
    return len(rows)


def done_by_notice(session: Session, notice_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Count the boosts done, by notice id; notices without any are absent."""
    query = (
        select(BoostRow.notice_id, func.count())
        .where(col(BoostRow.state).in_([s.value for s in DONE_STATES]), VOLUNTEERS)
        .group_by(col(BoostRow.notice_id))
    )
    if notice_ids is not None:
        query = query.where(col(BoostRow.notice_id).in_(list(notice_ids)))
    return dict(session.exec(query).all())


def wanting(session: Session) -> int:
    """Count the active notices that want more boosts than are done."""
    done = select(func.count()).where(
        col(BoostRow.notice_id) == col(NoticeRow.id),
        col(BoostRow.state).in_([s.value for s in DONE_STATES]),
        VOLUNTEERS,
    )
    query = select(func.count()).select_from(NoticeRow)
    active = query.where(NoticeRow.state == NoticeState.ACTIVE, done.scalar_subquery() < NoticeRow.demand)
    return session.exec(active).one()


def past(session: Session, volunteer_id: int, *, offset: int = 0, limit: int = 50) -> list[Boost]:
    """Give what a volunteer was asked, newest first."""
    query = select(BoostRow).where(
        BoostRow.volunteer_id == volunteer_id, col(BoostRow.state) != BoostState.PLANNED
    )
    order = query.order_by(col(BoostRow.asked_at).desc(), col(BoostRow.id).desc())
    return [_model(row) for row in session.exec(order.offset(offset).limit(limit))]


def helped(session: Session, volunteer_id: int, *, since: datetime | None = None) -> tuple[int, int, int]:
    """Count a volunteer's boosts done since `since`, the seekers behind them, and those who found a job."""
    query = (
        select(BoostRow.id, NoticeRow.person_id, NoticeRow.close_reason)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(BoostRow.volunteer_id == volunteer_id, col(BoostRow.state).in_([s.value for s in DONE_STATES]))
    )
    if since is not None:
        query = query.where(col(BoostRow.ended_at) >= since)
    rows = session.exec(query).all()
    found = {person_id for _, person_id, why in rows if why == CloseReason.FOUND_JOB}
    return len(rows), len({person_id for _, person_id, _ in rows}), len(found)


def found_since(session: Session, volunteer_id: int, since: datetime) -> list[int]:
    """Give the notices a volunteer boosted whose seeker found a job since then, newest first, by id."""
    query = (
        select(NoticeRow.id)
        .join(BoostRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(
            BoostRow.volunteer_id == volunteer_id,
            col(BoostRow.state).in_([s.value for s in DONE_STATES]),
            NoticeRow.close_reason == CloseReason.FOUND_JOB,
            col(NoticeRow.closed_at) >= since,
        )
        .order_by(col(NoticeRow.closed_at).desc())
    )
    return [notice_id for notice_id in session.exec(query) if notice_id is not None]


def skip_whys(session: Session, volunteer_id: int) -> dict[int, str]:
    """Give the private reasons a volunteer gave for skipping, by boost id."""
    query = select(BoostRow.id, BoostRow.skip_why).where(
        BoostRow.volunteer_id == volunteer_id, col(BoostRow.skip_why) != ""
    )
    return {boost_id: why for boost_id, why in session.exec(query) if boost_id is not None}


def set_skip_why(session: Session, boost_id: int, why: str) -> None:
    """Keep a volunteer's private reason for skipping."""
    row = _row(session, boost_id)
    row.skip_why = why
    session.add(row)
    session.flush()


def forget_skips(session: Session, volunteer_id: int) -> None:
    """Erase the private reasons of a volunteer who leaves."""
    session.exec(update(BoostRow).where(col(BoostRow.volunteer_id) == volunteer_id).values(skip_why=""))
