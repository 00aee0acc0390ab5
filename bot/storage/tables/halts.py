"""Halts, and shares that volunteers are asked to take back."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class HaltRow(SQLModel, table=True):
    """A halt, in force while `ended_at` is empty. Reasons are a person's words: not for the journal."""

    __tablename__ = "halt"
    id: int | None = Field(default=None, primary_key=True)
    since: datetime = when()
    actor: str
    reason: str
    ended_at: datetime | None = maybe_when(index=True)
    ended_by: str = ""
    end_reason: str = ""


class RecallRow(SQLModel, table=True):
    """A boost that was done and that its volunteer is asked to take back; see `bot.delivery.recall`."""

    __tablename__ = "recall"
    boost_id: int = Field(primary_key=True, foreign_key="boost.id", ondelete="CASCADE")
    asked_at: datetime = when()
    done_at: datetime | None = maybe_when()
