"""What the share page of a notice shows, and which personal page a pasted link opens."""

import re
from datetime import datetime
from enum import StrEnum

from bot.model.notice import CloseReason, Notice, NoticeState
from bot.storage import Session, notices, volunteers
from bot.trust.links import hash_token

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_PASTED_MAX = 500


class Stand(StrEnum):
    """What a visitor of a share page finds."""

    SHOWN = "shown"
    NOT_HERE = "not_here"
    """Unknown, not accepted yet, read again after a change, or refused: the page never says which."""
    PAUSED = "paused"
    FOUND = "found"
    TAKEN_BACK = "taken_back"
    OVER = "over"


_ENDS = {
    CloseReason.FOUND_JOB: Stand.FOUND,
    CloseReason.WITHDRAWN: Stand.TAKEN_BACK,
    CloseReason.SOURCE_GONE: Stand.TAKEN_BACK,
    CloseReason.EXPIRED: Stand.OVER,
}


def shared(session: Session, slug: str, *, now: datetime) -> tuple[Stand, Notice | None]:
    """Give what the share page `slug` shows, with the notice only while it goes round.

    `now` (aware UTC): before `opened_at` a moderator may still take the acceptance back.
    """
    notice = notices.by_slug(session, slug) if _TOKEN.fullmatch(slug) else None
    if notice is None or notice.opened_at is None or notice.opened_at > now:
        return Stand.NOT_HERE, None
    if notice.state is NoticeState.ACTIVE:
        return Stand.SHOWN, notice
    if notice.state is NoticeState.PAUSED:
        return Stand.PAUSED, None
    if notice.close_reason is not None:
        return _ENDS.get(notice.close_reason, Stand.NOT_HERE), None
    return Stand.NOT_HERE, None


def open_door(session: Session, pasted: str) -> str | None:
    """Give the path (without language) that a pasted personal link or its bare token opens, if any.

    Only the token counts: the site's address may have changed since the link was made.
    """
    words = re.split(r"[\s/?#&=<>\"']+", pasted[:_PASTED_MAX])
    for token in [word for word in words if _TOKEN.fullmatch(word)]:
        hashed = hash_token(token)
        if notices.by_token(session, hashed) is not None:
            return f"/n/{token}"
        if volunteers.by_token(session, hashed) is not None:
            return f"/inbox/{token}"
    return None
