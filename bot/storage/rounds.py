"""What a planning round and the release of due boosts read and write, in bulk and in few queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, tuple_
from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, insert, or_, select, update

from bot.model.boost import COMING_STATES, BoostState, Mode
from bot.model.notice import Notice, NoticeState
from bot.model.plan import COUNTED_STATES, Asked, Planned
from bot.model.volunteer import Volunteer, VolunteerState
from bot.storage import boosts, notices, reports, seekers, volunteers
from bot.storage.many import run
from bot.storage.tables import BoostRow, NoticeRow, UtcDateTime, VolunteerRow

_CHUNK = 500
"""Values in one IN (…): far below SQLite's limit."""
_NO_LIMIT = 1 << 62


def active(session: Session) -> list[Notice]:
    """Give all active notices, oldest first, but for those reported: a moderator looks first."""
    held = reports.held(session)
    found = notices.listed(session, states=[NoticeState.ACTIVE], limit=_NO_LIMIT)
    return [notice for notice in found if notice.id not in held]


def roster(session: Session) -> list[Volunteer]:
    """Give all volunteers who have not left."""
    return volunteers.listed(session, states=[VolunteerState.ACTIVE, VolunteerState.PAUSED])


CARRY = timedelta(days=30)
"""How long a boost counts for the later notices of its person, and its volunteer is not asked for them."""

_CURRENT = aliased(NoticeRow)
_AT = func.coalesce(BoostRow.asked_at, BoostRow.due_at, type_=UtcDateTime())
_LEFT_PLAN = and_(col(BoostRow.state) != BoostState.PLANNED, boosts.VOLUNTEERS)
_ASKED_FOR = (
    columns(
        col(_CURRENT.id),
        col(_CURRENT.person_id),
        col(BoostRow.notice_id),
        col(BoostRow.volunteer_id),
        _AT,
        col(BoostRow.state),
    )
    .select_from(_CURRENT)
    .join(NoticeRow, col(NoticeRow.person_id) == col(_CURRENT.person_id))
    .join(BoostRow, col(BoostRow.notice_id) == col(NoticeRow.id))
    .where(
        col(_CURRENT.state) == NoticeState.ACTIVE.value,
        _LEFT_PLAN,
        or_(col(NoticeRow.id) == col(_CURRENT.id), col(BoostRow.asked_at) >= bindparam("carried_since")),
    )
)
"""The boosts of the persons who have an active notice now, for each such notice."""
_ASKED = columns(col(BoostRow.notice_id), col(BoostRow.volunteer_id), _AT, col(BoostRow.state)).where(
    _LEFT_PLAN, col(BoostRow.asked_at) >= bindparam("since")
)


def asked(session: Session, now: datetime, *, history: timedelta) -> list[Asked]:
    """Give every boost that bears on the planning of `now`, by time.

    That is every boost ever asked for an active notice; those of the last 30 days (since a reset, if there
    was one) for earlier notices of its person, in its name and marked as carried; and whatever else was asked
    within `history`.
    """
    named = set()
    found = []
    resets = seekers.resets(session)
    for current_id, person_id, notice_id, volunteer_id, moment, state in run(
        session, _ASKED_FOR, carried_since=now - CARRY
    ):
        carried = current_id != notice_id
        assert current_id is not None, "a row has an id"
        if carried and person_id in resets and moment < resets[person_id]:
            continue
        named.add((notice_id, volunteer_id))
        found.append(Asked(current_id, volunteer_id, moment, BoostState(state), carried=carried))
    for notice_id, volunteer_id, moment, state in run(session, _ASKED, since=now - history):
        if (notice_id, volunteer_id) not in named:
            found.append(Asked(notice_id, volunteer_id, moment, BoostState(state)))
    return sorted(found, key=lambda boost: (boost.at, boost.notice_id, boost.volunteer_id))


_COUNTED = (
    select(func.count())
    .where(
        col(BoostRow.notice_id) == col(NoticeRow.id),
        col(BoostRow.state).in_([s.value for s in COUNTED_STATES]),
        boosts.VOLUNTEERS,
    )
    .scalar_subquery()
)
_ENDED = (
    columns(func.count(), func.sum(_COUNTED))
    .select_from(NoticeRow)
    .where(
        col(NoticeRow.state) == NoticeState.CLOSED.value,
        col(NoticeRow.closed_at) >= bindparam("since"),
        col(NoticeRow.opened_at).is_not(None),
    )
)
"""How many notices ended, and with how many boosts in all."""


def mean_boosts(session: Session, now: datetime) -> float | None:
    """Give the mean of the boosts with which the notices of the last 30 days ended; None: fewer than five."""
    count, total = run(session, _ENDED, since=now - CARRY).one()
    return (total or 0) / count if count >= ENOUGH else None


ENOUGH = 5
"""Notices below which a mean says nothing."""


def last_asked(session: Session, volunteer_ids: Iterable[int] | None = None) -> dict[int, datetime]:
    """Give the last ask ever, by volunteer id; volunteers never asked are absent."""
    query = (
        select(BoostRow.volunteer_id, func.max(BoostRow.asked_at))
        .where(col(BoostRow.asked_at).is_not(None))
        .group_by(col(BoostRow.volunteer_id))
    )
    if volunteer_ids is not None:
        query = query.where(col(BoostRow.volunteer_id).in_(list(volunteer_ids)))
    return {volunteer_id: at for volunteer_id, at in session.exec(query) if at is not None}


def on_networks(session: Session, names: Iterable[str], now: datetime) -> dict[str, list[datetime]]:
    """Give, for each of these networks, when the asks of the last 24 hours were made."""
    found: dict[str, list[datetime]] = {name: [] for name in names}
    if found:
        query = select(BoostRow.network, BoostRow.asked_at).where(
            col(BoostRow.asked_at) > now - timedelta(hours=24), col(BoostRow.network).in_(list(found))
        )
        for network, at in session.exec(query):
            if at is not None:
                found[network].append(at)
    return found


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
    """Insert planned boosts: notice_id, volunteer_id, account_id, network, due_at, reason, mode of each."""
    fixed = {"state": BoostState.PLANNED.value, "skip_why": ""}
    if new:
        session.exec(insert(BoostRow), params=[{**values, **fixed} for values in new])


def replan(session: Session, changed: Sequence[Mapping[str, Any]]) -> None:
    """Give planned boosts (`id`) another account_id, network, due_at, reason, mode."""
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


def unplan_pairs(session: Session, pairs: Iterable[tuple[int, int]]) -> None:
    """Delete the boosts of some pairs, notice and volunteer, if they are only planned."""
    todo = list(pairs)
    planned = col(BoostRow.state) == BoostState.PLANNED
    pair = tuple_(col(BoostRow.notice_id), col(BoostRow.volunteer_id))
    for start in range(0, len(todo), _CHUNK):
        found = session.exec(select(BoostRow.id).where(planned, pair.in_(todo[start : start + _CHUNK])))
        unplan(session, [boost_id for boost_id in found if boost_id is not None])


def ask(session: Session, asks: Sequence[Mapping[str, Any]]) -> None:
    """Turn planned boosts (`id`) into asked ones, those that are automatic into due ones.

    Each with notice_id, account_id, network, due_at, reason, mode, asked_at, expires_at; a boost may change
    its notice on the way, because what was planned was a forecast.
    """
    if asks:
        session.exec(update(BoostRow), params=[{**values, "state": _leaves(values)} for values in asks])


def _leaves(values: Mapping[str, Any]) -> str:
    """Give the state in which a boost leaves the plan."""
    bots = values["mode"] == Mode.AUTOMATIC.value
    return (BoostState.DUE if bots else BoostState.ASKED).value


def reach(session: Session, reached: Mapping[int, Iterable[str]]) -> None:
    """Set the circles that notices have reached, by notice id."""
    if reached:
        session.exec(
            update(NoticeRow), params=[{"id": n, "reached": sorted(codes)} for n, codes in reached.items()]
        )


def certify(session: Session, certificates: Mapping[int, Mapping[str, Any] | None]) -> None:
    """Set, by notice id, the data that says why nobody could give it more; None: it gets all it wants."""
    if certificates:
        session.exec(
            update(NoticeRow), params=[{"id": n, "certificate": data} for n, data in certificates.items()]
        )


def certified(session: Session) -> dict[int, Mapping[str, Any] | None]:
    """Give the certificate of each active notice."""
    query = select(NoticeRow.id, NoticeRow.certificate).where(NoticeRow.state == NoticeState.ACTIVE.value)
    return {notice_id: data for notice_id, data in session.exec(query) if notice_id is not None}


def certificate(session: Session, notice_id: int) -> Mapping[str, Any] | None:
    """Give why nobody could give a notice more in the next day, as data; None: it gets all it wants."""
    return session.exec(select(NoticeRow.certificate).where(NoticeRow.id == notice_id)).first()


def scarcities(session: Session, scarcity: Mapping[int, int]) -> None:
    """Set how scarce the slots of notices are, by notice id."""
    if scarcity:
        session.exec(update(NoticeRow), params=[{"id": n, "scarcity": v} for n, v in scarcity.items()])


def expire(session: Session, now: datetime) -> list[int]:
    """End the boosts that are asked or due and whose time is up; give their ids."""
    over = (
        col(BoostRow.state).in_([state.value for state in COMING_STATES]),
        col(BoostRow.expires_at) <= now,
    )
    ids = [found for found in session.exec(select(BoostRow.id).where(*over)) if found is not None]
    if ids:
        session.exec(update(BoostRow).where(*over).values(state=BoostState.EXPIRED.value, ended_at=now))
    return ids


def end_pauses(session: Session, now: datetime) -> list[int]:
    """Make the volunteers whose pause has ended active again; give their ids."""
    over = (col(VolunteerRow.state) == VolunteerState.PAUSED.value, col(VolunteerRow.paused_until) <= now)
    ids = [found for found in session.exec(select(VolunteerRow.id).where(*over)) if found is not None]
    if ids:
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
