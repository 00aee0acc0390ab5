"""The planner's log: what it saw and what it decided, in order. Append-only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, Session, SQLModel, col, delete, insert, select

from bot.storage.tables import when


class PlanLogRow(SQLModel, table=True):
    """What the planner saw and decided, in order: `bot plan audit` replays it. Opaque ids and codes only."""

    __tablename__ = "plan_log"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    kind: str
    subject: str = Field(index=True)
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class PlanSeenRow(SQLModel, table=True):
    """What of each subject is in the log already: the hash of its last entry."""

    __tablename__ = "plan_seen"
    subject: str = Field(primary_key=True)
    fingerprint: str


class Entry(NamedTuple):
    """One line of the log; `data` is JSON-ready."""

    at: datetime
    kind: str
    subject: str
    data: Mapping[str, Any]


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Add lines, in this order."""
    if entries:
        session.exec(insert(PlanLogRow), params=[entry._asdict() for entry in entries])


def read(session: Session, since: datetime | None = None, until: datetime | None = None) -> Iterator[Entry]:
    """Give the lines of [since, until), in the order in which they were written."""
    query = select(PlanLogRow)
    if since is not None:
        query = query.where(col(PlanLogRow.at) >= since)
    if until is not None:
        query = query.where(col(PlanLogRow.at) < until)
    for row in session.exec(query.order_by(col(PlanLogRow.id)).execution_options(yield_per=1000)):
        yield Entry(row.at, row.kind, row.subject, row.data)


def seen(session: Session) -> dict[str, str]:
    """Give the fingerprint of the last entry of each subject that is still there."""
    return {row.subject: row.fingerprint for row in session.exec(select(PlanSeenRow))}


def see(session: Session, fingerprints: Mapping[str, str]) -> None:
    """Note what the log now holds of some subjects."""
    if fingerprints:
        rows = [{"subject": subject, "fingerprint": found} for subject, found in fingerprints.items()]
        query = upsert(PlanSeenRow)
        session.exec(
            query.on_conflict_do_update(
                index_elements=["subject"], set_={"fingerprint": query.excluded.fingerprint}
            ),
            params=rows,
        )


def forget(session: Session, subjects: Iterable[str]) -> None:
    """Note that some subjects are gone."""
    gone = list(subjects)
    if gone:
        session.exec(delete(PlanSeenRow).where(col(PlanSeenRow.subject).in_(gone)))
