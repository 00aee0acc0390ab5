"""Accounts that are being lent, and tokens that go back to their networks."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class ConnectionRow(SQLModel, table=True):
    """A connection under way, one an account; see `bot.model.lending.Connection`."""

    __tablename__ = "connection"
    account_id: int = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    state_hash: str = Field(unique=True)
    """Hash of the random value by which the network's answer is recognised."""
    mode: str
    way: str
    lang: str
    sealed: str
    answer: str = ""
    begun_at: datetime = when()
    expires_at: datetime = when(index=True)
    answered_at: datetime | None = maybe_when()
    taken_at: datetime | None = maybe_when()
    """When a worker began to finish it; whoever finds it long after that finds it cut off."""
    trouble: str = ""


class RevocationRow(SQLModel, table=True):
    """A token on its way back to its network, sealed as it was kept; see `bot.model.lending.Revocation`."""

    __tablename__ = "revocation"
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    sealed: str
    tried_at: datetime | None = maybe_when()
    """The first try."""
    tries: int = 0
    next_at: datetime | None = maybe_when()
    why: str = ""
