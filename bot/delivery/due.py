"""What falls due: asked boosts without an answer expire."""

from datetime import datetime

from bot.model.journal import DAEMON
from bot.storage import Session, halts, journal, rounds


def expire(session: Session, *, now: datetime) -> int:
    """End the asked boosts whose time is up; give how many.

    An expired boost no longer counts for its notice, so that another volunteer is asked; the one who did not
    answer is not asked for this notice again. A halt stops this clock: what it lasted is added when it ends.
    """
    if halts.current(session):
        return 0
    ids = rounds.expire(session, now)
    for boost_id in ids:
        journal.write(session, now, DAEMON, "boost.expired", f"boost:{boost_id}")
    return len(ids)
