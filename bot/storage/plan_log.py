"""The planner's log: what it saw and what it decided, in order; and what an audit compares it with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, Select
from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Field, Session, SQLModel, col, delete, func, insert, or_, select

from bot.model.notice import NoticeState
from bot.model.volunteer import VolunteerState
from bot.storage.journal import RESET
from bot.storage.tables import JournalRow, NoticeRow, VolunteerRow, when


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
    """One line of the log; `data` is JSON-ready. `id` counts from 1 without a gap; 0: not written yet."""

    at: datetime
    kind: str
    subject: str
    data: Mapping[str, Any]
    id: int = 0


class Facts(NamedTuple):
    """What other tables say of the people and notices of the log.

    `seekers`: with whom a notice counts, by its id; `closings` and `leavings`: when notices ended and
    volunteers left, by id; `second_thoughts`, by boost id: from when to when a boost was skipped, or had
    failed, before that was taken back; `resets`, by that seeker's id: when an admin let them begin anew.
    `whole`: the log begins with its first line.
    """

    seekers: Mapping[int, int]
    closings: Mapping[int, datetime]
    leavings: Mapping[int, datetime]
    second_thoughts: Mapping[int, Sequence[tuple[datetime, datetime]]]
    resets: Mapping[int, Sequence[datetime]]
    whole: bool


SECOND_THOUGHTS = {"boost.undone": "boost.skipped", "boost.retried": "boost.failed"}
"""Actions of the journal that make a boost count again, each after the one that ended it."""
ASK = "ask"
"""Kind of the lines that are decisions; every other says what one subject was like from then on."""


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Add lines, in this order."""
    if entries:
        lines = [{"at": e.at, "kind": e.kind, "subject": e.subject, "data": e.data} for e in entries]
        session.exec(insert(PlanLogRow), params=lines)


def read(session: Session, since: datetime | None = None, until: datetime | None = None) -> Iterator[Entry]:
    """Give the lines from the first of `since` or later to the last before `until`, as they were written."""
    query = _lines()
    if since is not None:
        query = query.where(col(PlanLogRow.id) >= _first(session, since))
    if until is not None:
        last = select(func.max(PlanLogRow.id)).where(col(PlanLogRow.at) < until)
        query = query.where(col(PlanLogRow.id) <= (session.exec(last).one() or 0))
    return _entries(session, query)


def before(session: Session, since: datetime) -> Iterator[Entry]:
    """Give what `read` from `since` builds on: all earlier asks, and the last line of each other subject."""
    earlier = col(PlanLogRow.id) < _first(session, since)
    last = select(func.max(PlanLogRow.id)).where(earlier).group_by(col(PlanLogRow.subject))
    return _entries(
        session, _lines().where(earlier, or_(col(PlanLogRow.kind) == ASK, col(PlanLogRow.id).in_(last)))
    )


def facts(session: Session) -> Facts:
    """Give what other tables say of the people and notices of the log."""
    ended = select(NoticeRow.id, NoticeRow.closed_at).where(NoticeRow.state == NoticeState.CLOSED.value)
    left = select(VolunteerRow.id, VolunteerRow.left_at).where(
        VolunteerRow.state == VolunteerState.LEFT.value
    )
    people = {n: who for n, who in session.exec(select(NoticeRow.id, NoticeRow.person_id)) if n is not None}
    return Facts(
        people,
        {n: at for n, at in session.exec(ended) if n is not None and at is not None},
        {who: at for who, at in session.exec(left) if who is not None and at is not None},
        _second_thoughts(session),
        _resets(session, people),
        session.exec(select(func.min(PlanLogRow.id))).one() in {None, 1},
    )


def _second_thoughts(session: Session) -> dict[int, list[tuple[datetime, datetime]]]:
    query = (
        select(JournalRow.subject, JournalRow.action, JournalRow.at)
        .where(col(JournalRow.action).in_([*SECOND_THOUGHTS, *SECOND_THOUGHTS.values()]))
        .order_by(col(JournalRow.id))
    )
    since: dict[str, datetime] = {}
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for subject, action, at in session.exec(query):
        if action not in SECOND_THOUGHTS:
            since[subject] = at
        elif subject in since:
            number = int(subject.removeprefix("boost:"))
            found.setdefault(number, []).append((since.pop(subject), at))
    return found


def _resets(session: Session, people: Mapping[int, int]) -> dict[int, list[datetime]]:
    query = select(JournalRow.subject, JournalRow.at).where(JournalRow.action == RESET)
    found: dict[int, list[datetime]] = {}
    for subject, at in session.exec(query.order_by(col(JournalRow.id))):
        found.setdefault(people[int(subject.removeprefix("notice:"))], []).append(at)
    return found


def _lines() -> Select[Any]:
    fields = (PlanLogRow.at, PlanLogRow.kind, PlanLogRow.subject, PlanLogRow.data, PlanLogRow.id)
    return columns(*map(col, fields)).order_by(col(PlanLogRow.id))


def _entries(session: Session, query: Select[Any]) -> Iterator[Entry]:
    for line in session.connection().execute(query.execution_options(yield_per=1000)):
        yield Entry(*line)


def _first(session: Session, since: datetime) -> int:
    """Give the number of the first line of `since` or later; one more than the last when there is none."""
    found = session.exec(select(func.min(PlanLogRow.id)).where(col(PlanLogRow.at) >= since)).one()
    return found or (session.exec(select(func.max(PlanLogRow.id))).one() or 0) + 1


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
