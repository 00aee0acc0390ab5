"""What falls due: planned boosts become asked ones, asked ones without an answer expire."""

from bisect import insort
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.boost import BoostState
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.journal import DAEMON
from bot.model.match import account_for
from bot.model.notice import Notice
from bot.model.plan import Asked, Planned, next_free
from bot.model.volunteer import Account, Volunteer
from bot.settings import Settings
from bot.storage import Session, journal, rounds

HISTORY = timedelta(days=2)


def release(session: Session, *, settings: Settings, now: datetime) -> int:
    """Ask the volunteers whose planned boosts are due; give how many are asked.

    The plan may be old: the daemon was stopped, somebody paused, a notice ended. So every limit is checked
    again as of `now`, with the moment of asking, not the planned one: after hours without a daemon nobody
    gets more at once than their spacing allows. What may not be asked now is no longer planned, and the next
    round finds another moment or another volunteer.
    """
    due = rounds.planned(session, due_before=now)
    if not due:
        return 0
    gate = _Gate(session, settings, now)
    passed = [boost for boost in due if gate.passes(boost)]
    good = {boost.id for boost in passed}
    rounds.unplan(session, [boost.id for boost in due if boost.id not in good])
    rounds.ask(session, good, now, now + timedelta(hours=settings.patience_h))
    for boost in passed:
        journal.write(session, now, DAEMON, "boost.asked", f"boost:{boost.id}", notice=boost.notice_id)
    return len(passed)


def expire(session: Session, *, now: datetime) -> int:
    """End the asked boosts whose time is up; give how many.

    An expired boost no longer counts for its notice, so that another volunteer is asked; the one who did not
    answer is not asked for this notice again.
    """
    ids = rounds.expire(session, now)
    for boost_id in ids:
        journal.write(session, now, DAEMON, "boost.expired", f"boost:{boost_id}")
    return len(ids)


class _Gate:
    """Every hard limit at one moment, counting what has passed the gate itself."""

    def __init__(self, session: Session, settings: Settings, now: datetime) -> None:
        self._now = now
        self._spacing = timedelta(minutes=settings.notice_spacing_min)
        self._day_max = settings.notice_day_max
        self._networks = frozenset(settings.networks)
        self._notices = {notice.id: notice for notice in rounds.active(session)}
        self._volunteers = {volunteer.id: volunteer for volunteer in rounds.roster(session)}
        self._asks = defaultdict[int, list[datetime]](list)
        self._boosts = defaultdict[int, list[datetime]](list)
        self._pairs = set[tuple[int, int]]()
        for boost in rounds.asked(session, now - HISTORY):
            self._note(boost)

    def passes(self, boost: Planned) -> bool:
        """Whether the boost may be asked now; if so, it counts for those that follow."""
        notice = self._notices.get(boost.notice_id)
        volunteer = self._volunteers.get(boost.volunteer_id)
        if notice is None or volunteer is None:
            return False
        good = self._fits(boost, notice, volunteer) and self._rested(volunteer) and self._free(notice)
        if good:
            self._note(Asked(boost.notice_id, boost.volunteer_id, self._now, BoostState.ASKED))
        return good

    def _note(self, boost: Asked) -> None:
        self._pairs.add((boost.notice_id, boost.volunteer_id))
        insort(self._asks[boost.volunteer_id], boost.at)
        if boost.counted:
            insort(self._boosts[boost.notice_id], boost.at)

    def _fits(self, boost: Planned, notice: Notice, volunteer: Volunteer) -> bool:
        """The notice is active and open, the volunteer may take it with this account and was not asked."""
        accounts = tuple(a for a in volunteer.accounts if a.network in self._networks)
        account = account_for(
            notice,
            replace(volunteer, accounts=accounts),
            self._now,
            asked=(notice.id, volunteer.id) in self._pairs,
        )
        return isinstance(account, Account) and account.id == boost.account_id

    def _rested(self, volunteer: Volunteer) -> bool:
        """Cap, spacing and quiet hours of the volunteer allow an ask now."""
        limits, asks = volunteer.limits, self._asks[volunteer.id]
        today = local_day(limits, self._now)
        return (
            not in_quiet_hours(limits, self._now)
            and sum(local_day(limits, at) == today for at in asks) < limits.cap_day
            and (not asks or self._now - asks[-1] >= spacing(limits))
        )

    def _free(self, notice: Notice) -> bool:
        """Demand, spacing and daily maximum of the notice allow a boost now."""
        boosts = self._boosts[notice.id]
        free = next_free(boosts, self._spacing, self._day_max)
        return len(boosts) < notice.demand and (free is None or free <= self._now)
