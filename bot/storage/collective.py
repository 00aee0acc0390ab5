"""The collective's own accounts, one a network: each hangs on a row of the roster that is no person."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, and_, col, func, or_, select, update

from bot.errors import ConflictError
from bot.model.boost import DONE_STATES, BoostState, Mode
from bot.model.calls import Action
from bot.model.lane import DRAFT, stem_of
from bot.model.notice import NoticeState
from bot.model.volunteer import Access, Account, Limits, VolunteerState
from bot.storage import access, boosts, calls, recalls, volunteers
from bot.storage.tables import AccessRow, AccountRow, BoostRow, CallRow, NoticeRow, VolunteerRow

_NO_LIMITS = Limits(1, 0, 0, 0, "UTC")
"""The row needs some; the policy of the network holds."""
_NOT_THERE = (BoostState.UNDONE, BoostState.CANCELLED, BoostState.EXPIRED, BoostState.FAILED)
"""States that a share comes to by a whole answer, or an admin's word, that nothing of it is there."""


class Own(NamedTuple):
    """An account of the collective's, with what opens it; None: not connected any more."""

    account: Account
    access: Access | None

    @property
    def connected(self) -> bool:
        """Whether its token opens it still, as far as was seen."""
        return self.access is not None and self.access.lost_at is None


class Share(NamedTuple):
    """One share of a notice by the collective's account. `target` begins with `DRAFT` where it published."""

    boost_id: int
    notice_id: int
    state: BoostState
    target: str
    revision: int
    """Of the notice, now."""
    wanted: bool
    """The notice has not ended, and its seeker lets the account share it."""

    @property
    def published(self) -> bool:
        """Whether it is the notice's own words, no boost of a post."""
        return self.target.startswith(DRAFT)

    @property
    def outlived(self) -> bool:
        """Whether the account should not stand for it any more."""
        old = self.target.partition(" ")[0] != stem_of(self.notice_id, self.revision)
        return (self.published and old) or not self.wanted


class Leftover(NamedTuple):
    """What one of the accounts made, that must go and that nothing here can take away any more.

    `account` is whose it is, `remote_id` what its network calls it, `since` when it should have gone.
    `in_doubt`: since then nobody knows whether it was made, nor what it is called.
    """

    boost_id: int
    notice_id: int
    account: Account
    remote_id: str
    published: bool
    since: datetime | None
    in_doubt: bool


def accounts(session: Session) -> list[Own]:
    """Give the accounts that are or were connected, by network."""
    query = (
        select(AccountRow)
        .join(VolunteerRow)
        .where(VolunteerRow.state == VolunteerState.COLLECTIVE.value, col(AccountRow.active))
        .order_by(col(AccountRow.network))
    )
    rows = [Account(row.id or 0, row.volunteer_id, row.network, row.handle) for row in session.exec(query)]
    found = access.some(session, [one.id for one in rows])
    return [Own(one, found.get(one.id)) for one in rows]


def become(
    session: Session, network: str, handle: str, *, name: str, token_hash: str, now: datetime
) -> Account:
    """Make an account the collective's on its network, in the place of another. Its row, once made, stays.

    Raises:
        ConflictError: it is a volunteer's.
    """
    query = select(AccountRow.volunteer_id).join(VolunteerRow)
    ours = VolunteerRow.state == VolunteerState.COLLECTIVE.value
    row_id = session.exec(query.where(ours, AccountRow.network == network)).first()
    if volunteers.handle_taken(session, network, handle, besides=row_id):
        message = f"{handle} is a volunteer's account. The collective needs one of its own."
        raise ConflictError(message)
    if row_id is None:
        row_id = volunteers.add(
            session,
            name=name,
            lang="en",
            languages=(),
            limits=_NO_LIMITS,
            sectors=None,
            regions=None,
            token_hash=token_hash,
            charter_version="",
            now=now,
        )
        volunteers.update(session, row_id, state=VolunteerState.COLLECTIVE.value)
    volunteers.set_accounts(session, row_id, [(network, handle)])
    [account] = volunteers.get(session, row_id).accounts
    return account


def shares(session: Session, member_id: int) -> Mapping[int, Share]:
    """Give, by notice, the shares that bear on what is to be done: of active notices, posts that stand."""
    standing = and_(
        col(BoostRow.state) == BoostState.VERIFIED.value, func.substr(CallRow.target, 1, len(DRAFT)) == DRAFT
    )
    query = (
        select(BoostRow, CallRow, NoticeRow)
        .join(CallRow, col(CallRow.boost_id) == col(BoostRow.id))
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(
            BoostRow.volunteer_id == member_id,
            or_(
                col(NoticeRow.state) == NoticeState.ACTIVE.value,
                standing,
                # What a seeker has left this account out of since it was made.
                and_(
                    col(NoticeRow.by_collective).is_(False),
                    col(BoostRow.state) == BoostState.VERIFIED.value,
                ),
            ),
        )
        .order_by(col(BoostRow.id))
    )
    return {boost.notice_id: _share(boost, call, notice) for boost, call, notice in session.exec(query)}


def _share(boost: BoostRow, call: CallRow, notice: NoticeRow) -> Share:
    wanted = notice.by_collective and notice.state != NoticeState.CLOSED.value
    state = BoostState(boost.state)
    return Share(boost.id or 0, boost.notice_id, state, call.target, notice.revision, wanted=wanted)


def leftovers(session: Session, called: Collection[str]) -> list[Leftover]:
    """Give what is to go and cannot be taken back: its token is gone, its network said no or is not called.

    So does what is in doubt then: nobody can be asked whether it is there.
    """
    query = (
        select(BoostRow, CallRow, NoticeRow, AccountRow)
        .join(CallRow, col(CallRow.boost_id) == col(BoostRow.id))
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .join(AccountRow, col(AccountRow.id) == col(CallRow.account_id))
        .outerjoin(AccessRow, col(AccessRow.account_id) == col(CallRow.account_id))
        .where(
            BoostRow.mode == Mode.COLLECTIVE.value,
            col(BoostRow.state).in_([BoostState.UNDOING.value, BoostState.UNCERTAIN.value]),
            or_(
                col(CallRow.next_at).is_(None),
                col(AccessRow.account_id).is_(None),
                col(AccessRow.lost_at).is_not(None),
                col(BoostRow.network).not_in(list(called)),
            ),
        )
        .order_by(func.coalesce(BoostRow.ended_at, CallRow.uncertain_since), col(BoostRow.id))
    )
    rows = list(session.exec(query))
    asked_back = recalls.asked(session, [boost.id or 0 for boost, *_ in rows])
    found = []
    for boost, call, notice, account in rows:
        share = _share(boost, call, notice)
        in_doubt = share.state is BoostState.UNCERTAIN
        if in_doubt and not _unwanted(share, notice) and share.boost_id not in asked_back:
            continue
        whose = Account(account.id or 0, account.volunteer_id, account.network, account.handle)
        since = call.uncertain_since if in_doubt else boost.ended_at
        found.append(
            Leftover(share.boost_id, share.notice_id, whose, call.remote_id, share.published, since, in_doubt)
        )
    return found


def _unwanted(share: Share, notice: NoticeRow) -> bool:
    """Whether what may be there is to go; a boost of a seeker's own post may outlive its notice."""
    return share.outlived if share.published else not notice.by_collective


def forget_gone(session: Session) -> None:
    """Erase what networks called that which is not there, or not any more, once its notice is erased."""
    gone = (
        select(BoostRow.id)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(
            BoostRow.mode == Mode.COLLECTIVE.value,
            col(BoostRow.state).in_([state.value for state in _NOT_THERE]),
            NoticeRow.title == "",
        )
    )
    named = or_(col(CallRow.target) != "", col(CallRow.remote_id) != "")
    of_these = col(CallRow.boost_id).in_(gone)
    session.exec(update(CallRow).where(of_these, named).values(target="", remote_id=""))


def due(
    session: Session,
    account: Account,
    notice_id: int,
    *,
    at: datetime,
    expires_at: datetime | None,
    how: str,
    again: int | None = None,
) -> int:
    """Let the account share a notice from a moment on; give the boost.

    `again`: the boost of that notice that is not there any more, or never was. `how` is kept as the reason.
    """
    reason = {"collective": how}
    if again is None:
        again = boosts.plan(
            session,
            notice_id=notice_id,
            volunteer_id=account.volunteer_id,
            account_id=account.id,
            network=account.network,
            mode=Mode.COLLECTIVE,
            due_at=at,
            reason=reason,
        )
        boosts.move(session, again, BoostState.DUE, expires_at=expires_at)
    else:
        _anew(session, again, account_id=account.id, due_at=at, expires_at=expires_at, reason=reason)
    calls.open_call(session, again, Action.BOOST, at)
    return again


def _anew(session: Session, boost_id: int, **values: Any) -> None:
    """Make a boost due again that was cancelled, expired or taken back: nobody was asked, none is there."""
    row, call = session.get(BoostRow, boost_id), session.get(CallRow, boost_id)
    assert row is not None, "the caller has just read it"
    assert call is not None, "it was due"
    row.sqlmodel_update({**values, "state": BoostState.DUE.value, "ended_at": None})
    call.target = call.remote_id = ""
    call.at, call.attempts = None, 0
    session.add_all([row, call])
    session.flush()


def of_notice(session: Session, notice_id: int) -> list[tuple[str, datetime]]:
    """Give where and when the collective's accounts shared a notice, oldest first."""
    query = select(BoostRow.network, BoostRow.ended_at).where(
        BoostRow.notice_id == notice_id,
        BoostRow.mode == Mode.COLLECTIVE.value,
        col(BoostRow.state).in_([state.value for state in DONE_STATES]),
    )
    found = session.exec(query.order_by(col(BoostRow.ended_at)))
    return [(network, at) for network, at in found if at is not None]


def tally(session: Session) -> dict[tuple[str, BoostState], int]:
    """Count the shares by network and state."""
    query = select(BoostRow.network, BoostRow.state, func.count()).where(
        BoostRow.mode == Mode.COLLECTIVE.value
    )
    rows = session.exec(query.group_by(col(BoostRow.network), col(BoostRow.state)))
    return {(network, BoostState(state)): count for network, state, count in rows}


def done(session: Session) -> tuple[int, int]:
    """Count the shares made, and the seekers whose notices they were."""
    query = (
        select(func.count(), func.count(func.distinct(NoticeRow.person_id)))
        .select_from(BoostRow)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(
            BoostRow.mode == Mode.COLLECTIVE.value,
            col(BoostRow.state).in_([state.value for state in DONE_STATES]),
        )
    )
    return session.exec(query).one()
