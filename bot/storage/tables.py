"""Tables as SQLModel rows. A row is turned into a model before it leaves `bot.storage`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Index, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {  # SQLite's batch migrations need every constraint to have a name
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Refuse a naive datetime and convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime must not be stored"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Give the time zone back where the database dropped it."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def when(*, index: bool = False) -> Any:
    """Declare a column that holds a moment."""
    return Field(sa_type=UtcDateTime, index=index)


def _maybe_when(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)


class SeekerRow(SQLModel, table=True):
    """A person who looks for a job. `lang` is the language of their pages and messages."""

    __tablename__ = "seeker"
    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = when()
    lang: str
    email: str | None = None


class SeekerKeyRow(SQLModel, table=True):
    """What tells that two notices come from one person: keyed hashes of e-mail, post author, browser."""

    __tablename__ = "seeker_key"
    key: str = Field(primary_key=True)
    seeker_id: int = Field(foreign_key="seeker.id", index=True, ondelete="CASCADE")
    kind: str


class NoticeRow(SQLModel, table=True):
    """A notice; see `bot.model.notice.Notice`. `token_hash` opens its status page."""

    __tablename__ = "notice"
    id: int | None = Field(default=None, primary_key=True)
    seeker_id: int = Field(foreign_key="seeker.id", index=True, ondelete="CASCADE")
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
    opened_at: datetime | None = _maybe_when()
    first_opened_at: datetime | None = _maybe_when()
    """When boosts could first start; what the wait for a first boost is counted from."""
    deadline: datetime | None = _maybe_when()
    demand: int
    weight: int = 1
    close_reason: str | None = None
    closed_at: datetime | None = _maybe_when()
    snoozed_until: datetime | None = _maybe_when()
    before_close: str | None = None
    """State to return to when the end is undone."""
    show_name: bool = False
    waiting: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Why the last round gave it nothing, as data; None when it got a boost."""
    scarcity: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reached: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    certificate: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Why nobody could give it more in the next day, as data; None when it gets all it wants."""


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


class AdminRow(SQLModel, table=True):
    """A person who may log in. `password_hash` is an argon2id string."""

    __tablename__ = "admin"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str
    created_at: datetime = when()


class AdminSessionRow(SQLModel, table=True):
    """A log-in. Only the SHA-256 of the cookie is kept."""

    __tablename__ = "admin_session"
    token_hash: str = Field(primary_key=True)
    admin_id: int = Field(foreign_key="admin.id", index=True, ondelete="CASCADE")
    created_at: datetime = when()
    seen_at: datetime = when()


class OneTimeLinkRow(SQLModel, table=True):
    """A link that works once: the admin's set-up link."""

    __tablename__ = "one_time_link"
    token_hash: str = Field(primary_key=True)
    purpose: str
    expires_at: datetime = when()
    used_at: datetime | None = _maybe_when()


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
    undone_at: datetime | None = _maybe_when()


class ReportRow(SQLModel, table=True):
    """A volunteer's remark that a notice is not right; it brings the notice back to moderation."""

    __tablename__ = "report"
    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True, ondelete="CASCADE")
    volunteer_id: int | None = Field(default=None, foreign_key="volunteer.id", ondelete="SET NULL")
    at: datetime = when()
    why: str
    settled_at: datetime | None = _maybe_when()


class VolunteerRow(SQLModel, table=True):
    """A volunteer; see `bot.model.volunteer.Volunteer`. `token_hash` opens the inbox."""

    __tablename__ = "volunteer"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    lang: str
    languages: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str = Field(index=True)
    paused_until: datetime | None = _maybe_when()
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
    left_at: datetime | None = _maybe_when()


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
    asked_at: datetime | None = _maybe_when()
    opened_at: datetime | None = _maybe_when()
    ended_at: datetime | None = _maybe_when()
    expires_at: datetime | None = _maybe_when()
    skip_why: str = ""


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
    withdrawn_at: datetime | None = _maybe_when()


class JournalRow(SQLModel, table=True):
    """Who did what, when. Opaque ids and codes only."""

    __tablename__ = "journal"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = when(index=True)
    actor: str = Field(index=True)
    action: str = Field(index=True)
    subject: str = Field(default="", index=True)
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class TickRow(SQLModel, table=True):
    """The last run of each of the daemon's ticks: what health and `bot status` show."""

    __tablename__ = "tick"
    name: str = Field(primary_key=True)
    at: datetime = when()
    took_ms: int
    every_s: int
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    error: str = ""
