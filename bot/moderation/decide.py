"""A person says yes or no: claim, decision, undo within its window, and the seeker's one recourse."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.errors import ConflictError, UsageError
from bot.model.boost import BoostState
from bot.model.calls import Action
from bot.model.journal import CLI, DAEMON, Actor
from bot.model.moderation import Claim, Decision, Reason, Verdict
from bot.model.notice import LIVE_STATES, CloseReason, Consent, Notice, NoticeState
from bot.model.policy import NO_POLICIES, Policies, modes_of
from bot.model.text import N_, Message
from bot.moderation import effects, rules
from bot.moderation.effects import ACCEPTS
from bot.settings import Settings
from bot.storage import (
    Session,
    admins,
    boosts,
    calls,
    cases,
    claims,
    journal,
    notices,
    reports,
)

NOTE_MAX = 400
NOT_ASKED = N_(
    "This post was found by its hashtag; its author has not asked. "
    "The policy of its network or instance does not allow this."
)
AS_IT_IS: Mapping[str, str | None] = MappingProxyType({})
_ALL = 100_000

ACTIONS = {
    Verdict.ACCEPT: "notice.accepted",
    Verdict.ACCEPT_FIXED: "notice.accepted_fixed",
    Verdict.ASK: "notice.change_asked",
    Verdict.LATER: "notice.postponed",
    Verdict.REFUSE: "notice.refused",
}
_ALREADY = {
    Verdict.ACCEPT: N_("Already accepted by %(name)s."),
    Verdict.ACCEPT_FIXED: N_("Already accepted by %(name)s."),
    Verdict.ASK: N_("%(name)s has already asked for a change."),
    Verdict.LATER: N_("%(name)s has put it off until later."),
    Verdict.REFUSE: N_("Already refused by %(name)s."),
}


def claim(session: Session, notice_id: int, *, admin_id: int, now: datetime, hold: timedelta) -> Claim:
    """Reserve a notice for `hold`, letting go of any other; a claim that ran out is taken over.

    Claims leave no line in the journal: they decide nothing and are made by opening a page.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it is no longer to be read, or somebody else reads it.
    """
    _readable(session, notices.get(session, notice_id))
    held = _held(session, notice_id, admin_id, now)
    since = held.since if held else now
    claims.take(session, notice_id, admin_id, since, now + hold)
    return claims.held(session, now)[notice_id]


def decide(
    session: Session,
    notice_id: int,
    verdict: Verdict,
    *,
    reason: Reason | None = None,
    note: str = "",
    match: Mapping[str, str | None] = AS_IT_IS,
    whose: int | None = None,
    revision: int | None = None,
    settings: Settings,
    policies: Policies = NO_POLICIES,
    admin_id: int | None,
    now: datetime,
    undo: timedelta,
) -> Decision:
    """Decide on a notice that waits or was reported; boosts start when `undo` is over.

    `match` corrects `sector` or `region` (None: any). `whose`: see `bot.moderation.whose`. `revision` is the
    one that was read. `admin_id` None decides from the command line. Sending it twice gives the first one.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: somebody else decided or reads it, the words have changed, the reason tells of a twin,
            or another notice of its person has not ended.
        UsageError: no reason, too long a note, nothing to remove, or a found post's network forbids it.
    """
    notice = notices.get(session, notice_id)
    if (again := _same(session, notice, verdict, reason, admin_id, now - undo)) is not None:
        return again
    _readable(session, notice)
    held = _held(session, notice_id, admin_id, now)
    effects.keep_quiet(session, notice, reason)
    _check(notice, verdict, reason, note, revision, policies)
    before = effects.carry_out(
        session, notice, verdict, match=match, whose=whose, settings=settings, now=now, undo=undo
    )
    waited_s = max(1, round((now - held.since).total_seconds())) if held else 0
    claims.drop(session, notice_id)
    cases.forget_before(session, now - undo)
    answer = Decision(0, notice_id, admin_id, verdict, reason, note.strip(), now)
    made = cases.add_decision(session, answer, waited_s=waited_s, before=before)
    _note(session, now, admin_id, ACTIONS[verdict], made)
    return made


def undo(
    session: Session, decision_id: int, *, admin_id: int | None, now: datetime, undo: timedelta
) -> Decision:
    """Take a decision back: state, words, revision, dates, reports and boosts as they were.

    Raises:
        NotFoundError: there is no such decision.
        ConflictError: its window is over, it is not yours or not the last, or the notice has moved on.
    """
    made = cases.decision(session, decision_id)
    if made.undone_at is not None:
        raise ConflictError(Message(N_("This decision has already been taken back.")))
    if now - made.at > undo:
        raise ConflictError(
            Message(N_("Too late: a decision can be undone for %(n)s seconds only."), _s(undo))
        )
    if admin_id is not None and admin_id != made.admin_id:
        raise ConflictError(Message(N_("Only the person who decided can undo it.")))
    notice = notices.get(session, made.notice_id)
    before = cases.before_of(session, decision_id)
    last = cases.last_decision(session, made.notice_id)
    newest = last is not None and last.id == decision_id
    if not newest or not effects.still_hold(notice, before) or effects.too_late(session, notice, before):
        raise ConflictError(Message(N_("Too late: the notice has moved on since.")))
    if NoticeState(before["state"]) is NoticeState.PENDING:
        boosts.cancel(session, now, notice_id=notice.id)
    cases.restore(session, notice.id, before)
    reports.settle(session, before.get("reports", ()), None)
    revived = {int(boost_id): BoostState(state) for boost_id, state in before["boosts"].items()}
    for boost_id in boosts.revive(session, revived, now):
        calls.open_call(session, boost_id, Action.BOOST, now)
    undone = cases.mark_undone(session, decision_id, now)
    _note(session, now, admin_id, "notice.decision_undone", made)
    return undone


def allowed(notice: Notice, policies: Policies) -> frozenset[Verdict]:
    """Give the verdicts that consent and policy leave.

    A found post's author cannot be asked for a change, and it is accepted only where its network and instance
    allow a boost by hand of what carries the hashtag alone.
    """
    if notice.consent is Consent.ASKED:
        return frozenset(Verdict)
    may = ACCEPTS if modes_of(notice, policies) else frozenset()
    return frozenset({Verdict.LATER, Verdict.REFUSE} | may)


def recheck(session: Session, *, policies: Policies, now: datetime) -> int:
    """Bring found notices that the present policy allows no more back to the moderators; give how many."""
    back = 0
    for notice in notices.listed(session, states=LIVE_STATES, limit=_ALL):
        if notice.consent is Consent.FOUND and not modes_of(notice, policies):
            boosts.cancel(session, now, notice_id=notice.id)
            notices.move(session, notice.id, NoticeState.PENDING)
            journal.write(session, now, DAEMON, "notice.policy_changed", f"notice:{notice.id}")
            back += 1
    return back


def obstacle(session: Session, notice: Notice, *, admin_id: int, now: datetime) -> Message | None:
    """Give why this admin cannot decide on a notice now, or None."""
    try:
        _readable(session, notice)
        _held(session, notice.id, admin_id, now)
    except ConflictError as error:
        message: Message = error.args[0]
        return message
    return None


def may_contest(session: Session, notice: Notice) -> bool:
    """Whether its seeker may still ask the moderators to look at a refused notice again."""
    return (
        notice.state is NoticeState.CLOSED
        and notice.close_reason is CloseReason.REFUSED
        and not notice.erased
        and not cases.last_noted(session, [notice.id], cases.CONTESTED)
    )


def contest(session: Session, notice_id: int, *, now: datetime) -> Notice:
    """Bring a refused notice back to the moderators, marked "asks again"; once for each notice.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it was not refused, or was contested before.
    """
    notice = notices.get(session, notice_id)
    if not may_contest(session, notice):
        raise ConflictError(Message(N_("A refusal can be contested once. You can send a new notice.")))
    cases.snooze(session, notice_id, None)
    pending = notices.move(
        session,
        notice_id,
        NoticeState.PENDING,
        close_reason=None,
        closed_at=None,
        before_close=None,
        alive_at=now,
    )
    journal.write(session, now, Actor("seeker", notice.seeker_id), cases.CONTESTED, f"notice:{notice_id}")
    return pending


def _s(span: timedelta) -> dict[str, int]:
    return {"n": round(span.total_seconds())}


def _name(session: Session, admin_id: int | None) -> Message | str:
    names = {admin.id: admin.name for admin in admins.listed(session)}
    return names.get(admin_id or 0) or Message(N_("somebody on the command line"))


def _same(
    session: Session,
    notice: Notice,
    verdict: Verdict,
    reason: Reason | None,
    admin_id: int | None,
    since: datetime,
) -> Decision | None:
    """Give the decision that this one repeats: a double click or a form sent twice."""
    last = cases.last_decision(session, notice.id)
    if last is None or last.at < since or admin_id is None or last.admin_id != admin_id:
        return None
    unmoved = effects.still_hold(notice, cases.before_of(session, last.id))
    return last if unmoved and (last.verdict, last.reason) == (verdict, reason) else None


def _readable(session: Session, notice: Notice) -> None:
    if notice.state is NoticeState.PENDING:
        return
    if notice.state in LIVE_STATES and reports.unsettled(session, [notice.id]):
        return
    last = cases.last_decision(session, notice.id)
    if last is None or notice.close_reason not in {None, CloseReason.REFUSED}:
        raise ConflictError(Message(N_("Its seeker has ended this notice; there is nothing to decide.")))
    raise ConflictError(Message(_ALREADY[last.verdict], {"name": _name(session, last.admin_id)}))


def _held(session: Session, notice_id: int, admin_id: int | None, now: datetime) -> Claim | None:
    held = claims.held(session, now).get(notice_id)
    if held is not None and held.admin_id != admin_id:
        raise ConflictError(Message(N_("%(name)s is on it."), {"name": held.admin_name}))
    return held


def _check(
    notice: Notice,
    verdict: Verdict,
    reason: Reason | None,
    note: str,
    revision: int | None,
    policies: Policies,
) -> None:
    if revision is not None and revision != notice.revision:
        raise ConflictError(
            Message(N_("The words have changed since you opened this notice. Read it again."))
        )
    if len(note.strip()) > NOTE_MAX:
        raise UsageError(Message(N_("Keep the sentence to %(max)s characters."), {"max": NOTE_MAX}))
    if verdict is Verdict.REFUSE and reason is None:
        raise UsageError(Message(N_("Choose a reason; the person reads it.")))
    if verdict is Verdict.ASK and reason is None and not note.strip():
        raise UsageError(Message(N_("Choose a reason or write a sentence; the person reads it.")))
    if verdict is Verdict.ACCEPT_FIXED and rules.fixed(notice.words) == notice.words:
        raise UsageError(Message(N_("There is nothing to remove from this notice; accept it as it is.")))
    if verdict not in allowed(notice, policies):
        raise UsageError(Message(NOT_ASKED))


def _note(session: Session, now: datetime, admin_id: int | None, action: str, made: Decision) -> None:
    actor = CLI if admin_id is None else Actor("admin", admin_id)
    reason = {"reason": made.reason.value} if made.reason else {}
    journal.write(session, now, actor, action, f"notice:{made.notice_id}", decision=made.id, **reason)
