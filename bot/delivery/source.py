"""The post behind a notice, seen again: only what a moderator saw is boosted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model.journal import DAEMON
from bot.model.notice import LIVE_STATES, CloseReason, NoticeState
from bot.storage import Session, boosts, calls, cases, journal, notices
from bot.storage.calls import TargetKey


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a notice's post from the moment `at`; `digest` None: the post is gone.

    `edited_at`: when its author last edited it, if the network says so.
    """

    notice_id: int
    where: TargetKey
    digest: str | None
    at: datetime
    edited_at: datetime | None = None


def check(session: Session, seen: Sequence[Seen], *, now: datetime) -> list[bool]:
    """Take in looks at posts, no two at the same one; give for each whether its notice may go on.

    Edited since it was first seen, or, at the first look, since it was accepted: the notice goes back to the
    moderators. Gone: it ends. In both cases nothing that is planned, asked or due remains.
    """
    known = calls.targets(session, [one.where[0] for one in seen]) if seen else {}
    first = {post: found.digest for (post, _), found in known.items() if found.digest}  # one text everywhere
    accepted = cases.last_accepted(session, [one.notice_id for one in seen if one.edited_at is not None])
    same = [_holds(one, first.get(one.where[0]), accepted.get(one.notice_id)) for one in seen]
    good = {one.where: (one.digest or "", one.at) for one, holds in zip(seen, same, strict=True) if holds}
    calls.looked(session, good)
    for one, holds in zip(seen, same, strict=True):
        if not holds:
            (_gone if one.digest is None else _edited)(session, one.notice_id, now)
    return same


def _holds(seen: Seen, first: str | None, accepted: datetime | None) -> bool:
    """Whether the words are those first seen; at the first look, whether they are no younger than the yes."""
    if seen.digest is None or first is not None:
        return seen.digest is not None and seen.digest == first
    return accepted is None or seen.edited_at is None or seen.edited_at <= accepted


def _edited(session: Session, notice_id: int, now: datetime) -> None:
    if notices.get(session, notice_id).state not in LIVE_STATES:
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
