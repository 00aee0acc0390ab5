"""Erasing what tells who somebody is. What stays are numbers: the counts and the planner's log need them."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select, update

from bot.model.notice import CloseReason, Contract, NoticeState
from bot.model.volunteer import VolunteerState
from bot.storage import boosts, calls, journal, notices, seekers
from bot.storage.plan_log import PlanLogRow, PlanSeenRow
from bot.storage.tables import (
    AccountRow,
    ClaimRow,
    DecisionRow,
    JournalRow,
    NoticeRow,
    PostRow,
    ReportRow,
    SeekerKeyRow,
    SeekerRow,
    VolunteerRow,
)

UNDONE = "notice.found_job_undone"
"""The journal's word for an end that was taken back."""

Subject = tuple[int, datetime]
"""A person's or a notice's number and since when there is one: together they are never used again."""
Ended = tuple[int, datetime, datetime]
"""The same, and when it ended."""


def notice(
    session: Session, notice_id: int, now: datetime, *, token_hash: str, slug: str, keep_name: bool = False
) -> None:
    """Erase the words, name, posts and addresses of a notice and its seeker; one that goes round ends.

    `token_hash` and `slug` are fresh ones that nobody was given. `keep_name`: the name and the personal link
    stay, because their owner agreed that the name is shown.
    """
    row = session.get(NoticeRow, notice_id)
    assert row is not None, "the caller has just found it"
    if NoticeState(row.state) is not NoticeState.CLOSED:
        notices.close(session, notice_id, CloseReason.EXPIRED, now)
        boosts.cancel(session, now, notice_id=notice_id)
    row.title = row.place = row.text = row.answer_to = ""
    row.remote, row.contract, row.share_slug = False, Contract.ANY, slug
    row.waiting = row.certificate = row.reached = row.before_close = row.snoozed_until = None
    if not keep_name:
        row.name, row.show_name, row.token_hash = "", False, token_hash
    session.add(row)
    calls.forget(session, notice_id=notice_id)
    session.exec(delete(PostRow).where(col(PostRow.notice_id) == notice_id))
    session.exec(delete(ClaimRow).where(col(ClaimRow.notice_id) == notice_id))
    of_notice = col(DecisionRow.notice_id) == notice_id
    session.exec(update(DecisionRow).where(of_notice).values(note="", before={}))
    session.exec(update(ReportRow).where(col(ReportRow.notice_id) == notice_id).values(why="", contact=""))
    journal.end_consents(session, now, f"notice:{notice_id}", besides="show_first_name" if keep_name else "")
    session.flush()
    seekers.forget_email(session, row.seeker_id)


def fingerprints(session: Session, seeker_ids: Iterable[int]) -> None:
    """Erase the keyed hashes by which seekers would be recognised."""
    session.exec(delete(SeekerKeyRow).where(col(SeekerKeyRow.seeker_id).in_(list(seeker_ids))))


def volunteer(session: Session, volunteer_id: int, *, alias: str) -> None:
    """Erase what `leave` leaves of a volunteer: words of reports, settings, a server that only they are on.

    `alias` stands for that server in the planner's log, so that it can still be replayed.
    """
    row = session.get(VolunteerRow, volunteer_id)
    assert row is not None, "the caller has just found it"
    row.cap_day, row.spacing_min = 1, 0
    calls.forget(session, volunteer_id=volunteer_id)
    session.add(row)
    mine = col(ReportRow.volunteer_id) == volunteer_id
    session.exec(delete(ReportRow).where(mine, col(ReportRow.settled_at).is_not(None)))
    for report in session.exec(select(ReportRow).where(mine)):
        # What it is about goes on to be read by a moderator; who said it, and in which words, does not.
        report.why, report.volunteer_id = report.why.partition(": ")[0], None
        session.add(report)
    session.flush()
    for instance in _own_instances(session, volunteer_id):
        _rename(session, instance, alias)
    session.exec(delete(PlanSeenRow).where(col(PlanSeenRow.subject) == f"volunteer:{volunteer_id}"))


def _own_instances(session: Session, volunteer_id: int) -> set[str]:
    """Give the servers that the planner's log names for this volunteer, and on which nobody else is."""
    query = select(PlanLogRow.data).where(PlanLogRow.subject == f"volunteer:{volunteer_id}")
    named = {instance for data in session.exec(query) for _, _, instance in data["accounts"] if instance}
    return {name for name in named if not _used(session, name)}


def _used(session: Session, instance: str) -> bool:
    query = select(AccountRow.id).where(
        col(AccountRow.active), col(AccountRow.handle).endswith(f"@{instance}", autoescape=True)
    )
    return session.exec(query.limit(1)).first() is not None


def _rename(session: Session, instance: str, alias: str) -> None:
    """Write `alias` for a server wherever the planner noted it: as a word of its own, or ending a circle."""
    for start in ('"', ":"):
        old, new = (f'{start}{json.dumps(name)[1:-1]}"' for name in (instance, alias))
        session.exec(
            update(PlanLogRow)
            .where(func.instr(PlanLogRow.data, old) > 0)
            .values(data=func.replace(PlanLogRow.data, old, new))
        )
        session.exec(
            update(NoticeRow)
            .where(func.instr(NoticeRow.reached, old) > 0)
            .values(reached=func.replace(NoticeRow.reached, old, new))
        )


# ---------- who and what there is, for the ledger ----------


def seekers_there(session: Session) -> list[Subject]:
    """Give the seekers of whom anything is kept beyond a number."""
    words = select(NoticeRow.seeker_id).where((NoticeRow.title != "") | (NoticeRow.name != ""))
    keys = select(SeekerKeyRow.seeker_id)
    query = select(SeekerRow.id, SeekerRow.created_at).where(
        col(SeekerRow.email).is_not(None) | col(SeekerRow.id).in_(words) | col(SeekerRow.id).in_(keys)
    )
    return [(number, at) for number, at in session.exec(query) if number is not None]


def seekers_known_as(session: Session) -> dict[int, set[int]]:
    """Give the numbers that the ledger may have each seeker under, their own among them.

    The one they shared before migration 0022, and the one it gives: it may not have parted them here.
    """
    query = select(SeekerRow.id, SeekerRow.parted_from, NoticeRow.id).outerjoin(
        NoticeRow, col(NoticeRow.seeker_id) == col(SeekerRow.id)
    )
    return {
        number: {number, shared or number, -notice_id if notice_id else number}
        for number, shared, notice_id in session.exec(query)
        if number is not None
    }


def seekers_parted_from(session: Session, seeker_id: int) -> list[int]:
    """Give the seekers who shared this number before migration 0022."""
    query = select(SeekerRow.id).where(SeekerRow.parted_from == seeker_id)
    return sorted(number for number in session.exec(query) if number is not None)


def seeker_since(session: Session, seeker_id: int) -> datetime | None:
    """Give since when there is this seeker; None: there is none."""
    row = session.get(SeekerRow, seeker_id)
    return row.created_at if row else None


def volunteers_there(session: Session) -> list[Subject]:
    """Give the volunteers who have not left."""
    query = select(VolunteerRow.id, VolunteerRow.joined_at).where(
        VolunteerRow.state != VolunteerState.LEFT.value
    )
    return [(number, at) for number, at in session.exec(query) if number is not None]


def notices_there(session: Session) -> list[Subject]:
    """Give the notices that may go round, now or again."""
    query = select(NoticeRow.id, NoticeRow.created_at).where(
        NoticeRow.title != "",
        (NoticeRow.state != NoticeState.CLOSED.value) | (NoticeRow.close_reason == CloseReason.EXPIRED.value),
    )
    return [(number, at) for number, at in session.exec(query) if number is not None]


def undone_since(session: Session, notice_id: int, moment: datetime) -> bool:
    """Whether the end of a notice was taken back by its seeker at `moment` or later."""
    query = select(JournalRow.id).where(
        JournalRow.subject == f"notice:{notice_id}", JournalRow.action == UNDONE, col(JournalRow.at) >= moment
    )
    return session.exec(query.limit(1)).first() is not None


def notices_ended(session: Session, now: datetime, span: timedelta) -> list[Ended]:
    """Give the notices that their seekers ended within `span`, and when."""
    ends = [CloseReason.WITHDRAWN.value, CloseReason.FOUND_JOB.value]
    query = select(NoticeRow.id, NoticeRow.created_at, NoticeRow.closed_at).where(
        col(NoticeRow.close_reason).in_(ends), col(NoticeRow.closed_at) > now - span
    )
    return [(number, since, at) for number, since, at in session.exec(query) if number and at]


def volunteers_left(session: Session, now: datetime, span: timedelta) -> list[Ended]:
    """Give the volunteers who left within `span`, and when."""
    query = select(VolunteerRow.id, VolunteerRow.joined_at, VolunteerRow.left_at)
    found = session.exec(query.where(col(VolunteerRow.left_at) > now - span))
    return [(number, since, at) for number, since, at in found if number and at]
