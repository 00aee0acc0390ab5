"""Calls: what is to be done at a network for each boost, what was tried, and what posts are called there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Integer, and_, bindparam, cast, or_, union_all
from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, func, not_, select, update

from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.lane import DRAFT, Call, Target
from bot.model.notice import PostRef
from bot.storage import lanes
from bot.storage.many import among, run
from bot.storage.tables import AccountRow, BoostRow, CallRow, LaneRow, PostRow, TargetRow

TargetKey = tuple[int, str]
"""A post's number and one place of its network: what the post is called there is the target."""
ON_ITS_WAY = frozenset({BoostState.SENDING.value, BoostState.UNCERTAIN.value, BoostState.UNDOING.value})
Look = tuple[str, datetime]
"""The digest of a post's words, and when they were read."""


class Lately(NamedTuple):
    """When a call last boosted a post, and whether one for it is on its way."""

    sent_at: datetime | None = None
    busy: bool = False


_CALLS = columns(
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
_OF = _CALLS.where(among(CallRow.boost_id))
_SENDING = _CALLS.where(among(CallRow.account_id), col(BoostRow.state) == BoostState.SENDING.value)
_ACCOUNT = func.json_each(bindparam("ids", type_=JSON)).table_valued("value")
_OPEN = aliased(CallRow)
_FIRST = (
    columns(col(_OPEN.boost_id))
    .where(
        col(_OPEN.account_id) == _ACCOUNT.c.value,
        col(_OPEN.next_at) <= bindparam("now"),
        or_(bindparam("kind").is_(None), col(_OPEN.kind) == bindparam("kind")),
    )
    .order_by(col(_OPEN.next_at), col(_OPEN.boost_id))
    .limit(1)
    .correlate(_ACCOUNT)
)
_HEADS = _CALLS.where(col(CallRow.boost_id).in_(columns(_FIRST.scalar_subquery()).select_from(_ACCOUNT)))
_ON_ITS_WAY = and_(col(LaneRow.leased_until) > bindparam("now"), col(CallRow.epoch) == col(LaneRow.epoch))
_LATELY = (
    columns(col(CallRow.post_id), func.max(CallRow.sent_at), func.max(_ON_ITS_WAY))
    .join(LaneRow, col(LaneRow.account_id) == col(CallRow.account_id))
    .where(among(CallRow.post_id))
    .group_by(col(CallRow.post_id))
)
_VOLUNTEERS = among(BoostRow.volunteer_id)
_SENT = union_all(
    columns(col(BoostRow.volunteer_id), col(BoostRow.ended_at)).where(
        _VOLUNTEERS,
        col(BoostRow.state) == BoostState.DECLARED.value,
        col(BoostRow.ended_at) >= bindparam("since"),
    ),
    columns(col(BoostRow.volunteer_id), col(CallRow.sent_at))
    .join(CallRow, col(CallRow.boost_id) == col(BoostRow.id))
    .where(_VOLUNTEERS, col(CallRow.sent_at) >= bindparam("since")),
)
_BY_ACCOUNT = (
    select(CallRow.account_id, CallRow.sent_at)
    .where(among(CallRow.account_id), col(CallRow.sent_at) >= bindparam("since"))
    .order_by(col(CallRow.sent_at))
)
_POSTS = (
    columns(
        col(PostRow.notice_id),
        col(PostRow.id),
        col(PostRow.network),
        col(PostRow.url),
        col(PostRow.remote_id),
        col(PostRow.author),
    )
    .where(among(PostRow.notice_id))
    .order_by(col(PostRow.id))
)
_TARGETS = columns(
    col(TargetRow.post_id),
    col(TargetRow.place),
    col(TargetRow.target),
    col(TargetRow.digest),
    col(TargetRow.looked_at),
).where(among(TargetRow.post_id))
# What these set is what their parameters name.
_CHANGE = update(CallRow).where(col(CallRow.boost_id) == bindparam("one"))
_LOOKED = update(TargetRow).where(
    col(TargetRow.post_id) == bindparam("number"), col(TargetRow.place) == bindparam("where")
)


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
    values = {"ids": list(account_ids), "now": now, "kind": None if kind is None else kind.value}
    return {row[1]: _call(row) for row in run(session, _HEADS, **values)}


def first_open(
    session: Session, account_id: int, now: datetime, *, kind: Action | None = None
) -> tuple[int, int] | None:
    """Give the boost of the call that `heads` gives for an account, and its attempts; reads nothing else."""
    query = select(CallRow.boost_id, cast(CallRow.attempts, Integer)).where(
        col(CallRow.boost_id).in_(columns(_FIRST.scalar_subquery()).select_from(_ACCOUNT))
    )
    values = {"ids": [account_id], "now": now, "kind": None if kind is None else kind.value}
    found = run(session, query, **values).first()
    return None if found is None else (found[0], found[1])


def sending(session: Session, account_ids: Iterable[int]) -> dict[int, Call]:
    """Give the calls of accounts whose boost is on its way, by boost id."""
    found = run(session, _SENDING, ids=list(account_ids))
    return {row[0]: _call(row) for row in found}


def undoing_since(session: Session, since: datetime) -> set[int]:
    """Give the accounts that have something to undo that was asked for after a moment."""
    query = (
        select(CallRow.account_id)
        .join(BoostRow, col(BoostRow.id) == col(CallRow.boost_id))
        .where(
            col(BoostRow.state) == BoostState.UNDOING.value,
            col(BoostRow.ended_at) > since,  # at the same moment: asked for before, or after the halt's end
            col(CallRow.next_at).is_not(None),
        )
    )
    return set(session.exec(query))


def of(session: Session, boost_ids: Iterable[int]) -> dict[int, Call]:
    """Give the calls of boosts, by boost id; boosts made by hand have none."""
    found = run(session, _OF, ids=list(boost_ids))
    return {row[0]: _call(row) for row in found}


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
    for boost_id, values in merged.items():
        del values["boost_id"]
        alike.setdefault(tuple(sorted(values)), []).append({"one": boost_id, **values})
    for params in alike.values():
        session.connection().execute(_CHANGE, params)


def lately(session: Session, post_ids: Iterable[int], now: datetime) -> dict[int, Lately]:
    """Give what calls did with posts; those that none was ever for are absent."""
    found = run(session, _LATELY, ids=list(post_ids), now=now)
    return {post_id: Lately(at, bool(busy)) for post_id, at, busy in found}


def sent(session: Session, volunteer_ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
    """Give when volunteers really boosted since a moment, by their own hand or by a call, by volunteer."""
    found: dict[int, list[datetime]] = {}
    for volunteer_id, at in run(session, _SENT, ids=list(volunteer_ids), since=since):
        found.setdefault(volunteer_id, []).append(at)
    return found


def sent_by_account(session: Session, ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
    """Give when calls boosted from accounts since a moment, ascending, by account."""
    found: dict[int, list[datetime]] = {}
    for account_id, at in run(session, _BY_ACCOUNT, ids=list(ids), since=since):
        found.setdefault(account_id, []).append(at)
    return found


def forget(session: Session, *, notice_id: int | None = None, volunteer_id: int | None = None) -> None:
    """Erase what calls say of a notice's post, or of a volunteer's boosts.

    What is on its way, in doubt or being undone goes on, and so does what the collective's account published:
    it must be found, to be undone. A volunteer who left has no token: nothing of theirs is undone by a call.
    """
    query = select(BoostRow.id)
    if volunteer_id is not None:
        mine = query.where(col(BoostRow.volunteer_id) == volunteer_id)
    else:
        stands = and_(_published(), col(BoostRow.state) == BoostState.VERIFIED.value)
        mine = query.join(CallRow, col(CallRow.boost_id) == col(BoostRow.id)).where(
            col(BoostRow.notice_id) == notice_id, col(BoostRow.state).not_in(ON_ITS_WAY), not_(stands)
        )
    gone = {"target": "", "remote_id": "", "next_at": None}
    session.exec(update(CallRow).where(col(CallRow.boost_id).in_(mine)).values(**gone))


def _published() -> ColumnElement[bool]:
    return func.substr(CallRow.target, 1, len(DRAFT)) == DRAFT


# ---------- posts as their networks know them ----------


def posts(session: Session, notice_ids: Iterable[int]) -> dict[tuple[int, str], tuple[int, PostRef]]:
    """Give the first post of each notice on each network with its number, by notice and network."""
    found: dict[tuple[int, str], tuple[int, PostRef]] = {}
    for notice_id, number, *post in run(session, _POSTS, ids=list(notice_ids)):
        ref = PostRef(*post)
        found.setdefault((notice_id, ref.network), (number, ref))
    return found


def targets(session: Session, post_ids: Iterable[int]) -> dict[TargetKey, Target]:
    """Give what posts are called, by post and place."""
    found = run(session, _TARGETS, ids=list(post_ids))
    return {(post_id, place): Target(*known) for post_id, place, *known in found}


def locate(session: Session, found: Mapping[TargetKey, str]) -> None:
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


def looked(session: Session, seen: Mapping[TargetKey, Look]) -> None:
    """Note when posts were looked at, each at a place, and how they are."""
    rows = [
        {"number": post_id, "where": place, "digest": digest, "looked_at": at}
        for (post_id, place), (digest, at) in seen.items()
    ]
    if rows:
        session.connection().execute(_LOOKED, rows)


def forget_looks(session: Session, notice_id: int) -> None:
    """Take the words of a notice's posts as they are at the next look: a moderator reads them anew."""
    mine = select(PostRow.id).where(col(PostRow.notice_id) == notice_id)
    session.exec(update(TargetRow).where(col(TargetRow.post_id).in_(mine)).values(digest="", looked_at=None))
