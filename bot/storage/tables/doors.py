"""The door of the form, forms that were taken in, and notices that came in beside an open one."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class FormDoorRow(SQLModel, table=True):
    """The seeker's form is closed, until a moment or until somebody opens it; no row while it is open."""

    __tablename__ = "form_door"
    id: int = Field(default=1, primary_key=True)
    since: datetime = when()
    until: datetime | None = maybe_when()


class StampRow(SQLModel, table=True):
    """A form that was taken in, by a keyed hash; `until`: from then on it is too old to be sent again."""

    __tablename__ = "stamp"
    key: str = Field(primary_key=True)
    until: datetime = when(index=True)
