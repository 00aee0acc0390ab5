"""Columns that several tables have: moments in UTC, names for constraints."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {  # SQLite's batch migrations need every constraint to have a name
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Refuse a naive datetime and convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime must not be stored"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Give the time zone back where the database dropped it."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def when(*, index: bool = False) -> Any:
    """Declare a column that holds a moment."""
    return Field(sa_type=UtcDateTime, index=index)


def maybe_when(*, index: bool = False) -> Any:
    """Declare a column that holds a moment or nothing."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)
