"""Anybody reports a notice from its share page: moderators read it again, and who reported it can follow."""

from datetime import datetime

from bot.errors import ConflictError
from bot.model.forms import SpentFormError, Stamp
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.text import N_, Message
from bot.storage import Session, journal, notices, reports, stamps
from bot.trust.links import hash_token, new_token

WHY_MAX = 1000
OPEN_MOST = 20
"""Reports about one notice that wait at a time: more would tell its moderator nothing new."""
ENOUGH = Message(N_("Many people have reported this notice already. A person reads it soon."))
ENDED = Message(N_("This notice is not shown any more. There is nothing to report."))


def receive(
    session: Session, notice_id: int, *, why: str, contact: str, now: datetime, form: Stamp | None = None
) -> str:
    """Keep a report from outside; give the token by which it is followed. The notice goes round meanwhile.

    `form` is the form it came by, which is taken once.

    Raises:
        SpentFormError: this very form has been taken in before.
        NotFoundError: there is no such notice.
        ConflictError: it is not shown any more, or enough reports about it wait.
    """
    if notices.get(session, notice_id).state is not NoticeState.ACTIVE:
        raise ConflictError(ENDED)
    waiting = reports.unsettled(session, [notice_id]).get(notice_id, [])
    if sum(one.outside for one in waiting) >= OPEN_MOST:
        raise ConflictError(ENOUGH)
    if form and not stamps.take(session, form):
        raise SpentFormError
    token = new_token()
    reports.add(
        session,
        notice_id=notice_id,
        volunteer_id=None,
        why=why[:WHY_MAX],
        now=now,
        contact=contact,
        token_hash=hash_token(token),
    )
    journal.write(session, now, Actor("visitor"), "notice.reported", f"notice:{notice_id}")
    return token
