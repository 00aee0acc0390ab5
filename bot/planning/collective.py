"""What the collective's own account shares: every active notice whose seeker agreed, once on each network.

Nothing is allocated: the account serves everybody, the oldest first, within a cap and a spacing that delivery
holds. Its shares stand outside the levels by which volunteers are asked (docs/decisions/0077).
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from bot.model.boost import BoostState
from bot.model.journal import DAEMON
from bot.model.notice import Notice, PostRef
from bot.model.policy import Policies, collective_may
from bot.model.volunteer import Account
from bot.storage import Session, collective, journal, rounds
from bot.storage.collective import Share
from bot.trust.texts import NAMES_COLLECTIVE, PUBLISH_NOTICE

REPOST, PUBLISH = "repost", "publish"
"""Why it is shared so: the notice has a post on the network, or none at all."""


def plan(
    session: Session,
    *,
    policies: Policies,
    networks: Collection[str],
    publishing: Collection[str],
    now: datetime,
) -> int:
    """Make due what the connected accounts have not shared yet; give how many shares that are.

    `publishing`: the networks on which a notice without a post can be published.
    """
    connected = [
        one.account
        for one in collective.accounts(session)
        if one.connected and one.account.network in networks
    ]
    if not connected:
        return 0
    agreed = journal.agreed(session, PUBLISH_NOTICE.purpose, NAMES_COLLECTIVE)
    active = [notice for notice in rounds.active(session) if f"notice:{notice.id}" in agreed]
    made = 0
    for account in connected:
        shares, policy = collective.shares(session, account.volunteer_id), policies.get(account.network)
        publishes = account.network in publishing
        for notice in active:
            post = notice.post_on(account.network)
            if collective_may(notice, account, policy, post, publishes=publishes):
                made += _due(session, account, notice, post, shares, now)
    return made


def _due(
    session: Session,
    account: Account,
    notice: Notice,
    post: PostRef | None,
    shares: Mapping[int, Share],
    now: datetime,
) -> bool:
    """Let an account share a notice, unless it has, or is about to, or had and a post was taken back."""
    share, how = shares.get(notice.id), REPOST if post else PUBLISH
    if share is not None and not _free(share, how):
        return False
    boost_id = collective.due(
        session,
        account,
        notice.id,
        at=max(now, notice.opened_at or now),
        expires_at=notice.deadline,
        how=how,
        again=share.boost_id if share else None,
    )
    journal.write(session, now, DAEMON, "boost.due", f"boost:{boost_id}", notice=notice.id)
    return True


def _free(share: Share, how: str) -> bool:
    """Whether nothing of an earlier share is there: it was never made; or published, and deleted since."""
    never = share.state in {BoostState.CANCELLED, BoostState.EXPIRED}
    return never or (share.state is BoostState.UNDONE and how == PUBLISH)
