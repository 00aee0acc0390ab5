"""The journal (who did what, when), consents and the daemon's ticks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select, update

from bot.model.journal import DAEMON, Actor, Entry
from bot.storage import chain
from bot.storage.chain import Line
from bot.storage.tables import ConsentRow, ConsentTextRow, JournalRow, TickRow

RESET = "seeker.reset"
"""Action: a seeker's account begins anew; `seeker` says whose."""


def write(
    session: Session, now: datetime, actor: Actor, action: str, subject: str = "", **details: Any
) -> None:
    """Add a line, for good. `details` are ids and codes; a person's words do not belong here."""
    chain.append(session, now, str(actor), [Line(action, subject, details)])


def write_all(session: Session, now: datetime, actor: Actor, lines: Sequence[Line]) -> None:
    """Add lines as `write` does, in as many statements as for one."""
    chain.append(session, now, str(actor), lines)


def truncate(session: Session, now: datetime, before: datetime) -> int:
    """Delete the oldest lines, all from before a moment, and note it; give how many. The rest still holds."""
    gone, last = chain.truncate(session, before)
    if gone:
        write(session, now, DAEMON, "journal.truncated", lines=gone, last=last)
    return gone


def read(
    session: Session,
    *,
    subject: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Give lines, newest first. `actor` and `action` match from the start (`admin`, `notice.`)."""
    query = select(JournalRow)
    if subject:
        query = query.where(JournalRow.subject == subject)
    if actor:
        query = query.where(col(JournalRow.actor).startswith(actor, autoescape=True))
    if action:
        query = query.where(col(JournalRow.action).startswith(action, autoescape=True))
    if before_id is not None:
        query = query.where(col(JournalRow.id) < before_id)
    rows = session.exec(query.order_by(col(JournalRow.id).desc()).limit(limit))
    return [Entry(row.id or 0, row.at, row.actor, row.action, row.subject, row.details) for row in rows]


def count(session: Session, since: datetime, actions: Collection[str]) -> int:
    """Count the lines since a moment (aware UTC) whose action is one of `actions`."""
    query = select(func.count()).select_from(JournalRow)
    return session.exec(query.where(JournalRow.at >= since, col(JournalRow.action).in_(actions))).one()


def consent(
    session: Session,
    now: datetime,
    *,
    subject: str,
    purpose: str,
    text_version: str,
    text_hash: str,
    text: str,
    lang: str,
    act: str,
) -> None:
    """Record a yes: `subject` said it to this version of this text, by this act (the button's name).

    `text` is what was shown, word for word; it is kept once for all who said yes to it.
    """
    session.add(
        ConsentRow(
            subject=subject,
            purpose=purpose,
            text_version=text_version,
            text_hash=text_hash,
            lang=lang,
            act=act,
            at=now,
        )
    )
    session.merge(ConsentTextRow(text_hash=text_hash, text=text))
    session.flush()


def agreed(session: Session, purpose: str, versions: Collection[str]) -> set[str]:
    """Give the subjects whose yes to one of these versions of a text still holds."""
    query = select(ConsentRow.subject).where(
        ConsentRow.purpose == purpose,
        col(ConsentRow.text_version).in_(list(versions)),
        col(ConsentRow.ended_at).is_(None),
    )
    return set(session.exec(query))


def withdraw_consent(session: Session, now: datetime, subject: str, purpose: str | None = None) -> None:
    """Mark the consents of `subject` that still hold as withdrawn, all or those to one purpose."""
    query = select(ConsentRow).where(ConsentRow.subject == subject, col(ConsentRow.withdrawn_at).is_(None))
    if purpose is not None:
        query = query.where(ConsentRow.purpose == purpose)
    for row in session.exec(query):
        row.withdrawn_at = row.ended_at = now
        session.add(row)
    session.flush()


def end_consents(
    session: Session, now: datetime, subject: str, *, besides: str = "", only: str | None = None
) -> None:
    """Note that what the consents of `subject` allowed is over, all or those to the purpose `only`.

    One to the purpose `besides` goes on.
    """
    held = col(ConsentRow.subject) == subject, col(ConsentRow.ended_at).is_(None)
    meant = col(ConsentRow.purpose) == only if only is not None else col(ConsentRow.purpose) != besides
    session.exec(update(ConsentRow).where(*held, meant).values(ended_at=now))


def consents(session: Session, subject: str) -> list[dict[str, Any]]:
    """Give the consents of `subject` as plain data, oldest first; `text` is what was shown, if kept."""
    query = (
        select(ConsentRow, ConsentTextRow.text)
        .outerjoin(ConsentTextRow, col(ConsentTextRow.text_hash) == col(ConsentRow.text_hash))
        .where(ConsentRow.subject == subject)
        .order_by(col(ConsentRow.id))
    )
    return [
        row.model_dump(mode="json", exclude={"id", "subject"}) | {"text": text}
        for row, text in session.exec(query)
    ]


def tick(
    session: Session,
    now: datetime,
    name: str,
    *,
    took_ms: int,
    every_s: int,
    result: Mapping[str, Any],
    error: str = "",
) -> None:
    """Store the last run of a tick."""
    session.merge(
        TickRow(name=name, at=now, took_ms=took_ms, every_s=every_s, result=dict(result), error=error)
    )


def ticks(session: Session) -> dict[str, dict[str, Any]]:
    """Give the last run of each tick: `{name: {at, took_ms, every_s, result, error}}`."""
    return {
        row.name: {
            "at": row.at,
            "took_ms": row.took_ms,
            "every_s": row.every_s,
            "result": row.result,
            "error": row.error,
        }
        for row in session.exec(select(TickRow).order_by(col(TickRow.name)))
    }
