"""What is to be done at the networks in volunteers' names, and what was found there."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when


class CallRow(SQLModel, table=True):
    """The written intent of one boost by the API, or of its undoing. Open while `next_at` is set."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_open", "account_id", "next_at", sqlite_where=text("next_at IS NOT NULL")),
        Index("ix_call_account_sent", "account_id", "sent_at"),
        Index("ix_call_post_sent", "post_id", "sent_at"),
    )
    boost_id: int = Field(primary_key=True, foreign_key="boost.id", ondelete="CASCADE")
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    post_id: int | None = Field(default=None, foreign_key="post.id", ondelete="SET NULL")
    kind: str
    """`boost` or `undo`."""
    next_at: datetime | None = maybe_when()
    """When it may be tried; None: closed."""
    target: str = ""
    """The post as the network knows it, from the first try on."""
    at: datetime | None = maybe_when()
    """The moment of the first try, in whole milliseconds."""
    sent_at: datetime | None = maybe_when()
    """When the try began that had, or may have had, an effect."""
    attempts: int = 0
    epoch: int = 0
    """Of the lane, at the last try."""
    uncertain_since: datetime | None = maybe_when()
    uncertain_mark: str = ""
    """The same on a clock that nobody sets, see `bot.model.steady`."""
    remote_id: str = ""
    error: str = ""
    """Name of the last error, empty after a success."""
    why: str = ""


class TargetRow(SQLModel, table=True):
    """A post as one place of its network knows it; see `bot.networks.api.base.Api.place`."""

    __tablename__ = "target"
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE")
    place: str = Field(primary_key=True)
    target: str
    digest: str = ""
    """Of its words, as they were first seen; empty: not looked at since it was last accepted."""
    looked_at: datetime | None = maybe_when()


class QuotaRow(SQLModel, table=True):
    """How much of a limit is used up. `actions` tells the kind of row.

    Names of actions and a span (`boost,undo/900`): a limit that the adapter declares, as the theoretical
    arrival time `busy_until` of the GCRA. One name after `=` (`=boost`): a window learnt from an answer,
    `left` calls until `until`. Empty: a rest that an answer asked for, until `until`.
    """

    __tablename__ = "quota"
    network: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    """The account's id, the instance, or empty."""
    actions: str = Field(primary_key=True)
    busy_until: datetime | None = maybe_when()
    left: int = 0
    until: datetime | None = maybe_when()
    why: str = ""
