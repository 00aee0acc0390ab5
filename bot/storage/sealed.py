"""Everything that is sealed to a key of the vault: tokens, those on their way back, connections under way."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, func, update

from bot.storage.tables import AccessRow, AccountRow, ConnectionRow, RevocationRow


class Sealed(NamedTuple):
    """One sealed value. `table` and `field` name the place it is bound to, `row` where it stands now."""

    table: str
    field: str
    row: int
    account_id: int
    network: str
    text: str
    held: "Held"


class Held(NamedTuple):
    """A column of sealed values; a token on its way back is still bound to the place where it was given."""

    table: str
    field: str
    row: Any
    account_id: Any
    column: Any

    @property
    def key(self) -> Any:
        """The id of a value's key: `v1.<key id>.<base64>`."""
        return func.substr(self.column, 4, 8)


ACCESS = Held("access", "token", col(AccessRow.account_id), col(AccessRow.account_id), col(AccessRow.sealed))
REVOCATION = Held(
    "access", "token", col(RevocationRow.id), col(RevocationRow.account_id), col(RevocationRow.sealed)
)
_KEPT, _ANSWER = (
    Held("connection", field, col(ConnectionRow.account_id), col(ConnectionRow.account_id), column)
    for field, column in (("kept", col(ConnectionRow.sealed)), ("answer", col(ConnectionRow.answer)))
)
_ALL = (ACCESS, REVOCATION, _KEPT, _ANSWER)


def by_key(session: Session) -> Counter[str]:
    """Count the sealed values by the id of their key."""
    found: Counter[str] = Counter()
    for held in _ALL:
        query = columns(held.key, func.count()).where(held.column != "").group_by(held.key)
        found.update(dict(session.connection().execute(query).all()))
    return found


def others(
    session: Session, keys: Collection[str], *, besides: Sequence[Sealed] = (), limit: int | None = None
) -> list[Sealed]:
    """Give the values that are sealed to none of these keys, but for `besides`, at most `limit` of a kind."""
    found = []
    for held in _ALL:
        known = {(one.row, one.text) for one in besides if one.held is held}
        query = (
            columns(held.row, held.account_id, col(AccountRow.network), held.column)
            .join(AccountRow, col(AccountRow.id) == held.account_id)
            .where(held.column != "", held.key.not_in(list(keys)))
            .order_by(held.row)
            .limit(limit and limit + len(known))
        )
        rows = [
            Sealed(held.table, held.field, row, account_id, network, text, held)
            for row, account_id, network, text in session.connection().execute(query)
            if (row, text) not in known
        ]
        found += rows[:limit]
    return found


def reseal(session: Session, one: Sealed, text: str) -> None:
    """Put another seal on a value that was read in the same transaction."""
    column = one.held.column
    session.exec(update(column.class_).where(one.held.row == one.row).values({column.key: text}))
