"""Who may log in, their sessions and one-time links."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class AdminRow(SQLModel, table=True):
    """A person who may log in. `password_hash` is an argon2id string, `role` a `bot.model.access.Role`."""

    __tablename__ = "admin"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str = Field(sa_column_kwargs={"server_default": "operator"})
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
    """A link that works once: it lets a new admin in with a role, or one who is there set a new password."""

    __tablename__ = "one_time_link"
    token_hash: str = Field(primary_key=True)
    purpose: str
    role: str
    admin_id: int | None = Field(default=None, foreign_key="admin.id", ondelete="CASCADE")
    expires_at: datetime = when()
    used_at: datetime | None = maybe_when()
