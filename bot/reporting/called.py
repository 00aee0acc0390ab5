"""What is made in a volunteer's name: on its way, made, not made, taken back; as the inbox shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.boost import CALLED_STATES, Boost, BoostState
from bot.model.day import local_day
from bot.model.notice import Notice
from bot.model.text import Message
from bot.networks import Network
from bot.reporting import explain
from bot.reporting.answers import label_of
from bot.storage import Session, boosts, calls, notices, volunteers

SOON = timedelta(minutes=1)
"""A call that comes by then is shown as coming now."""
_ENDS = frozenset({BoostState.FAILED, BoostState.UNDOING, BoostState.UNDONE})


@dataclass(frozen=True, slots=True)
class Called:
    """One boost by a call. `url` is the network's own page, to do it by hand; empty when there is none.

    `at` is when it is tried, None for now; `network` the name people know.
    """

    boost: Boost
    notice: Notice
    network: str
    url: str
    at: datetime | None
    why: Message

    @property
    def running(self) -> bool:
        """Whether it ends within seconds, so that looking again is worth it."""
        waits = self.boost.state in CALLED_STATES | {BoostState.UNDOING}
        return waits and self.at is None and self.boost.state is not BoostState.UNCERTAIN


def today(
    session: Session, volunteer_id: int, *, networks: Mapping[str, Network], now: datetime
) -> list[Called]:
    """Give what is being made now, and what ended otherwise than made, on the volunteer's local day.

    Raises:
        NotFoundError: there is no such volunteer.
    """
    volunteer = volunteers.get(session, volunteer_id)
    mine = boosts.listed(session, volunteer_id=volunteer_id, states=CALLED_STATES | _ENDS)
    day = local_day(volunteer.limits, now)

    def ended_today(boost: Boost) -> bool:
        return boost.ended_at is not None and local_day(volunteer.limits, boost.ended_at) == day

    shown = [boost for boost in mine if boost.state in CALLED_STATES or ended_today(boost)]
    found = notices.some(session, {boost.notice_id for boost in shown})
    open_calls = calls.of(session, [boost.id for boost in shown])
    accounts = {account.id: account for account in volunteer.accounts}
    made = []
    for boost in shown:
        notice, network = found[boost.notice_id], networks.get(boost.network)
        account = accounts.get(boost.account_id)
        post = notice.post_on(boost.network)
        url = network.boost_url(post, account) if post and network and account else ""
        call = open_calls.get(boost.id)
        at = call.next_at if call and call.next_at and call.next_at > now + SOON else None
        label, why = label_of(networks, boost.network), explain.why_asked(boost.reason)
        made.append(Called(boost, notice, label, url, at, why))
    return made
