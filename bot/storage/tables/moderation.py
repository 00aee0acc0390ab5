"""What moderators reserve and decide, and what volunteers and everybody else report."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class ClaimRow(SQLModel, table=True):
    """A moderator reads this notice; nobody else decides on it until `until`."""

    __tablename__ = "claim"
    notice_id: int = Field(primary_key=True, foreign_key="notice.id", ondelete="CASCADE")
    admin_id: int = Field(foreign_key="admin.id", ondelete="CASCADE")
    since: datetime = when()
    until: datetime = when()


class DecisionRow(SQLModel, table=True):
    """A moderator's decision. `before` is what undo puts back: state, words, dates."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True, ondelete="CASCADE")
    admin_id: int | None = Field(default=None, foreign_key="admin.id", ondelete="SET NULL")
    verdict: str
    reason: str | None = None
    note: str = ""
    at: datetime = when(index=True)
    waited_s: int = 0
    """Seconds between claim and decision, for the moderators' status bar."""
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    undone_at: datetime | None = maybe_when()


class ReportRow(SQLModel, table=True):
    """A remark that a notice is not right; it brings the notice back to moderation."""

    __tablename__ = "report"
    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True, ondelete="CASCADE")
    volunteer_id: int | None = Field(default=None, foreign_key="volunteer.id", ondelete="SET NULL")
    at: datetime = when()
    why: str
    settled_at: datetime | None = maybe_when()
    token_hash: str | None = Field(default=None, unique=True, index=True)
    """Of a report from outside: the hash of the link by which it is followed."""
    contact: str = Field(default="", sa_column_kwargs={"server_default": ""})
