"""The ledger of what networks cost: reserved before a call, settled after it, never forgotten in between."""

from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from bot.model.budget import Budget, Spent
from bot.storage.tables import SpendingRow


def spent(session: Session, network: str, now: datetime) -> Spent:
    """Give what a network cost today and this month (UTC); what was reserved counts until it is settled."""
    day = now.astimezone(UTC).date().isoformat()
    of_month = select(SpendingRow.day, func.sum(SpendingRow.micros)).where(
        SpendingRow.network == network, col(SpendingRow.day).startswith(day[:7])
    )
    by_day = {row_day: int(total) for row_day, total in session.exec(of_month.group_by(SpendingRow.day))}
    return Spent(by_day.get(day, 0), sum(by_day.values()))


def by_what(session: Session, network: str, now: datetime) -> dict[str, tuple[int, int]]:
    """Give how many of each thing this month (UTC) paid for, and what they cost."""
    month = now.astimezone(UTC).date().isoformat()[:7]
    query = select(SpendingRow.what, func.sum(SpendingRow.count), func.sum(SpendingRow.micros)).where(
        SpendingRow.network == network, col(SpendingRow.day).startswith(month)
    )
    return {what: (int(n), int(cost)) for what, n, cost in session.exec(query.group_by(SpendingRow.what))}


def reserve(
    session: Session,
    network: str,
    what: str,
    *,
    price: int,
    least: int,
    most: int,
    budget: Budget,
    now: datetime,
) -> tuple[int, int] | datetime:
    """Reserve between `least` and `most` units of a price; give the entry and how many.

    Gives the moment when `least` fits again where the budget has no room: nothing is reserved then.
    """
    before = spent(session, network, now)
    count = min(most, budget.room(before.day, before.month) // price)
    if count < least:
        return budget.opens(before.month, least * price, now)
    day = now.astimezone(UTC).date().isoformat()
    row = SpendingRow(network=network, day=day, at=now, what=what, count=count, micros=count * price)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id, count


def settle(session: Session, entry: int, *, price: int, count: int) -> None:
    """Note what a call really returned."""
    row = session.get(SpendingRow, entry)
    assert row is not None, "an entry is settled once, by whoever reserved it"
    row.count, row.micros, row.settled = count, count * price, True
    session.add(row)
    session.flush()
