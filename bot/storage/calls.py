"""Calls: what is to be done at a network for each boost, what was tried, and what posts are called there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy import true
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, col, func, select, update

from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.lane import Call, Target
from bot.model.notice import PostRef
from bot.storage import lanes
from bot.storage.tables import AccountRow, BoostRow, CallRow, LaneRow, PostRow, TargetRow

Place = tuple[int, str]
"""A post's number and one place of its network."""
Look = tuple[str, datetime]
"""The digest of a post's words, and when they were read."""


def open_call(session: Session, boost_id: int, kind: Action, next_at: datetime) -> None:
    """Write down that a boost is to be made, or undone, from a moment on, and wake its lane."""
    row = session.get(BoostRow, boost_id)
    assert row is not None, "the caller has just moved it"
    account = session.get(AccountRow, row.account_id)
    assert account is not None, "an account is never deleted"
    call = session.get(CallRow, boost_id)
    call = call or CallRow(boost_id=boost_id, account_id=row.account_id, kind=kind.value)
    call.kind, call.account_id, call.next_at = kind.value, row.account_id, next_at
    call.error = call.why = ""
    session.add(call)
    session.flush()
    instance = account.handle.rpartition("@")[2] if "@" in account.handle else ""
    lanes.wake(session, row.account_id, row.network, instance, next_at)


def heads(
    session: Session, account_ids: Iterable[int], now: datetime, *, kind: Action | None = None
) -> dict[int, Call]:
    """Give the first open call of each account that is due, of one kind or of any, by account id."""
    place = func.row_number().over(
        partition_by=col(CallRow.account_id), order_by=(col(CallRow.next_at), col(CallRow.boost_id))
    )
    due = (
        columns(col(CallRow.boost_id), place.label("place"))
        .where(
            col(CallRow.account_id).in_(list(account_ids)),
            col(CallRow.next_at) <= now,
            true() if kind is None else col(CallRow.kind) == kind.value,
        )
        .subquery()
    )
    first = _calls().join(due, due.c.boost_id == col(CallRow.boost_id)).where(due.c.place == 1)
    return {row[1]: _call(row) for row in session.connection().execute(first)}


def sending(session: Session, account_ids: Iterable[int]) -> dict[int, Call]:
    """Give the calls of accounts whose boost is on its way, by boost id."""
    mine = col(CallRow.account_id).in_(list(account_ids)), col(BoostRow.state) == BoostState.SENDING.value
    return {row[0]: _call(row) for row in session.connection().execute(_calls().where(*mine))}


def undoing_since(session: Session, since: datetime) -> set[int]:
    """Give the accounts that have something to undo that was asked for at a moment or later."""
    query = (
        select(CallRow.account_id)
        .join(BoostRow, col(BoostRow.id) == col(CallRow.boost_id))
        .where(
            col(BoostRow.state) == BoostState.UNDOING.value,
            col(BoostRow.ended_at) >= since,
            col(CallRow.next_at).is_not(None),
        )
    )
    return set(session.exec(query))


def of(session: Session, boost_ids: Iterable[int]) -> dict[int, Call]:
    """Give the calls of boosts, by boost id; boosts made by hand have none."""
    query = _calls().where(col(CallRow.boost_id).in_(list(boost_ids)))
    return {row[0]: _call(row) for row in session.connection().execute(query)}


def _calls() -> Any:
    return columns(
        col(CallRow.boost_id),
        col(CallRow.account_id),
        col(BoostRow.volunteer_id),
        col(BoostRow.notice_id),
        col(BoostRow.network),
        col(BoostRow.mode),
        col(BoostRow.state),
        col(BoostRow.expires_at),
        col(BoostRow.ended_at),
        col(CallRow.kind),
        col(CallRow.post_id),
        col(CallRow.next_at),
        col(CallRow.target),
        col(CallRow.at),
        col(CallRow.attempts),
        col(CallRow.uncertain_mark),
        col(CallRow.remote_id),
    ).join(BoostRow, col(BoostRow.id) == col(CallRow.boost_id))


def _call(row: Any) -> Call:
    values = list(row)
    values[5:7] = Mode(row[5]), BoostState(row[6])
    values[9] = Action(row[9])
    return Call(*values)


def change(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set columns of calls (`boost_id`), those that each row names; a later row of a call wins."""
    merged: dict[int, dict[str, Any]] = {}
    for row in rows:
        merged.setdefault(row["boost_id"], {}).update(row)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for values in merged.values():
        alike.setdefault(tuple(sorted(values)), []).append(values)
    for params in alike.values():
        session.exec(update(CallRow), params=params)


def in_flight(session: Session, now: datetime) -> set[int]:
    """Give the posts for which a call is on its way."""
    query = (
        select(CallRow.post_id)
        .join(LaneRow, col(LaneRow.account_id) == col(CallRow.account_id))
        .where(col(LaneRow.leased_until) > now, col(CallRow.epoch) == col(LaneRow.epoch))
    )
    return {post_id for post_id in session.exec(query) if post_id is not None}


def sent(session: Session, volunteer_ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
    """Give when volunteers really boosted since a moment, by their own hand or by a call, by volunteer."""
    mine = col(BoostRow.volunteer_id).in_(list(volunteer_ids))
    declared = columns(col(BoostRow.volunteer_id), col(BoostRow.ended_at)).where(
        mine, col(BoostRow.state) == BoostState.DECLARED.value, col(BoostRow.ended_at) >= since
    )
    called = (
        columns(col(BoostRow.volunteer_id), col(CallRow.sent_at))
        .join(CallRow, col(CallRow.boost_id) == col(BoostRow.id))
        .where(mine, col(CallRow.sent_at) >= since)
    )
    found: dict[int, list[datetime]] = {}
    for query in (declared, called):
        for volunteer_id, at in session.connection().execute(query):
            assert at is not None, "later than a moment"
            found.setdefault(volunteer_id, []).append(at)
    return found


def sent_by_account(session: Session, ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
    """Give when calls boosted from accounts since a moment, ascending, by account."""
    query = (
        select(CallRow.account_id, CallRow.sent_at)
        .where(col(CallRow.account_id).in_(list(ids)), col(CallRow.sent_at) >= since)
        .order_by(col(CallRow.sent_at))
    )
    found: dict[int, list[datetime]] = {}
    for account_id, at in session.exec(query):
        if at is not None:
            found.setdefault(account_id, []).append(at)
    return found


def last_sent(session: Session, post_ids: Iterable[int]) -> dict[int, datetime]:
    """Give when a call last boosted each post; those never boosted are absent."""
    query = (
        select(CallRow.post_id, func.max(CallRow.sent_at))
        .where(col(CallRow.post_id).in_(list(post_ids)), col(CallRow.sent_at).is_not(None))
        .group_by(col(CallRow.post_id))
    )
    return {post_id: at for post_id, at in session.exec(query) if post_id is not None and at is not None}


def forget(session: Session, *, notice_id: int | None = None, volunteer_id: int | None = None) -> None:
    """Erase what calls say of a notice's post, or of a volunteer's boosts; what is being undone goes on.

    A volunteer who left has no token: nothing of theirs is undone by a call any more.
    """
    query = select(BoostRow.id)
    if volunteer_id is not None:
        mine = query.where(col(BoostRow.volunteer_id) == volunteer_id)
    else:
        mine = query.where(
            col(BoostRow.notice_id) == notice_id, col(BoostRow.state) != BoostState.UNDOING.value
        )
    gone = {"target": "", "remote_id": "", "next_at": None}
    session.exec(update(CallRow).where(col(CallRow.boost_id).in_(mine)).values(**gone))


# ---------- posts as their networks know them ----------


def posts(session: Session, notice_ids: Iterable[int]) -> dict[tuple[int, str], tuple[int, PostRef]]:
    """Give the first post of each notice on each network with its number, by notice and network."""
    query = select(PostRow).where(col(PostRow.notice_id).in_(list(notice_ids)))
    found: dict[tuple[int, str], tuple[int, PostRef]] = {}
    for row in session.exec(query.order_by(col(PostRow.id))):
        assert row.id is not None
        ref = PostRef(row.network, row.url, row.remote_id, row.author)
        found.setdefault((row.notice_id, row.network), (row.id, ref))
    return found


def targets(session: Session, post_ids: Iterable[int]) -> dict[Place, Target]:
    """Give what posts are called, by post and place."""
    query = select(TargetRow).where(col(TargetRow.post_id).in_(list(post_ids)))
    return {
        (row.post_id, row.place): Target(row.target, row.digest, row.looked_at) for row in session.exec(query)
    }


def locate(session: Session, found: Mapping[Place, str]) -> None:
    """Keep what posts are called, each at a place."""
    rows = [
        {"post_id": post_id, "place": place, "target": target, "digest": ""}
        for (post_id, place), target in found.items()
    ]
    if rows:
        query = upsert(TargetRow)
        fresh = {"target": query.excluded.target}
        names = ["post_id", "place"]
        session.connection().execute(query.on_conflict_do_update(index_elements=names, set_=fresh), rows)


def looked(session: Session, seen: Mapping[Place, Look]) -> None:
    """Note when posts were looked at, each at a place, and how they are."""
    rows = [
        {"post_id": post_id, "place": place, "digest": digest, "looked_at": at}
        for (post_id, place), (digest, at) in seen.items()
    ]
    if rows:
        session.exec(update(TargetRow), params=rows)


def forget_looks(session: Session, notice_id: int) -> None:
    """Take the words of a notice's posts as they are at the next look: a moderator reads them anew."""
    mine = select(PostRow.id).where(col(PostRow.notice_id) == notice_id)
    session.exec(update(TargetRow).where(col(TargetRow.post_id).in_(mine)).values(digest="", looked_at=None))
