"""The certificate of a notice in words: why nobody could give it more in the next day."""

from bot.model.notice import NoticeState
from bot.model.text import Message
from bot.reporting import explain
from bot.storage import Session, notices, rounds


def why_no_more(session: Session, notice_id: int) -> Message | None:
    """Say it as `bot explain notice` does; None: it does not go round, or it gets all it wants.

    Raises:
        NotFoundError: there is no such notice.
    """
    if notices.get(session, notice_id).state is not NoticeState.ACTIVE:
        return None
    certificate = rounds.certificate(session, notice_id)
    return None if certificate is None else explain.why_not_more(certificate)
