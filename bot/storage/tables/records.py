"""What is kept on record: consents, who did what, how the ticks went."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class ConsentRow(SQLModel, table=True):
    """A recorded yes: who, to what, which text version, when, by which act; and its withdrawal."""

    __tablename__ = "consent"
    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(index=True)
    purpose: str
    text_version: str
    text_hash: str
    lang: str
    act: str
    at: datetime = when()
    withdrawn_at: datetime | None = maybe_when()
    ended_at: datetime | None = maybe_when(index=True)
    """When what it allowed ended, by withdrawal or otherwise; the proof is kept for a while after."""


class ConsentTextRow(SQLModel, table=True):
    """What was shown when a yes was given, word for word, by the hash that the consents carry."""

    __tablename__ = "consent_text"
    text_hash: str = Field(primary_key=True)
    text: str


class JournalRow(SQLModel, table=True):
    """Who did what, when. Opaque ids and codes only."""

    __tablename__ = "journal"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    actor: str = Field(index=True)
    action: str = Field(index=True)
    subject: str = Field(default="", index=True)
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    chain: str
    """See `bot.storage.chain`."""


class JournalHeadRow(SQLModel, table=True):
    """The newest line of the journal, and up to which the old ones are deleted: one row, see `chain`."""

    __tablename__ = "journal_head"
    id: int = Field(default=1, primary_key=True)
    last_id: int
    last_chain: str
    kept_after: int
    kept_chain: str
    """Hash of the line `kept_after`, which is deleted."""
    seal: str


class TickRow(SQLModel, table=True):
    """The last run of each of the daemon's ticks: what health and `bot status` show."""

    __tablename__ = "tick"
    name: str = Field(primary_key=True)
    at: datetime = when()
    took_ms: int
    every_s: int
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    error: str = ""
