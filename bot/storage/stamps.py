"""The forms that were taken in: each is taken once, whatever becomes of what it brought."""

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from bot.model.forms import Stamp
from bot.storage.tables import StampRow


def take(session: Session, stamp: Stamp) -> bool:
    """Take a form in; False when it has been taken in before."""
    query = insert(StampRow).values(key=stamp.key, until=stamp.until).on_conflict_do_nothing()
    return session.exec(query.returning(col(StampRow.key))).first() is not None


def taken(session: Session, stamp: Stamp) -> bool:
    """Whether a form has been taken in before."""
    return session.get(StampRow, stamp.key) is not None
