"""What watchers saw, where each goes on, what they missed and what it cost."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class SightingRow(SQLModel, table=True):
    """A post that a watcher saw, by its network's own id: never its words, never its author."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("network", "remote_id"),)
    id: int | None = Field(default=None, primary_key=True)
    network: str
    remote_id: str
    watcher: str
    sight: str
    seen_at: datetime = when(index=True)
    notice_id: int | None = Field(default=None, foreign_key="notice.id", index=True, ondelete="SET NULL")


class WatcherRow(SQLModel, table=True):
    """One source that is watched: where it goes on, and what stands in its way."""

    __tablename__ = "watcher"
    name: str = Field(primary_key=True)
    network: str
    cursor: str = ""
    read_at: datetime | None = maybe_when()
    """When it last had a whole answer."""
    error: str = ""
    """Empty, or the name of an error: `RateLimited`, `Unavailable`, `AccessLost`, `Refused`."""
    why: str = ""
    failed_at: datetime | None = maybe_when()
    """When the present trouble began."""
    until: datetime | None = maybe_when()
    """When it tries again."""


class WatchGapRow(SQLModel, table=True):
    """A stretch of time that a watcher could not read back."""

    __tablename__ = "watch_gap"
    id: int | None = Field(default=None, primary_key=True)
    watcher: str = Field(index=True)
    at: datetime = when()
    since: datetime | None = maybe_when()
    until: datetime | None = maybe_when()
    why: str


class SpendingRow(SQLModel, table=True):
    """What one call to a network costs: reserved before it, settled after it. A day is one of UTC."""

    __tablename__ = "spending"
    __table_args__ = (Index("ix_spending_network_day", "network", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    network: str
    day: str
    """`2026-11-25`; its first seven characters are the month."""
    at: datetime = when()
    what: str
    count: int
    micros: int = Field(sa_type=BigInteger)
    """Millionths of a US dollar."""
    settled: bool = False
