"""The post behind a notice, seen again: only what a moderator saw is boosted."""

from datetime import datetime

from bot.model.journal import DAEMON
from bot.model.notice import CloseReason, NoticeState
from bot.networks.api.base import Look
from bot.storage import Session, boosts, calls, journal, notices
from bot.storage.calls import Place

GOES_ROUND = frozenset({NoticeState.ACTIVE, NoticeState.PAUSED})


def check(session: Session, notice_id: int, where: Place, look: Look, *, at: datetime, now: datetime) -> bool:
    """Take in a look at a post from the moment `at`; give whether its notice may go on.

    Edited since it was first seen: the notice goes back to the moderators. Gone: it ends. In both cases
    nothing that is planned, asked or due remains.
    """
    if look.digest is None:
        _gone(session, notice_id, now)
        return False
    seen = calls.targets(session, [where[0]]).get(where)
    if seen is not None and seen.digest not in {"", look.digest}:
        _edited(session, notice_id, now)
        return False
    calls.looked(session, where, look.digest, at)
    return True


def _edited(session: Session, notice_id: int, now: datetime) -> None:
    if notices.get(session, notice_id).state not in GOES_ROUND:
        return
    notices.move(session, notice_id, NoticeState.PENDING, snoozed_until=None)
    boosts.cancel(session, now, notice_id=notice_id)
    calls.forget_looks(session, notice_id)
    journal.write(session, now, DAEMON, "notice.source_edited", f"notice:{notice_id}")


def _gone(session: Session, notice_id: int, now: datetime) -> None:
    if notices.get(session, notice_id).state is NoticeState.CLOSED:
        return
    notices.close(session, notice_id, CloseReason.SOURCE_GONE, now)
    boosts.cancel(session, now, notice_id=notice_id)
    journal.write(session, now, DAEMON, "notice.source_gone", f"notice:{notice_id}")
