"""A notice comes back beside another open one of the same person: a moderator looks before both go round."""

from bot.model.notice import OPEN_STATES, Notice, NoticeState
from bot.storage import Session, notices


def reopen(session: Session, notice_id: int) -> Notice:
    """Take a notice's end back; beside another it waits for a moderator.

    Raises:
        ConflictError: it has not ended.
    """
    notice = notices.reopen(session, notice_id)
    others = notices.others_of(session, notice.person_id, besides=notice_id, states=OPEN_STATES)
    if not others or notice.state is NoticeState.PENDING:
        return notice
    return notices.move(session, notice_id, NoticeState.PENDING)
