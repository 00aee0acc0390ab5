"""Anybody reports a notice from its share page: moderators read it again, and who reported it can follow."""

from datetime import datetime
from functools import cache

from bot.errors import ConflictError
from bot.locale import say
from bot.model.forms import SpentFormError, Stamp
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.text import LANGUAGES, N_, Message
from bot.storage import Session, journal, notices, reports, stamps
from bot.trust.links import hash_token, new_token

WHY_MAX = 1000
ABOUT_ME, ILLEGAL = N_("It is about me, and I did not ask for it"), N_("It breaks the law: say in what")
URGENT = (ABOUT_ME, ILLEGAL)
"""Reasons that have places of their own: nothing else that is sent keeps them out."""
OPEN_MOST = 20
"""Reports about one notice that wait at a time, for each urgent reason and for all others together: more
would tell its moderator nothing new."""
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
        ConflictError: it is not shown any more, or enough such reports about it wait.
    """
    if notices.get(session, notice_id).state is not NoticeState.ACTIVE:
        raise ConflictError(ENDED)
    waiting = reports.unsettled(session, [notice_id]).get(notice_id, [])
    if sum(one.outside and _reason(one.why) == _reason(why) for one in waiting) >= OPEN_MOST:
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


def urgent(why: str) -> bool:
    """Whether a report from outside has one of the urgent reasons."""
    return bool(_reason(why))


def _reason(why: str) -> str:
    """Give the urgent reason of a report, or nothing: its words begin with the reason that was chosen."""
    return next((reason for label, reason in _labels() if why.startswith(label)), "")


@cache
def _labels() -> list[tuple[str, str]]:
    """Give the urgent reasons as the form writes them in each language."""
    return [(say(reason, lang), reason) for reason in URGENT for lang in LANGUAGES]
