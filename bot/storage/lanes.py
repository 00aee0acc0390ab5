"""Lanes: which accounts may be called for now, who holds them, what they wait for.

A lane is claimed in the transaction that also writes down what is to be done, and given back in the one that
writes down what became of it. Every lease has its own epoch; whoever lost the lease writes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, not_
from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, case, col, delete, func, select, update

from bot.model.lane import Lane, Rest
from bot.storage.many import alike, among, run
from bot.storage.tables import LONG_AGO, NEVER, BreakerRow, CallRow, LaneRow

WOKEN = "lanes woken"
"""What a session's `info` holds once a lane may have something to do sooner: see `Store.on_wake`."""


Place = tuple[str, str]
"""A network, and an instance there or nothing."""


class Lease(NamedTuple):
    """A lane as somebody holds it."""

    account_id: int
    epoch: int


class Wait(NamedTuple):
    """Lanes of one network that rest for the same reason: how many, and until when the first and last do."""

    network: str
    why: str
    lanes: int
    first: datetime
    last: datetime


_MINE = among(LaneRow.account_id)
_OPEN = (
    among(LaneRow.network, "networks"),
    not_(alike(LaneRow.network, LaneRow.instance, name="full")),
)
_SECOND = func.substr(LaneRow.wake_at, 1, 19)  # without the fraction: SQLite rounds it, up to the next second
_WHOLE = and_(func.datetime(_SECOND, "+0 days") == _SECOND, func.julianday(LaneRow.wake_at).is_not(None))
"""One damaged moment hides no other: it is no day of the calendar, or no moment at all."""
_READY = (
    columns(
        col(LaneRow.account_id),
        col(LaneRow.network),
        col(LaneRow.instance),
        col(LaneRow.leased_until) > LONG_AGO,
        col(LaneRow.epoch),
        col(LaneRow.refusals),
    )
    .where(
        col(LaneRow.wake_at) <= bindparam("now"),
        *_OPEN,
    )
    .order_by(col(LaneRow.wake_at))
    .limit(bindparam("limit"))
)
_READY_ONLY = _READY.where(_MINE)
_NEXT_WAKE = (
    select(LaneRow.wake_at)
    .where(*_OPEN, col(LaneRow.wake_at) < NEVER, _WHOLE)
    .order_by(col(LaneRow.wake_at))
    .limit(1)
)
_EPOCHS = select(LaneRow.account_id, LaneRow.epoch).where(_MINE)
_FIRST = select(func.min(CallRow.next_at)).where(
    col(CallRow.account_id) == col(LaneRow.account_id), col(CallRow.next_at).is_not(None)
)
_DUE = {"next_due": func.coalesce(_FIRST.correlate(LaneRow).scalar_subquery(), NEVER)}
_RECOUNT = update(LaneRow).where(_MINE).values(_DUE)
_GIVE_BACK = _RECOUNT.values(leased_until=LONG_AGO, owner="")
_CLAIM = (
    update(LaneRow)
    .where(_MINE)
    .values(owner=bindparam("holder"), leased_until=bindparam("until"), epoch=col(LaneRow.epoch) + 1, why="")
)
_GOOD = _GIVE_BACK.values(refusals=0, good_at=bindparam("now"))
_BREAKERS = columns(col(BreakerRow.network), col(BreakerRow.instance), col(BreakerRow.until))


def wake(session: Session, account_id: int, network: str, instance: str, due: datetime) -> None:
    """Let a lane look at its calls at `due` or before; one that is not there yet is made."""
    query = upsert(LaneRow).values(
        account_id=account_id,
        network=network,
        instance=instance,
        next_due=due,
        not_before=LONG_AGO,
        leased_until=LONG_AGO,
        owner="",
        epoch=0,
        why="",
        refusals=0,
    )
    earlier = func.min(LaneRow.next_due, query.excluded.next_due)
    session.exec(query.on_conflict_do_update(index_elements=["account_id"], set_={"next_due": earlier}))
    session.info[WOKEN] = True


def ready(
    session: Session,
    now: datetime,
    networks: Collection[str],
    limit: int,
    *,
    full: Iterable[Place] = (),
    only: Collection[int] | None = None,
) -> list[Lane]:
    """Give lanes that have something to do and that nobody holds, longest waiting first.

    None of the places in `full`; with `only`, none but those of these accounts.
    """
    values = {"now": now, "networks": list(networks), "limit": limit, "full": list(full)}
    query = _READY
    if only is not None:
        query, values["ids"] = _READY_ONLY, list(only)
    return [Lane(*row) for row in run(session, query, **values)]


def next_wake(session: Session, networks: Collection[str], full: Iterable[Place] = ()) -> datetime | None:
    """Give when the next lane has something to do, but for those of the places in `full`; None: none ever."""
    return run(session, _NEXT_WAKE, networks=list(networks), full=list(full)).scalar()


def claim(session: Session, account_ids: Sequence[int], owner: str, until: datetime) -> None:
    """Hold lanes until a moment. The epoch of each is one higher than `ready` said."""
    run(session, _CLAIM, ids=account_ids, holder=owner, until=until)


def held(session: Session, leases: Iterable[Lease]) -> set[int]:
    """Give the accounts whose lane is still held by the epoch that the lease names."""
    wanted = dict(leases)
    found = run(session, _EPOCHS, ids=list(wanted))
    return {account_id for account_id, epoch in found if wanted[account_id] == epoch}


def rest(session: Session, account_ids: Iterable[int], until: datetime, why: Rest) -> None:
    """Let lanes rest until a moment, if they do not rest longer already."""
    later = case((col(LaneRow.not_before) < until, until), else_=col(LaneRow.not_before))
    mine = col(LaneRow.account_id).in_(list(account_ids))
    session.exec(update(LaneRow).where(mine).values(not_before=later, why=why.value))


def rouse(
    session: Session, now: datetime, whys: Iterable[Rest], account_ids: Collection[int] | None = None
) -> None:
    """Let lanes that rest for one of these reasons look again: what they go by may have changed."""
    query = update(LaneRow).where(
        col(LaneRow.why).in_([why.value for why in whys]), col(LaneRow.not_before) > now
    )
    if account_ids is not None:
        query = query.where(col(LaneRow.account_id).in_(list(account_ids)))
    session.exec(query.values(not_before=now, why=""))
    session.info[WOKEN] = True


def give_back(session: Session, account_ids: Sequence[int]) -> None:
    """End the leases of lanes, and see anew when each has something to do."""
    run(session, _GIVE_BACK, ids=account_ids)


def recount(session: Session, account_ids: Sequence[int]) -> None:
    """See anew when lanes have something to do, after their calls have changed."""
    run(session, _RECOUNT, ids=account_ids)


def lapse(session: Session, owner: str, now: datetime) -> int:
    """Let every lease of an owner end now, because that owner is gone; give how many there were."""
    mine = (col(LaneRow.owner) == owner, col(LaneRow.leased_until) > now)
    return session.exec(update(LaneRow).where(*mine).values(leased_until=now)).rowcount


def mend(session: Session) -> int:
    """Put right every lane that would wake up too late; give how many: there should be none."""
    first = (
        columns(col(CallRow.account_id), func.min(CallRow.next_at).label("due"))
        .where(col(CallRow.next_at).is_not(None))
        .group_by(col(CallRow.account_id))
        .subquery()
    )
    late = columns(col(LaneRow.account_id)).join(first, first.c.account_id == col(LaneRow.account_id))
    query = late.where(col(LaneRow.next_due) > first.c.due)
    wrong = [account_id for (account_id,) in session.connection().execute(query)]
    if wrong:
        recount(session, wrong)
    return len(wrong)


# ---------- tokens that are refused ----------


def refused(session: Session, account_id: int, now: datetime) -> int:
    """Note that an account's token was refused once more; give how often in a row that was."""
    mine = col(LaneRow.account_id) == account_id
    session.exec(update(LaneRow).where(mine).values(refusals=col(LaneRow.refusals) + 1, refused_at=now))
    return session.exec(select(LaneRow.refusals).where(mine)).one()


def good(session: Session, account_ids: Sequence[int], now: datetime) -> None:
    """End leases as `give_back` does, and note that the tokens of their accounts were accepted."""
    run(session, _GOOD, ids=account_ids, now=now)


def tokens_since(session: Session, network: str, instance: str, since: datetime) -> tuple[int, int]:
    """Count the accounts of a place whose token was refused since a moment, and those where it was good."""
    here = (col(LaneRow.network) == network, col(LaneRow.instance) == instance)
    bad = (col(LaneRow.refused_at) >= since) & (col(LaneRow.refusals) > 0)
    query = select(
        func.coalesce(func.sum(case((bad, 1), else_=0)), 0),
        func.coalesce(func.sum(case((col(LaneRow.good_at) >= since, 1), else_=0)), 0),
    )
    return session.exec(query.where(*here)).one()


def breakers(session: Session) -> dict[tuple[str, str], datetime]:
    """Give where nobody calls, by network and instance, and until when."""
    found = run(session, _BREAKERS)
    return {(network, instance): until for network, instance, until in found}


def break_off(session: Session, network: str, instance: str, now: datetime, until: datetime) -> None:
    """Let nobody call at a place before a moment; a breaker that is open stays open."""
    row = session.get(BreakerRow, (network, instance))
    row = row or BreakerRow(network=network, instance=instance, opened_at=now, until=until)
    row.until = until
    session.add(row)
    session.flush()


def close(session: Session, network: str, instance: str, now: datetime) -> None:
    """Take a breaker away: everybody there calls again, and the refusals meanwhile are forgotten."""
    here = (col(LaneRow.network) == network, col(LaneRow.instance) == instance)
    session.exec(
        delete(BreakerRow).where(col(BreakerRow.network) == network, col(BreakerRow.instance) == instance)
    )
    session.exec(update(LaneRow).where(*here).values(refusals=0))
    tired = col(LaneRow.why).in_([Rest.ACCESS_REFUSED.value, Rest.BREAKER.value])
    session.exec(update(LaneRow).where(*here, tired).values(not_before=now, why=""))


# ---------- for pages ----------


def waits(session: Session, now: datetime) -> list[Wait]:
    """Give what the lanes with something to do rest for now, by network and reason."""
    query = (
        columns(
            col(LaneRow.network),
            col(LaneRow.why),
            func.count(),
            func.min(LaneRow.not_before),
            func.max(LaneRow.not_before),
        )
        .where(col(LaneRow.not_before) > now, col(LaneRow.next_due) < NEVER)
        .group_by(col(LaneRow.network), col(LaneRow.why))
        .order_by(col(LaneRow.network), col(LaneRow.why))
    )
    return [Wait(*row) for row in session.connection().execute(query)]


def unused(session: Session, networks: Collection[str]) -> list[tuple[str, int]]:
    """Count, by network, the lanes with something to do that nobody calls: all but those of `networks`."""
    query = select(LaneRow.network, func.count()).where(
        col(LaneRow.next_due) < NEVER, col(LaneRow.network).not_in(list(networks))
    )
    return list(session.exec(query.group_by(col(LaneRow.network)).order_by(col(LaneRow.network))))


def figures(session: Session, now: datetime, networks: Collection[str]) -> Mapping[str, float]:
    """Give the numbers of delivery: lanes held, lanes of `networks` that are late, the longest lateness."""
    late = (col(LaneRow.wake_at) <= now, col(LaneRow.network).in_(list(networks)), _WHOLE)
    count, first = session.exec(select(func.count(), func.min(LaneRow.wake_at)).where(*late)).one()
    leased = session.exec(
        select(func.count()).select_from(LaneRow).where(col(LaneRow.leased_until) > now)
    ).one()
    lag = (now - first).total_seconds() if count else 0.0
    return {"held": leased, "late": count, "lag_s": lag}
