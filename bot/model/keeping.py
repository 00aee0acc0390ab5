"""How long a notice's words are kept. Pure; everything else that is kept: `bot.privacy.rules`."""

from datetime import datetime, timedelta

from bot.model.notice import CloseReason, Notice, NoticeState

ENDED_KEPT = timedelta(hours=24)
"""After a job was found, the notice taken back or its post gone: as long as such an end can be undone."""
SILENT_KEPT = timedelta(days=60)
"""After the last sign of its seeker; they may ask for as much again."""
WORDS_MOST = timedelta(days=365)
"""After it was sent, whatever was asked: half of what the CNIL allows recruiters."""
REMIND = timedelta(days=7)
"""How long before the end of its keeping its page offers to keep it longer."""
FOR_GOOD = frozenset({CloseReason.FOUND_JOB, CloseReason.WITHDRAWN, CloseReason.SOURCE_GONE})
"""Ends after which nothing more is done with the words."""


def kept_until(notice: Notice) -> datetime:
    """Give the moment from which the words of a notice are erased."""
    most = min((notice.alive_at or notice.created_at) + SILENT_KEPT, notice.created_at + WORDS_MOST)
    if notice.close_reason in FOR_GOOD and notice.closed_at is not None:
        return min(most, notice.closed_at + ENDED_KEPT)
    return most


def may_keep(notice: Notice, now: datetime) -> bool:
    """Whether its seeker may ask that the words are kept longer: soon erased, and more can be had."""
    if notice.state is NoticeState.CLOSED and notice.close_reason in FOR_GOOD:
        return False
    until = kept_until(notice)
    return now >= until - REMIND and until < notice.created_at + WORDS_MOST
