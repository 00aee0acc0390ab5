"""Notices that share an address, a post, an author or a browser: perhaps of one person.

For moderators' eyes only, and for them to judge: whoever sends a form may name anybody's address or account.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.model.notice import OPEN_STATES, NoticeState
from bot.storage.many import among, run
from bot.storage.tables import NoticeRow, SeekerKeyRow

_ONE, _TWIN = aliased(NoticeRow), aliased(NoticeRow)
_MINE, _THEIRS = aliased(SeekerKeyRow), aliased(SeekerKeyRow)
_PAIR = columns(col(_ONE.id), col(_TWIN.id), col(_TWIN.state)).select_from(_ONE)
_WANTED = among(_ONE.id), col(_TWIN.id) != col(_ONE.id)
_ALIKE = (
    _PAIR.join(_MINE, col(_MINE.seeker_id) == col(_ONE.seeker_id))
    .join(_THEIRS, col(_THEIRS.key) == col(_MINE.key))
    .join(_TWIN, col(_TWIN.seeker_id) == col(_THEIRS.seeker_id))
    .where(*_WANTED)
)
_COUNTED_TOGETHER = _PAIR.join(_TWIN, col(_TWIN.person_id) == col(_ONE.person_id)).where(*_WANTED)


def of(session: Session, notice_ids: Iterable[int]) -> dict[int, dict[int, NoticeState]]:
    """Give, for each of these notices that has any, its twins with their states, oldest first."""
    found: dict[int, dict[int, NoticeState]] = {}
    for query in (_ALIKE, _COUNTED_TOGETHER):
        for notice_id, twin_id, state in run(session, query, ids=list(notice_ids)):
            found.setdefault(notice_id, {})[twin_id] = NoticeState(state)
    return {notice_id: dict(sorted(twins.items())) for notice_id, twins in found.items()}


def opened(twins: Mapping[int, NoticeState]) -> list[int]:
    """Give those of a notice's twins that have not ended."""
    return [twin_id for twin_id, state in twins.items() if state in OPEN_STATES]
