"""What becomes of a notice after it was sent: changed, paused, renewed, ended. Each act is one transaction.

Whatever ends or stops a notice also drops its planned boosts and cancels those that volunteers still have
before them, in the same transaction.
"""

from datetime import datetime, timedelta

from bot.errors import ConflictError
from bot.intake import beside, known
from bot.intake.form import Draft
from bot.intake.submit import LEFT_OUT, match, record_yes
from bot.model.boost import DONE_STATES
from bot.model.journal import DAEMON, Actor
from bot.model.keeping import may_keep
from bot.model.notice import CloseReason, Consent, Notice, NoticeState
from bot.model.rounds import PAUSE_MAX, PAUSED, RENEWED, may_renew, may_undo_found
from bot.model.text import N_, Message
from bot.settings import Settings
from bot.storage import Session, boosts, cases, journal, notices, recalls, seekers
from bot.trust.links import Keyring, hash_token, new_token
from bot.trust.texts import PUBLISH_NOTICE, SHOW_ADDRESS, SHOW_FIRST_NAME

_EVERY = 1_000_000
ASKED_MAX = timedelta(days=30)
"""How long a moderator's question waits for its seeker before the notice ends and frees their place."""


def edit(
    session: Session, notice_id: int, draft: Draft, *, keys: Keyring, now: datetime, actor: Actor
) -> Notice:
    """Replace the words and the post; a moderator reads them again before anybody else does.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended.
    """
    notice = _changeable(session, notice_id)
    boosts.cancel(session, now, notice_id=notice_id)
    notices.set_words(session, notice_id, draft.words)
    notices.set_posts(session, notice_id, [draft.post] if draft.post else [])
    _set_answer_to(session, notice, draft.answer_to, now)
    guess = match(draft.words)
    notices.set_match(session, notice_id, sector=guess.sector, region=guess.region)
    known.anew(session, notice, draft, keys)
    changed = notices.move(session, notice_id, NoticeState.PENDING, snoozed_until=None)
    _note(session, now, actor, "notice.changed", notice, revision=changed.revision)
    return changed


def confirm(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """Record the yes of a person whose post was found: they opened their link and said so.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended, or the yes is on record already.
    """
    notice = notices.get(session, notice_id)
    if notice.state is NoticeState.CLOSED or notice.consent is Consent.ASKED:
        raise ConflictError(Message(N_("There is nothing left to confirm for this notice.")))
    confirmed = notices.update(session, notice_id, consent=Consent.ASKED)
    record_yes(session, confirmed, PUBLISH_NOTICE, now=now, act="confirm_link")
    _note(session, now, actor, "notice.confirmed", notice)
    return confirmed


def leave_out(session: Session, notice_id: int, *, wanted: bool, now: datetime, actor: Actor) -> Notice:
    """Let the collective's own account share the notice, or not any more: what it made is then undone.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended.
    """
    notice = _changeable(session, notice_id)
    changed = notices.update(session, notice_id, by_collective=wanted)
    _note(session, now, actor, "notice.collective_let" if wanted else LEFT_OUT, notice)
    return changed


def withdraw(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """End the notice because its seeker takes it back; the consent is withdrawn, both addresses are erased.

    What the bot boosted is undone by the bot. By what the person is recognised stays for as long as their
    boosts are carried over: see `bot.privacy.rules`.

    A notice whose round is over, or that was refused, may be taken back too: consent ends when its giver says
    so, who may not have read the refusal yet.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended in another way.
    """
    if notices.get(session, notice_id).close_reason not in {CloseReason.EXPIRED, CloseReason.REFUSED}:
        _end(session, notice_id, CloseReason.WITHDRAWN, now)
    ended = {"close_reason": CloseReason.WITHDRAWN, "closed_at": now}
    notice = notices.update(session, notice_id, answer_to="", **ended)
    journal.withdraw_consent(session, now, f"notice:{notice_id}")
    seekers.forget_email(session, notice.seeker_id)
    recalls.by_bot(session, now, notice_id)
    _note(session, now, actor, "notice.withdrawn", notice)
    return notice


def found_job(session: Session, notice_id: int, *, show_name: bool, now: datetime, actor: Actor) -> Notice:
    """End the notice because its seeker found a job. `show_name` is a yes to the impact page.

    No name is shown that no moderator has accepted. A notice whose round is over may still be told a happier
    end.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended in another way.
    """
    if notices.get(session, notice_id).close_reason is not CloseReason.EXPIRED:
        _end(session, notice_id, CloseReason.FOUND_JOB, now)
    show_name = show_name and cases.as_accepted(session, notice_id)
    notice = notices.update(
        session, notice_id, close_reason=CloseReason.FOUND_JOB, closed_at=now, show_name=show_name
    )
    if show_name:
        record_yes(session, notice, SHOW_FIRST_NAME, now=now, act="found_job")
    _note(session, now, actor, "notice.found_job", notice)
    return notice


def undo_found_job(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """Take "I found a job" back within a day.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: too late, or it did not end that way.
    """
    notice = notices.get(session, notice_id)
    closed_at = notice.closed_at
    if closed_at is None or not may_undo_found(notice, now):
        raise ConflictError(
            Message(N_("This can be taken back for 24 hours only. You can send a new notice."))
        )
    reopened = beside.reopen(session, notice_id)
    journal.withdraw_consent(session, now, f"notice:{notice_id}", SHOW_FIRST_NAME.purpose)
    # The time away does not count against the round.
    deadline = reopened.deadline + (now - closed_at) if reopened.deadline else None
    reopened = notices.update(session, notice_id, show_name=False, deadline=deadline)
    _note(session, now, actor, "notice.found_job_undone", notice)
    return reopened


def pause(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """Stop the boosts for a while; the rest of the round is kept for `bot.model.rounds.PAUSE_MAX`.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it is not going round.
    """
    _changeable(session, notice_id)
    notice = notices.move(session, notice_id, NoticeState.PAUSED)
    boosts.cancel(session, now, notice_id=notice_id)
    _note(session, now, actor, PAUSED, notice)
    return notice


def resume(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """Let a paused notice go round again, its deadline later by the length of the pause.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it is not paused.
    """
    notice = notices.get(session, notice_id)
    if notice.state is not NoticeState.PAUSED:
        raise ConflictError(Message(N_("This notice is not paused.")))
    since = paused_since(session, notice_id) or now
    deadline = notice.deadline + (now - since) if notice.deadline else None
    notice = notices.move(session, notice_id, NoticeState.ACTIVE, deadline=deadline)
    _note(session, now, actor, "notice.resumed", notice)
    return notice


def renew(session: Session, notice_id: int, *, settings: Settings, now: datetime, actor: Actor) -> Notice:
    """Begin another round with the words as they were accepted: as many boosts again, `round_days` more.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: its round is not over.
    """
    notice = notices.get(session, notice_id)
    if not may_renew(notice, now):
        raise ConflictError(
            Message(N_("Another round can be asked for on the last day of this one, or after."))
        )
    if notice.state is NoticeState.CLOSED:
        notice = beside.reopen(session, notice_id)
    if notice.state is NoticeState.PAUSED:
        notice = notices.move(session, notice_id, NoticeState.ACTIVE)
    begin = max(now, notice.deadline or now)
    done = len(boosts.listed(session, notice_id=notice_id, states=DONE_STATES, volunteers_only=True))
    notice = notices.update(
        session,
        notice_id,
        deadline=begin + timedelta(days=settings.round_days),
        demand=done + settings.boosts_wanted,
    )
    _note(session, now, actor, RENEWED, notice, done=done)
    return notice


def keep(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> Notice:
    """Keep the words longer, because their seeker says so; nothing else changes.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: they are not soon erased, or may not be kept longer.
    """
    notice = notices.get(session, notice_id)
    if notice.erased or not may_keep(notice, now):
        raise ConflictError(Message(N_("A notice can be kept longer in its last week only.")))
    _note(session, now, actor, "notice.kept", notice)
    return notice


def close_overdue(session: Session, *, now: datetime) -> int:
    """End the notices whose round is over, or whose pause or asked change waits too long; give how many."""
    ended = 0
    states = [NoticeState.ACTIVE, NoticeState.PAUSED, NoticeState.ASKED]
    for notice in notices.listed(session, states=states, limit=_EVERY):
        if notice.state is NoticeState.ASKED:
            over = notice.created_at + ASKED_MAX <= now and not _touched_since(
                session, notice, now - ASKED_MAX
            )
        elif notice.state is NoticeState.PAUSED:
            since = paused_since(session, notice.id)
            over = since is not None and since + PAUSE_MAX <= now
        else:
            over = notice.deadline is not None and notice.deadline <= now
        if over:
            _end(session, notice.id, CloseReason.EXPIRED, now)
            _note(session, now, DAEMON, "notice.expired", notice)
            ended += 1
    return ended


def _touched_since(session: Session, notice: Notice, moment: datetime) -> bool:
    last = journal.read(session, subject=f"notice:{notice.id}", action="notice.", limit=1)
    return bool(last) and last[0].at > moment


def issue_link(session: Session, notice_id: int, *, now: datetime, actor: Actor) -> str:
    """Give the token of a new status link; the former link opens nothing any more.

    Raises:
        NotFoundError: there is no such notice.
    """
    notice = notices.get(session, notice_id)
    token = new_token()
    notices.update(session, notice_id, token_hash=hash_token(token))
    _note(session, now, actor, "notice.link_issued", notice)
    return token


def paused_since(session: Session, notice_id: int) -> datetime | None:
    """Give when the last pause of a notice began."""
    entries = journal.read(session, subject=f"notice:{notice_id}", action=PAUSED, limit=1)
    return entries[0].at if entries else None


def _changeable(session: Session, notice_id: int) -> Notice:
    """Give a notice that has not ended.

    Raises:
        NotFoundError: there is no such notice.
        ConflictError: it has ended.
    """
    notice = notices.get(session, notice_id)
    if notice.state is NoticeState.CLOSED:
        raise ConflictError(Message(N_("This notice has ended; it cannot be changed any more.")))
    return notice


def _set_answer_to(session: Session, notice: Notice, address: str, now: datetime) -> None:
    """Show another address on the share page, or none; each has a yes of its own."""
    if address == notice.answer_to:
        return
    journal.withdraw_consent(session, now, f"notice:{notice.id}", SHOW_ADDRESS.purpose)
    notice = notices.update(session, notice.id, answer_to=address)
    if address:
        record_yes(session, notice, SHOW_ADDRESS, now=now, act="change_notice")


def _end(session: Session, notice_id: int, why: CloseReason, now: datetime) -> Notice:
    notice = notices.close(session, notice_id, why, now)
    boosts.cancel(session, now, notice_id=notice_id)
    return notice


def _note(session: Session, now: datetime, actor: Actor, action: str, notice: Notice, **details: int) -> None:
    if actor != DAEMON:
        notices.update(session, notice.id, alive_at=now)
    if actor.kind == "seeker" and actor.id is None:
        actor = Actor("seeker", notice.seeker_id)
    journal.write(session, now, actor, action, f"notice:{notice.id}", **details)
