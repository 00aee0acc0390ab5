"""Who may log in, their sessions and one-time links."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
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
    """A log-in. Only the SHA-256 of the cookie is kept. Until it is `whole`, the code is still to come."""

    __tablename__ = "admin_session"
    token_hash: str = Field(primary_key=True)
    admin_id: int = Field(foreign_key="admin.id", index=True, ondelete="CASCADE")
    created_at: datetime = when()
    seen_at: datetime = when()
    whole: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    proved_at: datetime | None = maybe_when()
    """When a factor was last given: dangerous acts want it to be fresh."""
    challenge: bytes | None = None
    """What a security key was asked to sign, until its answer comes or another is asked for."""
    asked_at: datetime | None = maybe_when()


class OneTimeLinkRow(SQLModel, table=True):
    """A link that works once: it lets a new admin in with a role, or one who is there set a new password."""

    __tablename__ = "one_time_link"
    token_hash: str = Field(primary_key=True)
    purpose: str
    role: str
    admin_id: int | None = Field(default=None, foreign_key="admin.id", ondelete="CASCADE")
    expires_at: datetime = when()
    used_at: datetime | None = maybe_when()


class SecondFactorRow(SQLModel, table=True):
    """An admin's authenticator app. Its secret is derived from `nonce` and the installation's key."""

    __tablename__ = "second_factor"
    admin_id: int = Field(primary_key=True, foreign_key="admin.id", ondelete="CASCADE")
    nonce: str
    since: datetime = when()
    last_step: int
    """The step of the last code taken: it and the ones before are used up."""


class SecurityKeyRow(SQLModel, table=True):
    """A security key of an admin: its public half, and the count of its last answer."""

    __tablename__ = "security_key"
    id: int | None = Field(default=None, primary_key=True)
    admin_id: int = Field(foreign_key="admin.id", index=True, ondelete="CASCADE")
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    count: int
    name: str
    since: datetime = when()
    used_at: datetime | None = maybe_when()


class IdentityRow(SQLModel, table=True):
    """Who an admin is at the collective's own log-in provider."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    admin_id: int = Field(primary_key=True, foreign_key="admin.id", ondelete="CASCADE")
    issuer: str
    subject: str
    since: datetime = when()


class RecoveryCodeRow(SQLModel, table=True):
    """A recovery code that still works, as a keyed hash."""

    __tablename__ = "recovery_code"
    code_hash: str = Field(primary_key=True)
    admin_id: int = Field(foreign_key="admin.id", index=True, ondelete="CASCADE")
