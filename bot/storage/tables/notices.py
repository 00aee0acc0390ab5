"""Seekers, their notices and the posts that carry them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class SeekerRow(SQLModel, table=True):
    """A person who looks for a job. `lang` is the language of their pages and messages."""

    __tablename__ = "seeker"
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = when()
    lang: str
    email: str | None = None
    reset_at: datetime | None = maybe_when()
    """Boosts of before count for no later notice: an admin let them begin anew."""
    parted_from: int | None = None
    """The number that several shared before migration 0022: the ledger may have erased it."""


class SeekerKeyRow(SQLModel, table=True):
    """What tells that two notices may come from one person: keyed hashes of email, post author, browser."""

    __tablename__ = "seeker_key"
    key: str = Field(primary_key=True)
    seeker_id: int = Field(foreign_key="seeker.id", primary_key=True, index=True, ondelete="CASCADE")
    kind: str


class NoticeRow(SQLModel, table=True):
    """A notice; see `bot.model.notice.Notice`. `token_hash` opens its status page."""

    __tablename__ = "notice"
    id: int | None = Field(default=None, primary_key=True)
    seeker_id: int = Field(foreign_key="seeker.id", index=True, unique=True, ondelete="CASCADE")
    person_id: int = Field(index=True)
    state: str = Field(index=True)
    title: str
    place: str
    remote: bool
    contract: str
    text: str
    name: str
    lang: str
    sector: str | None = None
    region: str | None = None
    share_slug: str = Field(unique=True)
    token_hash: str = Field(unique=True)
    revision: int = 1
    created_at: datetime = when(index=True)
    opened_at: datetime | None = maybe_when()
    first_opened_at: datetime | None = maybe_when()
    """When boosts could first start; what the wait for a first boost is counted from."""
    deadline: datetime | None = maybe_when()
    demand: int
    weight: int = 1
    close_reason: str | None = None
    closed_at: datetime | None = maybe_when()
    snoozed_until: datetime | None = maybe_when()
    before_close: str | None = None
    """State to return to when the end is undone."""
    show_name: bool = False
    waiting: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Why the last round gave it nothing, as data; None when it got a boost."""
    scarcity: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reached: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    certificate: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Why nobody could give it more in the next day, as data; None when it gets all it wants."""
    consent: str = Field(default="asked", sa_column_kwargs={"server_default": "asked"})
    alive_at: datetime | None = maybe_when(index=True)
    """The last sign of its seeker, from which its keeping counts."""
    answer_to: str = Field(default="", sa_column_kwargs={"server_default": ""})
    by_collective: bool = Field(default=True, sa_column_kwargs={"server_default": "1"})


class PostRow(SQLModel, table=True):
    """A post that carries a notice."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("notice_id", "network", "remote_id"),
        Index("ix_post_remote", "network", "remote_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", ondelete="CASCADE")
    network: str
    remote_id: str
    url: str
    author: str = ""
