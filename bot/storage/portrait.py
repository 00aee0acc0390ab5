"""Everything that the rows hold of one person, as plain data: what they are given when they ask for it.

Whole rows, so that a new column is in the copy by itself. Left out is what names others or opens a door.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot.errors import NotFoundError
from bot.storage import cases, journal
from bot.storage.tables import (
    AccessRow,
    AccountRow,
    BoostRow,
    CallRow,
    ConnectionRow,
    DecisionRow,
    JournalRow,
    NoticeRow,
    PostRow,
    RecallRow,
    ReportRow,
    RevocationRow,
    SeekerKeyRow,
    SeekerRow,
    SightingRow,
    VolunteerRow,
)

DOORS = {"token_hash", "state_hash", "sealed", "answer"}
"""The hash of a personal link or of a connection, a sealed token, what a network gave back."""
OTHERS = {"volunteer_id", "account_id", "admin_id"}
"""Numbers of the other people in a row."""


def _plain(rows: Iterable[Any], hidden: set[str]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json", exclude=hidden | DOORS) for row in rows]


def _lines(session: Session, subject: str, *, actor: str) -> list[dict[str, Any]]:
    """Give the journal's lines about a person or by them, without who else acted."""
    about = (col(JournalRow.subject) == subject) | (col(JournalRow.actor) == actor)
    rows = session.exec(select(JournalRow).where(about).order_by(col(JournalRow.id)))
    return _plain(rows, {"actor", "chain"})


def seeker(session: Session, seeker_id: int, *, until: datetime | None = None) -> dict[str, Any]:
    """Give all that is kept of a seeker.

    Decisions made after `until` can still be undone: they are left out, and notices are as they were before.

    Raises:
        NotFoundError: there is none with this number.
    """
    row = session.get(SeekerRow, seeker_id)
    if row is None:
        message = f"There is no seeker {seeker_id}."
        raise NotFoundError(message)
    keys = select(SeekerKeyRow).where(SeekerKeyRow.seeker_id == seeker_id)
    of_seeker = select(NoticeRow).where(NoticeRow.seeker_id == seeker_id).order_by(col(NoticeRow.id))
    young = _young(session, seeker_id, until)
    left_out = {one.id for one in young}
    found = [_notice(session, notice, young) for notice in session.exec(of_seeker)]
    return {
        "seeker": row.model_dump(mode="json", exclude={"parted_from"}),
        "fingerprints": _plain(session.exec(keys), {"seeker_id"}),
        "notices": found,
        "consents": [
            {"notice": notice["id"], **one}
            for notice in found
            for one in journal.consents(session, f"notice:{notice['id']}")
        ],
        "journal": [
            line
            for notice in found
            for line in _lines(session, f"notice:{notice['id']}", actor=f"seeker:{seeker_id}")
            if line["details"].get("decision") not in left_out
        ],
    }


def _young(session: Session, seeker_id: int, until: datetime | None) -> list[DecisionRow]:
    """Give the decisions on a seeker's notices that were made after `until`, the oldest first."""
    if until is None:
        return []
    query = select(DecisionRow).join(NoticeRow).where(NoticeRow.seeker_id == seeker_id)
    return list(session.exec(query.where(col(DecisionRow.at) > until).order_by(col(DecisionRow.id))))


def _notice(session: Session, row: NoticeRow, young: list[DecisionRow]) -> dict[str, Any]:
    number = row.id
    parts: dict[str, tuple[type[SQLModel], Any, set[str]]] = {
        "posts": (PostRow, PostRow.notice_id, {"notice_id"}),
        "decisions": (DecisionRow, DecisionRow.notice_id, OTHERS | {"notice_id"}),
        "reports": (ReportRow, ReportRow.notice_id, OTHERS | {"notice_id", "why", "contact"}),
        "shares": (BoostRow, BoostRow.notice_id, OTHERS | {"notice_id", "reason", "skip_why"}),
        "sightings": (SightingRow, SightingRow.notice_id, {"notice_id"}),
    }
    found = row.model_dump(mode="json", exclude=DOORS | {"person_id"}) | _before(row, young)
    for name, (table, column, hidden) in parts.items():
        found[name] = _plain(session.exec(select(table).where(column == number)), hidden)
    left_out = {one.id for one in young}
    found["decisions"] = [one for one in found["decisions"] if one["id"] not in left_out]
    for made in young:
        if made.notice_id == number and made.before:
            _take_back(found, made.before)
    for one in found["decisions"]:
        one["before"].pop("person_id", None)
    return found


def _before(row: NoticeRow, young: list[DecisionRow]) -> dict[str, Any]:
    """Give what a notice had before its young decisions; if its seeker has changed it since, the dates."""
    kept = [one.before for one in young if one.notice_id == row.id and one.before]
    if not kept:
        return {}
    times = {name: kept[0][name] for name in cases.TIMES}
    found = {name: at.replace("+00:00", "Z") if at else None for name, at in times.items()}
    if kept[-1]["after"] == [row.state, row.revision]:
        found |= {name: kept[0][name] for name in cases.PLAIN if name != "person_id"}
    return found


def _take_back(found: dict[str, Any], before: dict[str, Any]) -> None:
    """Show the reports that a decision settled as open, and the shares that it cancelled as they were."""
    for report in found["reports"]:
        if report["id"] in before.get("reports", ()):
            report["settled_at"] = None
    for share in found["shares"]:
        if state := before.get("boosts", {}).get(str(share["id"])):
            share |= {"state": state, "ended_at": None}


def volunteer(session: Session, volunteer_id: int) -> dict[str, Any]:
    """Give all that is kept of a volunteer.

    Raises:
        NotFoundError: there is none with this number.
    """
    row = session.get(VolunteerRow, volunteer_id)
    if row is None:
        message = f"There is no volunteer {volunteer_id}."
        raise NotFoundError(message)
    accounts = select(AccountRow).where(AccountRow.volunteer_id == volunteer_id, col(AccountRow.active))
    reports = select(ReportRow).where(ReportRow.volunteer_id == volunteer_id).order_by(col(ReportRow.id))
    shares = (
        select(BoostRow, NoticeRow.title)
        .join(NoticeRow, col(NoticeRow.id) == col(BoostRow.notice_id))
        .where(BoostRow.volunteer_id == volunteer_id)
        .order_by(col(BoostRow.id))
    )
    subject = f"volunteer:{volunteer_id}"
    return {
        "volunteer": row.model_dump(mode="json", exclude=DOORS),
        "accounts": _plain(session.exec(accounts), {"volunteer_id"}),
        "accesses": _behind(session, AccessRow, AccountRow, volunteer_id),
        "connections": _behind(session, ConnectionRow, AccountRow, volunteer_id),
        "revocations": _behind(session, RevocationRow, AccountRow, volunteer_id),
        "shares": [
            {"notice": title, **boost.model_dump(mode="json", exclude={"volunteer_id"})}
            for boost, title in session.exec(shares)
        ],
        "calls": _behind(session, CallRow, BoostRow, volunteer_id),
        "recalls": _behind(session, RecallRow, BoostRow, volunteer_id),
        "reports": _plain(session.exec(reports), {"volunteer_id"}),
        "consents": journal.consents(session, subject),
        "journal": _lines(session, subject, actor=subject),
    }


def _behind(
    session: Session, table: type[SQLModel], owned: type[AccountRow | BoostRow], volunteer_id: int
) -> list[dict[str, Any]]:
    """Give the rows that hang on a volunteer's accounts or boosts, and so do not name the volunteer."""
    query = select(table).join(owned).where(col(owned.volunteer_id) == volunteer_id)
    return _plain(session.exec(query), set())
