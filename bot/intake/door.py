"""Whether the seeker's form takes notices in: a moderator may close it, and it closes itself when full."""

from datetime import datetime

from bot.errors import UsageError
from bot.model.door import Closed
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.storage import Session, cases, doors, journal


def close(session: Session, until: datetime | None, *, now: datetime, actor: Actor) -> Closed:
    """Close the form until a moment, or until somebody opens it; notices that came in stay.

    Raises:
        UsageError: the moment is past.
    """
    if until is not None and until <= now:
        raise UsageError(Message(N_("Choose a moment that is still to come.")))
    doors.close(session, now, until)
    journal.write(session, now, actor, "form.closed", "", until=until.isoformat() if until else "")
    return Closed(now, until)


def reopen(session: Session, *, now: datetime, actor: Actor) -> None:
    """Open the form; nothing changes when it is open."""
    if doors.closed(session, now) is not None:
        doors.reopen(session)
        journal.write(session, now, actor, "form.opened")


def full(session: Session, most: int, now: datetime) -> bool:
    """Whether as many notices wait for a moderator as the queue takes.

    What strangers bring does not count, or they could close the form: what they report goes round meanwhile,
    and posts that watchers find have places of their own (`bot.intake.found`).
    """
    return cases.waiting_count(session, now, sent_only=True) >= most
