"""Seekers: the people behind the notices, and the keyed hashes by which they are recognised."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col, delete, select, update

from bot.storage.many import run
from bot.storage.tables import NoticeRow, SeekerKeyRow, SeekerRow
from bot.storage.tables.columns import UtcDateTime

KEPT = "kept"
"""Kind of a key that stays whatever is written later."""


def add(session: Session, *, lang: str, email: str | None, now: datetime) -> int:
    """Insert a seeker and give the id."""
    row = SeekerRow(created_at=now, lang=lang, email=email)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def known_by(session: Session, keys: Iterable[str], *, kind: str = "") -> list[int]:
    """Give the seekers whom these keys name (of this kind only), the oldest first."""
    query = select(SeekerKeyRow.seeker_id).where(col(SeekerKeyRow.key).in_(list(keys)))
    return sorted(set(session.exec(query.where(SeekerKeyRow.kind == kind) if kind else query)))


def add_keys(session: Session, seeker_id: int, keys: Mapping[str, str]) -> None:
    """Remember keys (`{key: kind}`) of a seeker, whoever else has them; what it has keeps its kind."""
    query = upsert(SeekerKeyRow).on_conflict_do_nothing()
    for key, kind in keys.items():
        session.exec(query, params={"key": key, "seeker_id": seeker_id, "kind": kind})


def drop_keys(session: Session, seeker_id: int, kinds: Iterable[str]) -> None:
    """Forget a seeker's keys of these kinds."""
    session.exec(delete(SeekerKeyRow).where(*_of(seeker_id, kinds)))


def keep_keys(session: Session, seeker_id: int, kinds: Iterable[str]) -> None:
    """Let no later `drop_keys` of these kinds forget the keys that a seeker has now."""
    session.exec(update(SeekerKeyRow).where(*_of(seeker_id, kinds)).values(kind=KEPT))


def _of(seeker_id: int, kinds: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return col(SeekerKeyRow.seeker_id) == seeker_id, col(SeekerKeyRow.kind).in_(list(kinds))


def reset(session: Session, seeker_id: int, now: datetime) -> None:
    """Let what their person's notices had before `now` count for none of the person's other notices."""
    row = session.get_one(SeekerRow, seeker_id)
    row.reset_at = now
    session.add(row)
    session.flush()


_RESETS = (
    columns(col(NoticeRow.person_id), func.max(SeekerRow.reset_at, type_=UtcDateTime()))
    .join(SeekerRow, col(SeekerRow.id) == col(NoticeRow.seeker_id))
    .where(col(SeekerRow.reset_at).is_not(None))
    .group_by(col(NoticeRow.person_id))
)


def resets(session: Session) -> dict[int, datetime]:
    """Give when each person's account was last reset, of those that were."""
    return {person_id: at for person_id, at in run(session, _RESETS) if at is not None}


def email_of(session: Session, seeker_id: int) -> str | None:
    """Give a seeker's address; the pages never show it."""
    row = session.get(SeekerRow, seeker_id)
    return row.email if row else None


def forget_email(session: Session, seeker_id: int) -> None:
    """Erase a seeker's address; the keyed hash that recognises it goes by a rule of its own."""
    session.exec(update(SeekerRow).where(col(SeekerRow.id) == seeker_id).values(email=None))
