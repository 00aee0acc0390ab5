"""Whether the seeker's form takes notices in."""

from datetime import datetime

from sqlmodel import Session

from bot.model.door import Closed
from bot.storage.tables import FormDoorRow


def closed(session: Session, now: datetime) -> Closed | None:
    """Give since when and until when the form is closed; None when it is open."""
    row = session.get(FormDoorRow, 1)
    if row is None or (row.until is not None and row.until <= now):
        return None
    return Closed(row.since, row.until)


def close(session: Session, now: datetime, until: datetime | None) -> None:
    """Close the form, in place of any earlier closing."""
    session.merge(FormDoorRow(id=1, since=now, until=until))
    session.flush()


def reopen(session: Session) -> None:
    """Open the form."""
    row = session.get(FormDoorRow, 1)
    if row is not None:
        session.delete(row)
        session.flush()
