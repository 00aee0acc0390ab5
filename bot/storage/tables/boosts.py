"""Boosts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class BoostRow(SQLModel, table=True):
    """A boost; see `bot.model.boost.Boost`. The pair (notice, volunteer) exists once, for ever."""

    __tablename__ = "boost"
    __table_args__ = (
        UniqueConstraint("notice_id", "volunteer_id"),
        Index("ix_boost_volunteer_state", "volunteer_id", "state"),
        Index("ix_boost_state_due", "state", "due_at"),
        Index("ix_boost_asked_at", "asked_at"),
        Index("ix_boost_volunteer_asked_at", "volunteer_id", "asked_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True, ondelete="CASCADE")
    volunteer_id: int = Field(foreign_key="volunteer.id", ondelete="CASCADE")
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    network: str
    mode: str
    state: str
    due_at: datetime = when()
    reason: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    asked_at: datetime | None = maybe_when()
    opened_at: datetime | None = maybe_when()
    ended_at: datetime | None = maybe_when()
    expires_at: datetime | None = maybe_when()
    skip_why: str = ""
