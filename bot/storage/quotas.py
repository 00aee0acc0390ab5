"""How much of each network's limits is used up; it survives a restart."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import tuple_
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, col, delete, or_, select

from bot.model.quota import Key, Window
from bot.storage.tables import QuotaRow


def _model(row: QuotaRow) -> Window:
    return Window(row.busy_until, row.left, row.until, row.why)


def some(session: Session, keys: Iterable[Key]) -> dict[Key, Window]:
    """Give what is known of limits; those never touched are absent."""
    parts = {(key.network, key.scope.value, key.key) for key in keys}
    if not parts:
        return {}
    found = tuple_(col(QuotaRow.network), col(QuotaRow.scope), col(QuotaRow.key)).in_(sorted(parts))
    return {
        Key.of(r.network, r.scope, r.key, r.actions): _model(r)
        for r in session.exec(select(QuotaRow).where(found))
    }


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
