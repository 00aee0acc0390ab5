"""An admin lets a seeker begin anew: what their earlier notices had counts no more (I10)."""

from datetime import datetime

from bot.errors import ConflictError
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.storage import Session, journal, notices, seekers


def reset(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> None:
    """Reset the account of a notice's seeker, and note who did.

    From now on boosts of before count for none of their other notices, the volunteers who were asked for
    those may be asked again, and a notice accepted later has a whole round. This notice keeps its own boosts,
    its round, and whom it was asked of: a pair meets once (I2).

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has never gone round: whose turns it has is said when it is accepted.
    """
    notice = notices.get(session, notice_id)
    if notice.first_opened_at is None:
        text = N_("This notice has had no round yet. When you accept it, say that its turns are its own.")
        raise ConflictError(Message(text))
    seeker_id = notice.seeker_id
    seekers.reset(session, seeker_id, now)
    journal.write(session, now, actor, journal.RESET, f"notice:{notice_id}", seeker=seeker_id)
