"""The roster: volunteers and their accounts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, select

from bot.errors import NotFoundError
from bot.model.volunteer import Account, Limits, Volunteer, VolunteerState
from bot.storage import access, connections
from bot.storage.many import among, run
from bot.storage.tables import AccessRow, AccountRow, VolunteerRow

_ACCOUNTS = columns(
    col(AccountRow.id), col(AccountRow.volunteer_id), col(AccountRow.network), col(AccountRow.handle)
)
_ACTIVE = among(AccountRow.volunteer_id), col(AccountRow.active)
_ACCOUNTS = _ACCOUNTS.where(*_ACTIVE).order_by(col(AccountRow.id))
_VOLUNTEERS = VolunteerRow.metadata.tables["volunteer"]
_SOME = columns(_VOLUNTEERS).where(among(_VOLUNTEERS.c.id)).order_by(_VOLUNTEERS.c.id)


def _models(session: Session, rows: Sequence[Any]) -> list[Volunteer]:
    accounts: dict[int, list[Account]] = {}
    for row in run(session, _ACCOUNTS, ids=[row.id for row in rows]):
        accounts.setdefault(row.volunteer_id, []).append(Account(*row))
    return [_model(row, accounts.get(row.id, ())) for row in rows]


def _model(row: Any, accounts: Iterable[Account]) -> Volunteer:
    return Volunteer(
        id=row.id,
        name=row.name,
        lang=row.lang,
        languages=frozenset(row.languages),
        state=VolunteerState(row.state),
        limits=Limits(row.cap_day, row.spacing_min, row.quiet_start_min, row.quiet_len_min, row.time_zone),
        sectors=frozenset(row.sectors) if row.sectors is not None else None,
        regions=frozenset(row.regions) if row.regions is not None else None,
        accounts=tuple(accounts),
        joined_at=row.joined_at,
        paused_until=row.paused_until,
        charter_version=row.charter_version,
    )


def _row(session: Session, volunteer_id: int) -> VolunteerRow:
    row = session.get(VolunteerRow, volunteer_id)
    if row is None:
        message = f"There is no volunteer {volunteer_id}. `bot volunteers list` shows those there are."
        raise NotFoundError(message)
    return row


def get(session: Session, volunteer_id: int) -> Volunteer:
    """Give one volunteer.

    Raises:
        NotFoundError: there is none with this id.
    """
    return _models(session, [_row(session, volunteer_id)])[0]


def by_token(session: Session, token_hash: str) -> Volunteer | None:
    """Give the volunteer whose inbox link hashes to `token_hash`, unless they left."""
    query = select(VolunteerRow).where(
        VolunteerRow.token_hash == token_hash, VolunteerRow.state != VolunteerState.LEFT
    )
    row = session.exec(query).first()
    return _models(session, [row])[0] if row else None


def listed(session: Session, *, states: Iterable[VolunteerState] | None = None) -> list[Volunteer]:
    """Give volunteers in the order they joined, in some states or all; never the collective's own row."""
    wanted = set(VolunteerState if states is None else states) - {VolunteerState.COLLECTIVE}
    query = select(VolunteerRow).where(col(VolunteerRow.state).in_([s.value for s in wanted]))
    return _models(session, session.exec(query.order_by(col(VolunteerRow.id))).all())


def some(session: Session, ids: Iterable[int]) -> list[Volunteer]:
    """Give the volunteers with these ids, in the order they joined."""
    return _models(session, run(session, _SOME, ids=list(ids)).all())


def account(session: Session, account_id: int) -> Account | None:
    """Give an account that is in use."""
    row = session.get(AccountRow, account_id)
    return Account(account_id, row.volunteer_id, row.network, row.handle) if row and row.active else None


def owner_of(session: Session, account_id: int) -> int:
    """Give whose an account is or was, by id."""
    return session.exec(select(AccountRow.volunteer_id).where(AccountRow.id == account_id)).one()


def lent(session: Session, ids: Iterable[int] | None = None) -> list[Account]:
    """Give the accounts that are lent, by id; of `ids` only, if they are given."""
    query = select(AccountRow).join(AccessRow).order_by(col(AccountRow.id))
    if ids is not None:
        query = query.where(col(AccountRow.id).in_(list(ids)))
    return [Account(row.id or 0, row.volunteer_id, row.network, row.handle) for row in session.exec(query)]


def handle_taken(session: Session, network: str, handle: str, *, besides: int | None = None) -> bool:
    """Whether another volunteer (not `besides`) has this account."""
    query = select(AccountRow.volunteer_id).where(AccountRow.network == network, AccountRow.handle == handle)
    owner = session.exec(query).first()
    return owner is not None and owner != besides


def add(
    session: Session,
    *,
    name: str,
    lang: str,
    languages: Iterable[str],
    limits: Limits,
    sectors: Iterable[str] | None,
    regions: Iterable[str] | None,
    token_hash: str,
    charter_version: str,
    now: datetime,
) -> int:
    """Insert a volunteer without accounts and give the id."""
    row = VolunteerRow(
        name=name,
        lang=lang,
        languages=sorted(languages),
        state=VolunteerState.ACTIVE,
        cap_day=limits.cap_day,
        spacing_min=limits.spacing_min,
        quiet_start_min=limits.quiet_start_min,
        quiet_len_min=limits.quiet_len_min,
        time_zone=limits.time_zone,
        sectors=None if sectors is None else sorted(sectors),
        regions=None if regions is None else sorted(regions),
        token_hash=token_hash,
        charter_version=charter_version,
        joined_at=now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def set_accounts(session: Session, volunteer_id: int, wanted: Iterable[tuple[str, str]]) -> None:
    """Make `wanted` (network, handle) the accounts; the others lose their handle and give a token back."""
    left = set(wanted)
    rows = session.exec(
        select(AccountRow).where(AccountRow.volunteer_id == volunteer_id, col(AccountRow.active))
    ).all()
    for row in rows:
        if (row.network, row.handle) in left:
            left.discard((row.network, row.handle))
        else:
            row.active, row.handle = False, f"!{row.id}"
            session.add(row)
            assert row.id is not None
            access.give_back(session, row.id)
            connections.drop(session, row.id)
    session.flush()
    for network, handle in sorted(left):
        session.add(AccountRow(volunteer_id=volunteer_id, network=network, handle=handle))
    session.flush()


def update(session: Session, volunteer_id: int, **values: Any) -> Volunteer:
    """Set columns of `VolunteerRow` by keyword (`state=…`, `cap_day=…`, `paused_until=…`, `token_hash=…`)."""
    row = _row(session, volunteer_id)
    for name, value in values.items():
        if not hasattr(row, name):
            raise AttributeError(name)
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return get(session, volunteer_id)
