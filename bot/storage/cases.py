"""Notices in moderation: decisions, what undo puts back, what waits."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select, update

from bot.errors import NotFoundError
from bot.model.moderation import Decision, Reason, Verdict
from bot.model.notice import LIVE_STATES, Consent, NoticeState
from bot.storage.sightings import MADE
from bot.storage.tables import DecisionRow, JournalRow, NoticeRow, ReportRow

CONTESTED = "notice.contested"
"""The journal's word for "the seeker asks again"; it may stand there once for a notice."""
CHANGED = "notice.changed"
"""The journal's word for "the seeker edited the words"."""
HOLDS_UNDO = func.length(DecisionRow.before) > len("{}")
"""A decision still holds what its undo would put back."""

TIMES = ("opened_at", "first_opened_at", "deadline", "snoozed_until", "closed_at")
PLAIN = (
    "state",
    "person_id",
    "title",
    "place",
    "remote",
    "contract",
    "text",
    "name",
    "sector",
    "region",
    "revision",
    "demand",
    "close_reason",
    "before_close",
)
"""What a decision keeps of its notice, for an undo: moments, and the rest."""


# ---------- decisions ----------


def _decision(row: DecisionRow) -> Decision:
    assert row.id is not None
    return Decision(
        id=row.id,
        notice_id=row.notice_id,
        admin_id=row.admin_id,
        verdict=Verdict(row.verdict),
        reason=Reason(row.reason) if row.reason else None,
        note=row.note,
        at=row.at,
        undone_at=row.undone_at,
    )


def _decision_row(session: Session, decision_id: int) -> DecisionRow:
    row = session.get(DecisionRow, decision_id)
    if row is None:
        message = f"There is no decision {decision_id}."
        raise NotFoundError(message)
    return row


def add_decision(session: Session, made: Decision, *, waited_s: int, before: Mapping[str, Any]) -> Decision:
    """Insert a decision and give it with its id, whatever `made.id` says.

    `before` is plain data for `before_of`; `waited_s` counts from the claim.
    """
    row = DecisionRow(
        notice_id=made.notice_id,
        admin_id=made.admin_id,
        verdict=made.verdict,
        reason=made.reason,
        note=made.note,
        at=made.at,
        waited_s=waited_s,
        before=dict(before),
    )
    session.add(row)
    session.flush()
    return _decision(row)


def decision(session: Session, decision_id: int) -> Decision:
    """Give one decision.

    Raises:
        NotFoundError: there is none with this id.
    """
    return _decision(_decision_row(session, decision_id))


def before_of(session: Session, decision_id: int) -> Mapping[str, Any]:
    """Give what a decision's undo puts back; empty once `forget_before` has run."""
    return _decision_row(session, decision_id).before


def mark_undone(session: Session, decision_id: int, now: datetime) -> Decision:
    """Note that a decision was taken back."""
    row = _decision_row(session, decision_id)
    row.undone_at, row.before = now, {}
    session.add(row)
    session.flush()
    return _decision(row)


def forget_before(session: Session, until: datetime) -> None:
    """Erase what undo would have put back for decisions older than `until`: it holds removed words."""
    session.exec(update(DecisionRow).where(col(DecisionRow.at) < until, HOLDS_UNDO).values(before={}))


def decisions(
    session: Session,
    *,
    notice_ids: Iterable[int] | None = None,
    admin_id: int | None = None,
    since: datetime | None = None,
    undone: bool = False,
    limit: int = 500,
) -> list[Decision]:
    """Give decisions, newest first; those taken back only with `undone`."""
    query = select(DecisionRow)
    if notice_ids is not None:
        query = query.where(col(DecisionRow.notice_id).in_(list(notice_ids)))
    if admin_id is not None:
        query = query.where(DecisionRow.admin_id == admin_id)
    if since is not None:
        query = query.where(col(DecisionRow.at) >= since)
    if not undone:
        query = query.where(col(DecisionRow.undone_at).is_(None))
    return [_decision(row) for row in session.exec(query.order_by(col(DecisionRow.id).desc()).limit(limit))]


def last_decision(session: Session, notice_id: int) -> Decision | None:
    """Give the last decision on a notice that was not taken back."""
    found = decisions(session, notice_ids=[notice_id], limit=1)
    return found[0] if found else None


def last_accepted(session: Session, notice_ids: Iterable[int]) -> dict[int, datetime]:
    """Give when notices were last accepted by a decision that was not taken back; the others are absent."""
    query = (
        select(DecisionRow.notice_id, func.max(DecisionRow.at))
        .where(
            col(DecisionRow.notice_id).in_(list(notice_ids)),
            col(DecisionRow.verdict).in_([Verdict.ACCEPT, Verdict.ACCEPT_FIXED]),
            col(DecisionRow.undone_at).is_(None),
        )
        .group_by(col(DecisionRow.notice_id))
    )
    return dict(session.exec(query).all())


def reading_times(session: Session, since: datetime) -> list[int]:
    """Give the seconds from claim to decision of the decisions since then, in ascending order."""
    query = select(DecisionRow.waited_s).where(
        col(DecisionRow.at) >= since, col(DecisionRow.undone_at).is_(None), DecisionRow.waited_s > 0
    )
    return sorted(session.exec(query))


# ---------- what undo puts back ----------


def _notice_row(session: Session, notice_id: int) -> NoticeRow:
    row = session.get(NoticeRow, notice_id)
    if row is None:
        message = f"There is no notice {notice_id}. `bot notices list` shows those there are."
        raise NotFoundError(message)
    return row


def snapshot(session: Session, notice_id: int) -> dict[str, Any]:
    """Give everything about a notice that a decision may change, as JSON."""
    row = _notice_row(session, notice_id)
    plain: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    times = {name: getattr(row, name) for name in TIMES}
    return plain | {name: at.isoformat() if at else None for name, at in times.items()}


def restore(session: Session, notice_id: int, before: Mapping[str, Any]) -> None:
    """Put a `snapshot` back, whatever the notice's state."""
    row = _notice_row(session, notice_id)
    for name in PLAIN:
        setattr(row, name, before.get(name, getattr(row, name)))
    for name in TIMES:
        setattr(row, name, datetime.fromisoformat(before[name]) if before.get(name) else None)
    session.add(row)
    session.flush()


def as_accepted(session: Session, notice_id: int) -> bool:
    """Whether a moderator has accepted the words that a notice has, or had when it ended."""
    row = _notice_row(session, notice_id)
    return NoticeState(row.before_close or row.state) in LIVE_STATES


def snooze(session: Session, notice_id: int, until: datetime | None) -> None:
    """Hide a notice from the moderators until then, or show it again."""
    row = _notice_row(session, notice_id)
    row.snoozed_until = until
    session.add(row)
    session.flush()


# ---------- what waits ----------


def last_noted(session: Session, notice_ids: Iterable[int], action: str) -> dict[int, datetime]:
    """Give when the journal last says `action` of each of these notices; the others are absent."""
    subjects = {f"notice:{notice_id}": notice_id for notice_id in notice_ids}
    query = (
        select(JournalRow.subject, func.max(JournalRow.at))
        .where(JournalRow.action == action, col(JournalRow.subject).in_(list(subjects)))
        .group_by(JournalRow.subject)
    )
    return {subjects[subject]: at for subject, at in session.exec(query)}


def since_accepted(
    session: Session, notice_ids: Collection[int], actions: Iterable[str]
) -> dict[int, dict[str, datetime]]:
    """Give by notice when the journal last says each of these, unless the notice was accepted after that."""
    subjects = {f"notice:{notice_id}": notice_id for notice_id in notice_ids}
    query = (
        select(JournalRow.subject, JournalRow.action, func.max(JournalRow.at))
        .where(col(JournalRow.action).in_(list(actions)), col(JournalRow.subject).in_(list(subjects)))
        .group_by(JournalRow.subject, JournalRow.action)
    )
    accepted = last_accepted(session, notice_ids)
    found: dict[int, dict[str, datetime]] = {notice_id: {} for notice_id in notice_ids}
    for subject, action, at in session.exec(query):
        notice_id = subjects[subject]
        if notice_id not in accepted or accepted[notice_id] <= at:
            found[notice_id][action] = at
    return found


def recent_texts(session: Session, since: datetime, limit: int) -> list[tuple[int, str, str]]:
    """Give id, title and text of the notices that came since then, newest first; no erased ones."""
    query = select(NoticeRow.id, NoticeRow.title, NoticeRow.text)
    rows = session.exec(
        query.where(NoticeRow.created_at >= since, NoticeRow.title != "")
        .order_by(col(NoticeRow.id).desc())
        .limit(limit)
    )
    return [(notice_id or 0, title, text) for notice_id, title, text in rows]


def waiting_count(session: Session, now: datetime, *, sent_only: bool = False) -> int:
    """Count what moderators have to read: pending and reported notices that are not put off.

    `sent_only`: without what watchers found, and without what nobody but strangers has reported.
    """
    reported = select(ReportRow.notice_id).where(col(ReportRow.settled_at).is_(None))
    if sent_only:
        reported = reported.where(col(ReportRow.token_hash).is_(None))
    query = (
        select(func.count())
        .select_from(NoticeRow)
        .where(
            (col(NoticeRow.state) == NoticeState.PENDING)
            | (col(NoticeRow.state).in_(LIVE_STATES) & col(NoticeRow.id).in_(reported)),
            col(NoticeRow.snoozed_until).is_(None) | (col(NoticeRow.snoozed_until) <= now),
        )
    )
    if sent_only:
        query = query.where(NoticeRow.consent != Consent.FOUND.value, col(NoticeRow.id).not_in(MADE))
    return session.exec(query).one()
