"""Posts that watchers saw, by their networks' own ids: each once, whatever source shows it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, col, delete, func, or_, select

from bot.model.found import ENTERS, Sight
from bot.model.notice import Consent, NoticeState
from bot.storage.tables import NoticeRow, SightingRow

MADE = select(SightingRow.notice_id).where(
    col(SightingRow.sight).in_([sight.value for sight in ENTERS]), col(SightingRow.notice_id).is_not(None)
)
"""The notices that posts became which were seen."""


def known(session: Session, network: str, remote_ids: Iterable[str]) -> set[str]:
    """Give those of these ids that were seen before, but for what was left for later."""
    query = select(SightingRow.remote_id).where(
        SightingRow.network == network,
        SightingRow.sight != Sight.LATER.value,
        col(SightingRow.remote_id).in_(list(remote_ids)),
    )
    return set(session.exec(query))


def note(
    session: Session,
    *,
    network: str,
    remote_id: str,
    watcher: str,
    sight: Sight,
    notice_id: int | None,
    now: datetime,
) -> None:
    """Note what a post is that was seen, for the first time or after it was left for later."""
    post = {"network": network, "remote_id": remote_id}
    seen = {"watcher": watcher, "sight": sight, "seen_at": now, "notice_id": notice_id}
    query = upsert(SightingRow).values(**post, **seen)
    session.exec(query.on_conflict_do_update(index_elements=[*post], set_=seen))


def waiting(session: Session, consent: Consent) -> int:
    """Count the notices with this consent that posts became and that wait for a moderator."""
    query = select(func.count()).where(
        NoticeRow.state == NoticeState.PENDING.value,
        NoticeRow.consent == consent.value,
        col(NoticeRow.id).in_(MADE),
    )
    return session.exec(query).one()


def forget(session: Session, until: datetime) -> int:
    """Erase what was seen before then, but for what became a notice that has not ended; give how many."""
    goes_on = select(NoticeRow.id).where(NoticeRow.state != NoticeState.CLOSED.value)
    query = delete(SightingRow).where(
        col(SightingRow.seen_at) < until,
        or_(col(SightingRow.notice_id).is_(None), col(SightingRow.notice_id).not_in(goes_on)),
    )
    return session.exec(query).rowcount


def undecided(session: Session, before: datetime) -> list[int]:
    """Give the found notices that came before then, whose author has not asked and nobody ever accepted."""
    query = select(NoticeRow.id).where(
        col(NoticeRow.state) == NoticeState.PENDING.value,
        col(NoticeRow.consent) == Consent.FOUND.value,
        col(NoticeRow.created_at) < before,
        col(NoticeRow.opened_at).is_(None),
    )
    return [notice_id or 0 for notice_id in session.exec(query)]


def tally(session: Session, since: datetime) -> dict[str, dict[Sight, int]]:
    """Count what each watcher saw since then."""
    query = (
        select(SightingRow.watcher, SightingRow.sight, func.count())
        .where(col(SightingRow.seen_at) >= since)
        .group_by(SightingRow.watcher, SightingRow.sight)
    )
    found: dict[str, dict[Sight, int]] = {}
    for watcher, sight, count in session.exec(query):
        found.setdefault(watcher, {})[Sight(sight)] = count
    return found
