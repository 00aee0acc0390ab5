"""What must never be needed and is looked at all the same: lanes that would sleep on."""

from datetime import datetime, timedelta

from bot.storage import Session, lanes, quotas

FORGET = timedelta(days=1)
"""After it bears on nothing, what is known of a limit is kept so long."""


def tidy(session: Session, *, now: datetime) -> int:
    """Put right every lane that would wake up too late; give how many: the caller says so aloud."""
    quotas.forget(session, now - FORGET)
    return lanes.mend(session)
