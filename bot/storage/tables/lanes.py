"""Whose turn it is at the networks: one lane for each account that is lent, and what all of them wait for."""

from datetime import UTC, datetime

from sqlalchemy import Column, Computed
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import UtcDateTime, maybe_when, when

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
WAKE_AT = "max(next_due, not_before, leased_until)"


class LaneRow(SQLModel, table=True):
    """The calls of one account, one at a time. Its three times have one owner each; `wake_at` is the latest.

    `next_due` is the earliest `next_at` of its open calls, or NEVER. `not_before`: until then the account
    rests. `leased_until`: until then `owner` makes a call; LONG_AGO when nobody does. Each lease has its own
    `epoch`: what a call came to is written only while the lane still has it.
    """

    __tablename__ = "lane"
    account_id: int = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    network: str
    instance: str = ""
    next_due: datetime = when()
    not_before: datetime = when()
    leased_until: datetime = when()
    wake_at: datetime = Field(
        sa_column=Column("wake_at", UtcDateTime, Computed(WAKE_AT, persisted=True), index=True)
    )
    owner: str = ""
    epoch: int = 0
    why: str = ""
    """What it rests for, a code of `bot.model.lane.Rest`."""
    refusals: int = 0
    """How often in a row its token was refused."""
    refused_at: datetime | None = maybe_when()
    """When it last was."""
    good_at: datetime | None = maybe_when()
    """When a call last had a whole answer that was no refusal of the token."""


class BreakerRow(SQLModel, table=True):
    """Where many accounts lost their access at once: nobody calls before `until`, then one probe does."""

    __tablename__ = "breaker"
    network: str = Field(primary_key=True)
    instance: str = Field(primary_key=True)
    opened_at: datetime = when()
    until: datetime = when()
