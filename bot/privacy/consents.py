"""What somebody agreed to, and taking it back as easily as it was given."""

from datetime import datetime

from bot.errors import ConflictError
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.storage import Session, erasure, journal, notices
from bot.trust.links import hash_token, new_token
from bot.trust.texts import SHOW_FIRST_NAME


def hide_name(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> bool:
    """Take the name off the impact page; give whether the personal link goes with it.

    Once the words are erased the name is all that the link was kept for.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: the name is not shown.
    """
    notice = notices.get(session, notice_id)
    if not notice.show_name:
        raise ConflictError(Message(N_("This name is not shown.")))
    journal.withdraw_consent(session, now, f"notice:{notice_id}", SHOW_FIRST_NAME.purpose)
    notices.update(session, notice_id, show_name=False)
    if notice.erased:
        erasure.notice(session, notice_id, now, token_hash=hash_token(new_token()), slug=new_token())
    who = Actor("seeker", notice.seeker_id) if actor.kind == "seeker" else actor
    journal.write(session, now, who, "notice.name_hidden", f"notice:{notice_id}")
    return notice.erased
