"""Where each watcher goes on, what stands in its way, what it missed."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.model.found import Missed
from bot.model.watch import Gap, Watching
from bot.storage.tables import WatcherRow, WatchGapRow


def _model(row: WatcherRow) -> Watching:
    return Watching(
        row.name, row.network, row.cursor, row.read_at, row.error, row.why, row.failed_at, row.until
    )


def get(session: Session, name: str) -> Watching | None:
    """Give one watcher; None when it has never read or failed."""
    row = session.get(WatcherRow, name)
    return _model(row) if row else None


def listed(session: Session) -> list[Watching]:
    """Give every watcher that ever ran, by name."""
    return [_model(row) for row in session.exec(select(WatcherRow).order_by(col(WatcherRow.name)))]


def moved(session: Session, name: str, network: str, cursor: str, now: datetime) -> None:
    """Note a whole answer: where the watcher goes on; its trouble is over."""
    session.merge(WatcherRow(name=name, network=network, cursor=cursor, read_at=now))
    session.flush()


def failed(
    session: Session, name: str, network: str, *, error: str, why: str, until: datetime, now: datetime
) -> None:
    """Note what stands in a watcher's way and when it tries again; its cursor stays."""
    row = session.get(WatcherRow, name) or WatcherRow(name=name, network=network)
    row.failed_at = row.failed_at if row.error else now
    row.error, row.why, row.until = error, why, until
    session.add(row)
    session.flush()


def missed(session: Session, name: str, gap: Missed, now: datetime) -> None:
    """Note a stretch of time that could not be read back."""
    session.add(WatchGapRow(watcher=name, at=now, since=gap.since, until=gap.until, why=gap.why))
    session.flush()


def gaps(session: Session, since: datetime, limit: int = 50) -> list[Gap]:
    """Give what was missed, noted since then, newest first."""
    query = select(WatchGapRow).where(col(WatchGapRow.at) >= since).order_by(col(WatchGapRow.id).desc())
    rows = session.exec(query.limit(limit))
    return [Gap(row.watcher, row.at, row.since, row.until, row.why) for row in rows]
