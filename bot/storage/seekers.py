"""Seekers: the people behind the notices, and the keyed hashes by which they are recognised."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, col, delete, select

from bot.storage.many import run
from bot.storage.tables import NoticeRow, SeekerKeyRow, SeekerRow
from bot.storage.tables.columns import UtcDateTime


def add(session: Session, *, lang: str, email: str | None, now: datetime) -> int:
    """Insert a seeker and give the id."""
    row = SeekerRow(created_at=now, lang=lang, email=email)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def known_by(session: Session, keys: Iterable[str]) -> list[int]:
    """Give the seekers whom these keys name, the oldest first."""
    found = session.exec(select(SeekerKeyRow.seeker_id).where(col(SeekerKeyRow.key).in_(list(keys))))
    return sorted(set(found))


def add_keys(session: Session, seeker_id: int, keys: Mapping[str, str]) -> None:
    """Remember keys (`{key: kind}`) of a seeker, whoever else has them."""
    query = upsert(SeekerKeyRow)
    query = query.on_conflict_do_update(
        index_elements=["key", "seeker_id"], set_={"kind": query.excluded.kind}
    )
    for key, kind in keys.items():
        session.exec(query, params={"key": key, "seeker_id": seeker_id, "kind": kind})


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
    """Erase a seeker's address, and the keyed hash that recognised it."""
    row = session.get(SeekerRow, seeker_id)
    if row is not None:
        row.email = None
        session.add(row)
    session.exec(
        delete(SeekerKeyRow).where(
            col(SeekerKeyRow.seeker_id) == seeker_id, col(SeekerKeyRow.kind) == "email"
        )
    )
    session.flush()
