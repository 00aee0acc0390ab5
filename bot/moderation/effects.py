"""What a decision does to its notice: words, state, dates, boosts, reports."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import ConflictError
from bot.model.boost import COMING_STATES
from bot.model.moderation import Reason, Verdict
from bot.model.notice import LIVE_STATES, CloseReason, Notice, NoticeState
from bot.model.plan import COUNTED_STATES
from bot.model.text import N_, Message
from bot.moderation import rules
from bot.moderation.whose import settle as settle_whose
from bot.settings import Settings
from bot.storage import Session, boosts, cases, notices, reports, seekers, twins

ACCEPTS = frozenset({Verdict.ACCEPT, Verdict.ACCEPT_FIXED})
SNOOZE = timedelta(hours=2)
"""How long "later" hides a notice."""


def carry_out(
    session: Session,
    notice: Notice,
    verdict: Verdict,
    *,
    match: Mapping[str, str | None],
    whose: int | None,
    settings: Settings,
    now: datetime,
    undo: timedelta,
) -> dict[str, Any]:
    """Do all that a verdict does to its notice; give what an undo needs: how it was, and how it is `after`.

    `match` corrects the `sector` or `region` of whom it is matched with; what it does not name stays.
    `whose`: the notice whose turns it has (`bot.moderation.whose`).

    Raises:
        UsageError: it cannot have these turns.
        ConflictError: it is accepted while another of its person has not ended.
    """
    before = cases.snapshot(session, notice.id)
    if verdict is not Verdict.LATER:
        before |= settle(session, notice.id, now)
    corrected = {"sector": notice.sector, "region": notice.region, **match}
    notices.set_match(session, notice.id, **corrected)
    if verdict in ACCEPTS and notice.state is NoticeState.PENDING:
        notice = settle_whose(session, notice, whose)
    before["boosts"] = apply(session, notice, verdict, settings=settings, now=now, undo=undo)
    return before | {"after": _mark(notices.get(session, notice.id))}


def still_hold(notice: Notice, before: Mapping[str, Any]) -> bool:
    """Whether a notice is as a decision left it; `before` is empty once the undo has run out."""
    return bool(before) and before["after"] == _mark(notice)


def too_late(session: Session, notice: Notice, before: Mapping[str, Any]) -> bool:
    """Whether an undo would bring back what was taken back since, or beside another of its person."""
    taken_back = notice.close_reason not in {None, CloseReason.REFUSED}
    goes_on = notice.state not in LIVE_STATES and NoticeState(before["state"]) in LIVE_STATES
    if taken_back or not goes_on:
        return taken_back
    return bool(notices.others_of(session, notice.person_id, besides=notice.id, states=LIVE_STATES))


def _mark(notice: Notice) -> list[str | int]:
    return [notice.state.value, notice.revision]


def keep_quiet(session: Session, notice: Notice, reason: Reason | None) -> None:
    """Let no reason tell a sender that a notice like theirs, perhaps somebody else's, is here.

    Raises:
        ConflictError: it would.
    """
    if reason is Reason.DUPLICATE and twins.of(session, [notice.id]):
        text = N_(
            "“Duplicate” would tell the sender of this notice that there is another, perhaps somebody "
            "else’s. Choose another reason, or leave it for later."
        )
        raise ConflictError(Message(text))


def settle(session: Session, notice_id: int, now: datetime) -> dict[str, list[int]]:
    """Settle the open reports about a notice, which goes round again if it may; give their ids."""
    found = reports.unsettled(session, [notice_id]).get(notice_id, [])
    ids = [report.id for report in found]
    if held := [report.at for report in found if not report.outside]:
        reports.give_back(session, notice_id, held[0], now)
    reports.settle(session, ids, now)
    return {"reports": ids}


def apply(
    session: Session, notice: Notice, verdict: Verdict, *, settings: Settings, now: datetime, undo: timedelta
) -> dict[str, str]:
    """Do what the verdict says; give the boosts it cancelled with their state before."""
    if verdict is Verdict.LATER:
        cases.snooze(session, notice.id, now + SNOOZE)
        return {}
    cases.snooze(session, notice.id, None)
    if verdict in ACCEPTS:
        if verdict is Verdict.ACCEPT_FIXED:
            notices.set_words(session, notice.id, rules.fixed(notice.words))
        if notice.state is NoticeState.PENDING:
            start = now + undo
            deadline, demand = _round(session, notice, settings, start)
            notices.move(
                session,
                notice.id,
                NoticeState.ACTIVE,
                opened_at=start,
                deadline=deadline,
                demand=demand,
            )
        return {}
    waiting = boosts.listed(session, notice_id=notice.id, states=COMING_STATES)
    boosts.cancel(session, now, notice_id=notice.id)
    if verdict is Verdict.REFUSE:
        notices.close(session, notice.id, CloseReason.REFUSED, now)
    else:
        notices.move(session, notice.id, NoticeState.PENDING)
        notices.move(session, notice.id, NoticeState.ASKED)
    return {str(boost.id): boost.state.value for boost in waiting}


def _round(session: Session, notice: Notice, settings: Settings, start: datetime) -> tuple[datetime, int]:
    """Give the end of the round and the boosts wanted in it.

    An edited notice has what it had left when it was edited. A new one of a person whose last round still
    goes on takes the rest of that round: sending again gains nothing, unless an admin has reset their account
    since. Any other has a round of its own.
    """
    changed = cases.since_accepted(session, [notice.id], [cases.CHANGED])[notice.id].get(cases.CHANGED)
    if notice.deadline is not None and changed is not None and notice.deadline > changed:
        return notice.deadline + (start - changed), notice.demand
    earlier = notices.last_round(session, notice.person_id, besides=notice.id)
    since = seekers.resets(session).get(notice.person_id)
    if earlier and since and earlier.first_opened_at and earlier.first_opened_at < since:
        earlier = None  # an admin let them begin anew
    if notice.first_opened_at is None and earlier and earlier.deadline and earlier.deadline > start:
        mine = boosts.listed(session, notice_id=earlier.id, states=COUNTED_STATES, volunteers_only=True)
        done = len(mine)
        return earlier.deadline, max(0, earlier.demand - done)
    return start + timedelta(days=settings.round_days), notice.demand
