"""How much of each network's limits is used up; it survives a restart."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, col, delete, or_, select

from bot.model.quota import Key, Window
from bot.storage.many import alike, run
from bot.storage.tables import QuotaRow

_SOME = columns(
    col(QuotaRow.network),
    col(QuotaRow.scope),
    col(QuotaRow.key),
    col(QuotaRow.actions),
    col(QuotaRow.busy_until),
    col(QuotaRow.left),
    col(QuotaRow.until),
    col(QuotaRow.why),
).where(alike(QuotaRow.network, QuotaRow.scope, QuotaRow.key, name="keys"))


def _model(row: QuotaRow) -> Window:
    return Window(row.busy_until, row.left, row.until, row.why)


def some(session: Session, keys: Iterable[Key]) -> dict[Key, Window]:
    """Give what is known of limits; those never touched are absent."""
    parts = [key[:3] for key in keys]
    found = run(session, _SOME, keys=parts)
    return {Key.of(*row[:4]): Window(*row[4:]) for row in found}


def keep(session: Session, windows: Sequence[tuple[Key, Window]]) -> None:
    """Keep what is now known of limits."""
    rows = [
        {
            "network": key.network,
            "scope": key.scope.value,
            "key": key.key,
            "actions": key.actions,
            "busy_until": window.busy_until,
            "left": window.left,
            "until": window.until,
            "why": window.why,
        }
        for key, window in windows
    ]
    if rows:
        query = upsert(QuotaRow)
        fresh = {name: query.excluded[name] for name in ("busy_until", "left", "until", "why")}
        names = ["network", "scope", "key", "actions"]
        session.connection().execute(query.on_conflict_do_update(index_elements=names, set_=fresh), rows)


def rests(session: Session, now: datetime) -> dict[Key, Window]:
    """Give what networks asked to wait for at this moment: rests, and windows with nothing left."""
    query = select(QuotaRow).where(col(QuotaRow.until) > now, col(QuotaRow.left) <= 0)
    rows = session.exec(query.order_by(col(QuotaRow.network), col(QuotaRow.until)))
    return {Key.of(row.network, row.scope, row.key, row.actions): _model(row) for row in rows}


def forget(session: Session, before: datetime) -> int:
    """Delete what bears on nothing since a moment; give how many rows."""
    idle = or_(col(QuotaRow.busy_until).is_(None), col(QuotaRow.busy_until) < before)
    over = or_(col(QuotaRow.until).is_(None), col(QuotaRow.until) < before)
    return session.exec(delete(QuotaRow).where(idle, over)).rowcount
