"""All that the triage page shows, read in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.text import Message
from bot.moderation import decide, figures, queue
from bot.moderation.figures import Figures
from bot.moderation.queue import Case, Evidence, Told
from bot.storage import Session


@dataclass(frozen=True, slots=True)
class Desk:
    """A moderator's desk: the queue, the case that lies open, what was just decided."""

    cases: tuple[Case, ...]
    case: Case | None
    evidence: Evidence | None
    obstacle: Message | None
    """Why this admin cannot decide on the case, e.g. that somebody else reads it."""
    following: int | None
    """The case to read next."""
    figures: Figures
    last: Told | None
    """The admin's last decision, while it can be undone."""


def look(
    session: Session, notice_id: int | None, *, admin_id: int, zone: str, now: datetime, undo: timedelta
) -> Desk:
    """Give the desk of `admin_id` with the case of `notice_id` open; None: with nothing open.

    Raises:
        NotFoundError: there is no such notice.
    """
    waiting = queue.waiting(session, now)
    cases = queue.opened(session, waiting[: queue.SHOWN], now)
    case = next((one for one in cases if one.notice.id == notice_id), None)
    if case is None and notice_id is not None:
        case = queue.case(session, notice_id, now=now)
    return Desk(
        cases=tuple(cases),
        case=case,
        evidence=queue.evidence(session, case) if case else None,
        obstacle=decide.obstacle(session, case.notice, admin_id=admin_id, now=now) if case else None,
        following=queue.next_id(session, after=notice_id, admin_id=admin_id, now=now, among=waiting),
        figures=figures.figures(session, admin_id=admin_id, zone=zone, now=now),
        last=queue.undoable(session, admin_id=admin_id, now=now, undo=undo),
    )
