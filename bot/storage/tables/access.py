"""What a volunteer allows on one of their accounts beyond their own taps."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.storage.tables.columns import maybe_when, when


class AccessRow(SQLModel, table=True):
    """An account's token, sealed, and the mode it was given for. Without a row, boosts are made by hand."""

    __tablename__ = "access"
    account_id: int = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    mode: str
    sealed: str
    """`v1.<key id>.<base64>`, bound to this row; see `bot.trust.vault`. Empty: no key opened it any more."""
    given_at: datetime = when()
    used_at: datetime = when(index=True)
    lost_at: datetime | None = maybe_when()
    """When the network refused the token for good, or its key was lost: by hand until it is given anew."""
    labelled_at: datetime | None = maybe_when()
    unlabelled_at: datetime | None = maybe_when()
    """Of the collective's own account, see `bot.model.volunteer.Access`."""
