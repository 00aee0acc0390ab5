"""The collective's own account: connected by the operator, looked at, disconnected; what it made undone."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.delivery import tokens
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.journal import DAEMON, Actor
from bot.model.lane import Rest
from bot.model.policy import Policies
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.storage import Session, access, boosts, calls, collective, journal, lanes, recalls
from bot.storage.collective import Own
from bot.trust.links import hash_token, new_token
from bot.trust.vault import Sealer

LOOK = timedelta(days=1)
"""How often it is looked whether the account says that a program runs it."""
LOOK_AGAIN = timedelta(minutes=10)
"""The same, while it does not."""


def allows(policies: Policies, account: Account) -> bool:
    """Whether policy lets the collective's own account share from there."""
    policy = policies.get(account.network)
    return policy is not None and Mode.COLLECTIVE in policy.at(account.instance).modes


def refuse(policies: Policies, account: Account) -> None:
    """Let only accounts through that policy allows.

    Raises:
        ConflictError: it does not; the message says where it would.
    """
    if not allows(policies, account):
        where = f"config/networks/{account.network}.toml"
        message = f'{where} does not allow it: its `modes` must name "collective" for this account.'
        raise ConflictError(message)


def connect(
    session: Session,
    seal: Sealer,
    account: Account,
    token: Secret,
    *,
    name: str,
    policies: Policies,
    now: datetime,
    actor: Actor,
) -> Account:
    """Keep the token of the collective's account, which was just seen to carry its network's label.

    A former account there, and a former token, go back to the network. `name` is shown for it to admins.

    Raises:
        ConflictError: policy does not allow it, or the account is a volunteer's.
    """
    refuse(policies, account)
    fresh = hash_token(new_token())  # nobody has the link: the row has no page
    mine = collective.become(session, account.network, account.handle, name=name, token_hash=fresh, now=now)
    if access.of(session, mine.id) is not None:
        access.give_back(session, mine.id)
    tokens.give(session, seal, mine, token, mode=Mode.COLLECTIVE, now=now)
    access.label(session, mine.id, now, labelled=True)
    _go_on(session, mine, now)
    _note(session, "connected", mine, now, actor)
    return mine


def _go_on(session: Session, account: Account, now: datetime) -> None:
    """Take back, and ask for what is in doubt: there is a token again."""
    kinds = {BoostState.UNDOING: Action.UNDO, BoostState.UNCERTAIN: Action.BOOST}
    for boost in boosts.listed(session, volunteer_id=account.volunteer_id, states=kinds):
        if boost.account_id == account.id:
            calls.open_call(session, boost.id, kinds[boost.state], now)


def disconnect(session: Session, network: str, *, now: datetime, actor: Actor) -> bool:
    """Give the token back: nothing more is shared, what was shared stays. False: it was not connected.

    Raises:
        NotFoundError: the collective never had an account there.
    """
    own = of(session, network)
    if not access.give_back(session, own.account.id):
        return False
    boosts.cancel(session, now, volunteer_id=own.account.volunteer_id)
    _note(session, "disconnected", own.account, now, actor)
    return True


def of(session: Session, network: str) -> Own:
    """Give the collective's account on a network.

    Raises:
        NotFoundError: it never had one there.
    """
    for own in collective.accounts(session):
        if own.account.network == network:
            return own
    message = f"The collective has no account on {network}: bot collective connect {network} HANDLE"
    raise NotFoundError(message)


def to_look_at(session: Session, now: datetime | None) -> list[Own]:
    """Give the accounts whose label is to be looked at again; without a moment all that are connected."""
    return [own for own in collective.accounts(session) if _stale(own, now)]


def _stale(own: Own, now: datetime | None) -> bool:
    if own.access is None or own.access.lost_at is not None:
        return False
    if now is None:
        return True
    looks = [at for at in (own.access.labelled_at, own.access.unlabelled_at) if at is not None]
    wait = LOOK_AGAIN if own.access.unlabelled else LOOK
    return not looks or max(looks) + wait <= now


def looked(session: Session, account: Account, *, labelled: bool, now: datetime) -> None:
    """Note whether an account carries its network's label. Without it, nothing is shared until it does."""
    before = access.of(session, account.id)
    if before is None:
        return
    access.label(session, account.id, now, labelled=labelled)
    if labelled and before.unlabelled:
        lanes.rouse(session, now, [Rest.LABEL], [account.id])
    if labelled is before.unlabelled:
        _note(session, "labelled" if labelled else "unlabelled", account, now, DAEMON)


def take_back(session: Session, *, now: datetime) -> int:
    """Take back what the accounts should not stand for any more; give how much that is.

    A published notice is deleted when it has ended in whatever way, or its words have changed; everything is
    when its seeker left the account out. A boost of a seeker's own post else stays, as a volunteer's does.
    Where the account is not connected any more, it is among the leftovers from now on.
    """
    taken = 0
    collective.forget_gone(session)
    for own in collective.accounts(session):
        for share in collective.shares(session, own.account.volunteer_id).values():
            if share.state is BoostState.VERIFIED and share.outlived:
                boosts.move(session, share.boost_id, BoostState.UNDOING, ended_at=now)
                calls.open_call(session, share.boost_id, Action.UNDO, now)
                taken += 1
    return taken


def removed(session: Session, boost_id: int, *, called: Collection[str], now: datetime, actor: Actor) -> None:
    """Note that a leftover was removed by hand, on its network's own pages, or is not there.

    `called`: the networks that can be called; on others all that is to go is a leftover.

    Raises:
        NotFoundError: there is no such leftover.
    """
    for left in collective.leftovers(session, called):
        if left.boost_id == boost_id:
            boosts.move(session, boost_id, BoostState.UNDONE, ended_at=now)
            calls.change(session, [{"boost_id": boost_id, "next_at": None, "uncertain_since": None}])
            recalls.settle(session, now, boost_id)
            subject = f"boost:{boost_id}"
            journal.write(session, now, actor, "collective.removed", subject, notice=left.notice_id)
            return
    message = f"Nothing under the number {boost_id} is left to be removed: bot collective leftovers"
    raise NotFoundError(message)


def _note(session: Session, verb: str, account: Account, now: datetime, actor: Actor) -> None:
    subject = f"volunteer:{account.volunteer_id}"
    journal.write(session, now, actor, f"collective.{verb}", subject, network=account.network)
