"""A notice's round of boosts: when it may be renewed, how long an end can be taken back. Pure."""

from datetime import datetime, timedelta

from bot.model.notice import CloseReason, Notice, NoticeState

UNDO_FOUND = timedelta(hours=24)
"""How long "I found a job" can be taken back."""
RENEW_EARLY = timedelta(hours=24)
"""How long before the end of a round another may be asked for."""
PAUSE_MAX = timedelta(days=30)
"""How long a paused notice keeps its turn."""
PAUSED = "notice.paused"
RENEWED = "notice.renewed"
"""The journal's words; its lines hold when a pause began and how many boosts were done before a renewal."""


def may_renew(notice: Notice, now: datetime) -> bool:
    """Whether another round may be asked for: the last one ended, or ends within `RENEW_EARLY`."""
    if notice.state is NoticeState.CLOSED:
        return notice.close_reason is CloseReason.EXPIRED and not notice.erased
    active = notice.state is NoticeState.ACTIVE
    return active and notice.deadline is not None and notice.deadline - now <= RENEW_EARLY


def may_undo_found(notice: Notice, now: datetime) -> bool:
    """Whether "I found a job" can still be taken back."""
    found = notice.close_reason is CloseReason.FOUND_JOB
    return found and notice.closed_at is not None and now - notice.closed_at <= UNDO_FOUND
