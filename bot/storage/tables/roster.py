"""Volunteers and where they boost."""

from datetime import datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class VolunteerRow(SQLModel, table=True):
    """A volunteer; see `bot.model.volunteer.Volunteer`. `token_hash` opens the inbox."""

    __tablename__ = "volunteer"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    lang: str
    languages: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str = Field(index=True)
    paused_until: datetime | None = maybe_when()
    cap_day: int
    spacing_min: int
    quiet_start_min: int
    quiet_len_min: int
    time_zone: str
    sectors: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    regions: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    token_hash: str = Field(unique=True)
    charter_version: str
    joined_at: datetime = when()
    left_at: datetime | None = maybe_when()


class AccountRow(SQLModel, table=True):
    """A volunteer's presence on a network. An account that leaves keeps its boosts and frees its handle."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("network", "handle"),)
    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id", index=True, ondelete="CASCADE")
    network: str
    handle: str
    """Normalised; an account no longer used carries `!<id>` so that the handle is free again."""
    active: bool = True
