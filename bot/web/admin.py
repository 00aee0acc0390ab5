"""What admins look at: queue, one notice, roster, one volunteer, journal, health. Reads only."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot import __version__
from bot.model.clock import human
from bot.model.journal import Entry
from bot.model.notice import CONTRACTS, NoticeState
from bot.model.text import Message
from bot.model.volunteer import VolunteerState
from bot.reporting import health as vitals
from bot.reporting import queue as queueing
from bot.reporting import roster
from bot.sets import paper_colour, regions, sectors
from bot.storage import doors
from bot.storage import journal as stored
from bot.web import admin_acts, details, gate, labels, networks
from bot.web.filters import Filters, query
from bot.web.pages import Id
from bot.web.session import AdminPage, OnReader

router = APIRouter()
router.include_router(admin_acts.router)
router.include_router(networks.router)

JOURNAL_PAGE = 100


def _pages(total: int, size: int) -> int:
    return max(1, -(-total // size))


@router.get("/{lang}/admin/queue")
async def queue(page: OnReader) -> Response:
    """Show the notices with their boosts, their wait and what comes next."""
    asked = Filters(page.request.query_params)
    values: dict[str, Any] = {
        "state": asked.choice("state", labels.NOTICE_STATES),
        "network": asked.choice("network", page.app.networks),
        "sector": asked.choice("sector", sectors()),
        "region": asked.choice("region", regions()),
        "q": asked.words("q"),
        "without": asked.ticked("without"),
    }
    wanted = queueing.NoticeFilter(
        state=NoticeState(values["state"]) if values["state"] else None,
        network=values["network"],
        sector=values["sector"],
        region=values["region"],
        words=values["q"],
        unboosted=values["without"],
    )
    number = asked.number("page") or 1
    lines, total = await page.app.store.read(queueing.lines, wanted, now=page.now, page=number)
    fairness = await page.app.store.read(queueing.fairness, now=page.now)
    return await page.show_admin(
        "admin/queue.html",
        lines=lines,
        total=total,
        number=number,
        pages=_pages(total, queueing.PAGE),
        values=values,
        query=query,
        fairness=fairness,
        labels=labels,
        sectors=sectors(),
        regions=regions(),
    )


@router.get("/{lang}/admin/notice/{notice_id}")
async def notice(page: OnReader, notice_id: Id) -> Response:
    """Show everything about one notice."""
    found = await page.app.store.read(queueing.dossier, notice_id, now=page.now)
    return await page.show_admin(
        "admin/notice.html",
        found=found,
        notice=found.line.notice,
        contract=CONTRACTS[found.line.notice.words.contract],
        colour=paper_colour(found.line.notice.sector),
        acts=admin_acts.of_notice(found.line.notice.state, page.admin.role),
        done=admin_acts.done(page.request.query_params.get("done")),
        details=_details(page),
        labels=labels,
        sectors=sectors(),
        regions=regions(),
    )


@router.get("/{lang}/admin/volunteers")
async def volunteers(page: OnReader) -> Response:
    """Show the roster."""
    asked = Filters(page.request.query_params)
    values = {
        "state": asked.choice("state", labels.VOLUNTEER_STATES),
        "network": asked.choice("network", page.app.networks),
        "q": asked.words("q"),
    }
    wanted = roster.RosterFilter(
        state=VolunteerState(values["state"]) if values["state"] else None,
        network=values["network"],
        words=values["q"],
    )
    number = asked.number("page") or 1
    members, total = await page.app.store.read(roster.members, wanted, now=page.now, page=number)
    return await page.show_admin(
        "admin/volunteers.html",
        members=members,
        total=total,
        number=number,
        pages=_pages(total, roster.PAGE),
        values=values,
        query=query,
        labels=labels,
    )


@router.get("/{lang}/admin/volunteers/{volunteer_id}")
async def volunteer(page: OnReader, volunteer_id: Id) -> Response:
    """Show everything about one volunteer."""
    found = await page.app.store.read(roster.dossier, volunteer_id, now=page.now)
    return await page.show_admin(
        "admin/volunteer.html",
        found=found,
        member=found.member,
        volunteer=found.member.volunteer,
        acts=admin_acts.of_volunteer(found.member.volunteer.state, page.admin.role),
        done=admin_acts.done(page.request.query_params.get("done")),
        details=_details(page),
        labels=labels,
        sectors=sectors(),
        regions=regions(),
    )


def _details(page: AdminPage) -> Callable[[Entry], list[Message]]:
    networks = {network.name: network.label for network in page.app.networks.values()}
    return lambda entry: details.said(entry, networks)


@router.get("/{lang}/admin/journal")
async def journal(page: OnReader) -> Response:
    """Show who did what, newest first."""
    asked = Filters(page.request.query_params)
    values = {
        "actor": asked.words("actor"),
        "action": asked.words("action"),
        "subject": asked.words("subject"),
    }
    before = asked.number("before")
    entries = await page.app.store.read(stored.read, before_id=before, limit=JOURNAL_PAGE + 1, **values)
    return await page.show_admin(
        "admin/journal.html",
        entries=entries[:JOURNAL_PAGE],
        older=entries[JOURNAL_PAGE - 1].id if len(entries) > JOURNAL_PAGE else None,
        before=before,
        values=values,
        query=query,
        details=_details(page),
        labels=labels,
    )


@router.get("/{lang}/admin/health")
async def health(page: OnReader) -> Response:
    """Show whether the daemon's ticks are fresh, and what fills the disk."""
    found = await page.app.store.read(
        vitals.health,
        database=page.app.settings.database,
        now=page.now,
        grace=human(page.app.clock, vitals.GRACE),
    )
    closed = await page.app.store.read(doors.closed, page.now)
    return await page.show_admin(
        "admin/health.html",
        found=found,
        closed=closed,
        blind=gate.blind(page),
        version=__version__,
        labels=labels,
    )
