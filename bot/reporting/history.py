"""What a volunteer was asked and how it ended, by local day. No ranking, no streak."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from bot.model.boost import Boost
from bot.model.day import local_day
from bot.model.notice import CloseReason
from bot.networks import Network
from bot.reporting.answers import label_of
from bot.storage import Session, boosts, notices, reports, volunteers

PAGE = 50


@dataclass(frozen=True, slots=True)
class Past:
    """One line of the history: `at` is when it was asked or, later, answered; `reported`: by them."""

    boost: Boost
    title: str
    network: str
    at: datetime
    found_job: bool
    reported: bool


@dataclass(frozen=True, slots=True)
class History:
    """One page of what a volunteer was asked, newest first, by local day."""

    days: tuple[tuple[date, tuple[Past, ...]], ...]
    page: int
    more: bool


def history(
    session: Session, volunteer_id: int, *, networks: Mapping[str, Network], page: int = 1
) -> History:
    """Give one page (from 1) of what a volunteer was asked.

    Raises:
        NotFoundError: there is no such volunteer.
    """
    volunteer = volunteers.get(session, volunteer_id)
    page = max(1, page)
    asked = boosts.past(session, volunteer_id, offset=(page - 1) * PAGE, limit=PAGE + 1)
    found = notices.some(session, {boost.notice_id for boost in asked})
    reported = reports.told_by(session, volunteer_id)
    lines = [
        Past(
            boost,
            found[boost.notice_id].words.title,
            label_of(networks, boost.network),
            boost.ended_at or boost.opened_at or boost.asked_at or boost.due_at,
            found[boost.notice_id].close_reason is CloseReason.FOUND_JOB,
            boost.notice_id in reported,
        )
        for boost in asked[:PAGE]
    ]
    days = groupby(lines, key=lambda past: local_day(volunteer.limits, past.boost.asked_at or past.at))
    return History(tuple((one, tuple(of_day)) for one, of_day in days), page, len(asked) > PAGE)
