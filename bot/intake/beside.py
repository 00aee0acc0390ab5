"""A notice beside another open one of perhaps the same person: a moderator looks before both go round."""

from bot.model.notice import Notice, NoticeState
from bot.storage import Session, notices, seekers, twins


def reopen(session: Session, notice_id: int) -> Notice:
    """Take a notice's end back; beside another it waits for a moderator.

    Raises:
        ConflictError: it has not ended, or its seeker has sent another since.
    """
    notice = notices.reopen(session, notice_id)
    others = set(seekers.open_notices(session, [notice.person_id])) - {notice_id}
    twins.record(session, notice_id, others)
    if not others or notice.state is NoticeState.PENDING:
        return notice
    return notices.move(session, notice_id, NoticeState.PENDING)
