"""Anybody reports a notice from its share page, without an account, and follows what becomes of it."""

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from bot.errors import ConflictError
from bot.model.forms import SpentFormError, Stamp
from bot.model.moderation import Report
from bot.model.notice import CONTRACTS, Notice
from bot.model.text import Message
from bot.moderation import outside
from bot.reporting.share import Stand, shared
from bot.storage import Session, notices, reports
from bot.trust.links import hash_token
from bot.web import gate, remark
from bot.web.forms import read_form
from bot.web.pages import OnPage, Page
from bot.web.share import ended

router = APIRouter()


@router.get("/{lang}/s/{slug}/report")
async def ask(page: OnPage, slug: str) -> Response:
    """Show the form, or why there is no notice."""
    stand, notice = await page.app.store.read(shared, slug, now=page.now)
    return ended(page, stand) if notice is None else _form(page, notice, remark.Remark())


@router.post("/{lang}/s/{slug}/report")
async def send(page: OnPage, slug: str) -> Response:
    """Keep the report and lead to the page that follows it, or show the form again with what was typed."""
    typed = await read_form(page.request)
    said = remark.read(typed, remark.OUTSIDE)
    stand, notice = await page.app.store.read(shared, slug, now=page.now)
    if notice is None:
        return ended(page, stand)
    if hold := gate.knock(page):
        return hold.on(_form(page, notice, said, hold.status, hold=hold.message))
    hurry = gate.hurry(page, typed)
    if said.error or hurry:
        return _form(page, notice, said, 422, hold=None if said.error else Message(hurry))
    if hold := await gate.pass_other(page, typed, "reported"):
        return hold.on(_form(page, notice, said, hold.status, hold=hold.message))
    return await _take(page, gate.stamp_of(page, typed), notice, said)


async def _take(page: Page, form: Stamp, notice: Notice, said: remark.Remark) -> Response:
    """Keep the report, or say that this very form was sent before, or that there is nothing to report."""
    why, contact = said.told(page.speech()), said.contact
    try:
        token = await page.app.store.write(
            outside.receive, notice.id, why=why, contact=contact, now=page.now, form=form
        )
    except SpentFormError:
        return _form(page, notice, said, 422, hold=Message(gate.hurried(page, "spent")))
    except ConflictError as error:
        return _form(page, notice, said, 409, hold=error.args[0])
    return page.redirect(f"/report/{token}?sent=1")


@router.get("/{lang}/report/{token}")
async def follow(page: OnPage, token: str) -> Response:
    """Say what became of a report."""
    found = await page.app.store.read(_followed, hash_token(token))
    if found is None:
        raise HTTPException(404)
    report, slug = found
    stand, _ = await page.app.store.read(shared, slug, now=page.now)
    return page.show(
        "public/reported.html",
        report=report,
        shown=stand is Stand.SHOWN,
        sent="sent" in page.request.query_params,
        link=page.app.settings.address + page.url(f"/report/{token}"),
    )


def _followed(session: Session, token_hash: str) -> tuple[Report, str] | None:
    report = reports.by_token(session, token_hash)
    return (report, notices.get(session, report.notice_id).share_slug) if report else None


def _form(
    page: Page, notice: Notice, said: remark.Remark, status: int = 200, *, hold: Message | None = None
) -> Response:
    return page.show(
        "public/report.html",
        status,
        notice=notice,
        contracts=CONTRACTS,
        reasons=remark.OUTSIDE,
        remark=said,
        hold=hold,
        trap=gate.TRAP,
        task=gate.task(page, status),
    )
