"""How each boost will be made: the most that its volunteer, the policy and the notice's consent allow."""

from collections.abc import Iterable

from bot.model.boost import Mode
from bot.model.notice import Notice
from bot.model.policy import Policies, mode_for
from bot.model.volunteer import Account, Volunteer
from bot.planning.fairness import Assignment
from bot.storage import Session, access


class Modes:
    """The modes of the boosts of one round, or of one slot."""

    def __init__(
        self,
        session: Session,
        policies: Policies,
        notices: Iterable[Notice],
        people: Iterable[Volunteer],
    ) -> None:
        self._lent = access.lent(session)
        self._policies = policies
        self._notices = {notice.id: notice for notice in notices}
        self._accounts: dict[int, Account] = {a.id: a for v in people for a in v.accounts}

    def of(self, one: Assignment) -> Mode:
        """Give how a boost is made."""
        notice, lent = self._notices[one.notice_id], self._lent.get(one.account_id)
        post = notice.post_on(one.network)
        policy = self._policies.get(one.network)
        return mode_for(notice, self._accounts[one.account_id], lent, policy, post)
