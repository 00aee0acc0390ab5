"""How the collective's own accounts stand: whose they are, their label, what they share. Never a token."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.model.boost import CALLED_STATES, DONE_STATES, BoostState, Mode
from bot.model.policy import Policies
from bot.model.volunteer import Access
from bot.networks import every
from bot.storage import Session, collective


@dataclass(frozen=True, slots=True)
class Standing:
    """The collective's account on one network.

    `handle` is empty where there never was one, `access` None where it is not connected; `allowed`: policy
    lets it share from there.
    """

    network: str
    allowed: bool
    handle: str
    access: Access | None
    made: int
    coming: int
    failed: int

    @property
    def works(self) -> bool:
        """Whether it shares: allowed, connected, labelled."""
        access = self.access
        return self.allowed and access is not None and access.lost_at is None and not access.unlabelled


def standings(session: Session, policies: Policies) -> list[Standing]:
    """Look at the networks where policy allows such an account, or where there is one."""
    own = {one.account.network: one for one in collective.accounts(session)}
    tally = collective.tally(session)

    def count(network: str, states: Iterable[BoostState]) -> int:
        return sum(tally.get((network, state), 0) for state in states)

    found = []
    for network, policy in policies.items():
        one = own.get(network)
        here = policy.at(one.account.instance) if one else policy
        allowed = Mode.COLLECTIVE in here.modes
        if allowed or one is not None:
            found.append(
                Standing(
                    network,
                    allowed,
                    one.account.handle if one else "",
                    one.access if one else None,
                    made=count(network, DONE_STATES),
                    coming=count(network, CALLED_STATES),
                    failed=count(network, [BoostState.FAILED]),
                )
            )
    return found


class Leftover(NamedTuple):
    """What has to be removed by hand. `what` is `post` or `boost`; `url` leads there, or to the account.

    `in_doubt`: nobody knows whether it is there; it has to be looked for.
    """

    boost: int
    notice: int
    network: str
    account: str
    what: str
    url: str
    since: datetime | None
    in_doubt: bool


def leftovers(session: Session, called: Collection[str]) -> list[Leftover]:
    """Give what the collective's accounts made that nothing here can take away any more, oldest first.

    On networks that are not used any more too: `called` are those that are.
    """
    return [
        Leftover(
            one.boost_id,
            one.notice_id,
            one.account.network,
            one.account.handle,
            "post" if one.published else "boost",
            every()[one.account.network].account_url(one.account, one.remote_id if one.published else ""),
            one.since,
            one.in_doubt,
        )
        for one in collective.leftovers(session, called)
    ]
