"""A volunteer's day: the notices and what is said about each; history. Settings are in `roster`."""

import asyncio
import time

from fastapi import APIRouter
from starlette.responses import Response

from bot.delivery import by_hand, recall, take_back, tap
from bot.errors import ConflictError
from bot.model.boost import CALLED_STATES, BoostState, Mode
from bot.model.notice import CONTRACTS
from bot.model.text import N_
from bot.reporting import called, lending
from bot.reporting import history as past
from bot.reporting import recall as reporting_recall
from bot.reporting import volunteer as reporting
from bot.storage import boosts
from bot.web import lend, remark, roster
from bot.web.forms import read_form
from bot.web.mine import Mine, OnMine
from bot.web.pages import Id

router = APIRouter()
router.include_router(roster.router)

SKIP_REASONS = {
    "audience": N_("Not for my followers"),
    "unclear": N_("Not clear enough"),
    "known": N_("I had shared it already"),
    "later": N_("No time today"),
}


@router.get("/{lang}/inbox/{token}")
async def inbox(mine: OnMine) -> Response:
    """Show the day; after joining, the link to keep and a sample."""
    page = mine.page
    day = await page.app.store.read(
        reporting.day,
        mine.volunteer.id,
        networks=page.app.networks,
        settings=page.app.settings,
        now=page.now,
    )
    recalls = await page.app.store.read(
        reporting_recall.waiting, mine.volunteer.id, networks=page.app.networks
    )
    standings = await page.app.store.read(lending.of_volunteer, mine.volunteer.id)
    calls = await page.app.store.read(
        called.today, mine.volunteer.id, networks=page.app.networks, now=page.now
    )
    return mine.show(
        "volunteer/inbox.html",
        day=day,
        calls=calls,
        lent={one.account.id for one in standings if one.mode is not Mode.BY_HAND},
        lost=[one for one in standings if one.lost_at],
        recalls=recalls,
        welcome="welcome" in page.request.query_params,
        reported="reported" in page.request.query_params,
        contracts=CONTRACTS,
        skip_reasons=SKIP_REASONS,
        link=page.app.settings.address + mine.url(),
    )


@router.get("/{lang}/inbox/{token}/boosts/{boost_id:int}/{act}")
async def back(mine: OnMine, boost_id: Id, act: str) -> Response:
    """Show the report page; an address that only takes a POST leads back to the day, nothing happens."""
    if act != "report":
        return mine.redirect()
    return await _report_page(mine, boost_id, remark.Remark())


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/opened")
async def opened(mine: OnMine, boost_id: Id) -> Response:
    """Note that the strip was pulled: a beacon, so nobody reads the answer."""
    store, now = mine.page.app.store, mine.page.now
    try:
        await store.write(by_hand.open_boost, boost_id, volunteer_id=mine.volunteer.id, now=now)
    except ConflictError:
        return Response(status_code=409)
    return Response(status_code=204)


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/tap")
async def tapped(mine: OnMine, boost_id: Id) -> Response:
    """Have the share made in the volunteer's name, and wait a moment for how it ends."""
    try:
        await mine.page.app.store.write(tap.start_tap, boost_id, mine.volunteer.id, mine.page.now)
    except ConflictError as error:
        return mine.sorry(error)
    return await _ended(mine, boost_id)


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/take-back")
async def taken_back(mine: OnMine, boost_id: Id) -> Response:
    """Have a share that was made in the volunteer's name undone."""
    who, now = mine.volunteer.id, mine.page.now
    try:
        await mine.page.app.store.write(take_back.start_undo, boost_id, volunteer_id=who, now=now)
    except ConflictError as error:
        return mine.sorry(error)
    return await _ended(mine, boost_id)


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/by-hand")
async def made_by_hand(mine: OnMine, boost_id: Id) -> Response:
    """Note that the volunteer has made by hand what no call could make."""
    who, now = mine.volunteer.id, mine.page.now
    return await mine.act("#today", take_back.made_by_hand, boost_id, volunteer_id=who, now=now)


async def _ended(mine: Mine, boost_id: int) -> Response:
    """Wait a moment for the daemon, then show the day: it says how it ended, or that it goes on."""
    ends = time.monotonic() + lend.lenders(mine.page).patience_s
    while time.monotonic() < ends:
        boost = await mine.page.app.store.read(boosts.get, boost_id)
        if boost.state not in CALLED_STATES | {BoostState.UNDOING}:
            break
        await asyncio.sleep(lend.LOOK_S)
    return mine.redirect(f"#boost-{boost_id}")


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/done")
async def done(mine: OnMine, boost_id: Id) -> Response:
    """Note that the volunteer has boosted."""
    return await mine.act(
        "#today", by_hand.declare, boost_id, volunteer_id=mine.volunteer.id, now=mine.page.now
    )


@router.post("/{lang}/inbox/{token}/opened/done")
async def all_done(mine: OnMine) -> Response:
    """Note that everything that was opened is boosted."""
    return await mine.act("#today", by_hand.declare_opened, volunteer_id=mine.volunteer.id, now=mine.page.now)


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/undo")
async def undo(mine: OnMine, boost_id: Id) -> Response:
    """Take an answer back."""
    return await mine.act(
        f"#boost-{boost_id}", by_hand.undo, boost_id, volunteer_id=mine.volunteer.id, now=mine.page.now
    )


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/removed")
async def removed(mine: OnMine, boost_id: Id) -> Response:
    """Note that the volunteer has undone a share as we asked."""
    return await mine.act(
        "#today", recall.undone, boost_id, volunteer_id=mine.volunteer.id, now=mine.page.now
    )


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/skip")
async def skip(mine: OnMine, boost_id: Id) -> Response:
    """Skip a notice, or say privately why it was skipped."""
    why = (await read_form(mine.page.request)).text("why")
    return await mine.act(
        "#today",
        by_hand.skip,
        boost_id,
        volunteer_id=mine.volunteer.id,
        now=mine.page.now,
        why=why if why in SKIP_REASONS else "",
    )


@router.post("/{lang}/inbox/{token}/boosts/{boost_id:int}/report")
async def report(mine: OnMine, boost_id: Id) -> Response:
    """Bring a notice back to the moderators."""
    said = remark.read(await read_form(mine.page.request), remark.REASONS)
    if said.error:
        return await _report_page(mine, boost_id, said, 422)
    return await mine.act(
        "?reported#today",
        by_hand.report,
        boost_id,
        volunteer_id=mine.volunteer.id,
        why=said.told(mine.page.speech()),
        now=mine.page.now,
    )


async def _report_page(mine: Mine, boost_id: int, typed: remark.Remark, status: int = 200) -> Response:
    try:
        boost, notice = await mine.page.app.store.read(
            by_hand.asked, boost_id, volunteer_id=mine.volunteer.id
        )
    except ConflictError as error:
        return mine.sorry(error)
    return mine.show(
        "volunteer/report.html",
        status,
        boost=boost,
        notice=notice,
        contracts=CONTRACTS,
        reasons=remark.REASONS,
        remark=typed,
    )


@router.get("/{lang}/inbox/{token}/history")
async def history(mine: OnMine, page: int = 1) -> Response:
    """Show what was asked and how it ended, by day."""
    app = mine.page.app
    found = await app.store.read(
        past.history, mine.volunteer.id, networks=app.networks, page=min(max(page, 1), 10_000)
    )
    return mine.show("volunteer/history.html", history=found)
