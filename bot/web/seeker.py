"""The first page: the form a notice comes in by. A notice's own page: `bot.web.status`."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.intake import form
from bot.intake.submit import AlreadyActiveError, submit
from bot.model.forms import SpentFormError
from bot.model.journal import Actor
from bot.web import gate, status
from bot.web.forms import Typed, read_form
from bot.web.notice_form import (
    known_path,
    known_token,
    remember,
    show_form,
    submission_of,
    worries,
)
from bot.web.pages import OnPage, Page

router = APIRouter()
router.include_router(status.router)


@router.get("/{lang}/")
async def new(page: OnPage) -> Response:
    """Show the empty form; this browser's own open notice is linked above it."""
    mine = await known_path(page)
    shut = await gate.shut(page)
    closed = shut.message if shut else None
    return show_form(page, form.Submission(has_post="no", lang=page.lang), mine=mine, closed=closed)


@router.post("/{lang}/")
async def send(page: OnPage) -> Response:
    """Take a notice in, or show the form again with everything that was typed."""
    typed = await read_form(page.request)
    # Answers to questions come first, so that no other reason to show the form again loses them.
    submission, asked = worries(typed, submission_of(typed, page.lang))
    if hold := gate.knock(page):
        return hold.on(show_form(page, submission, hold.status, hold=hold.message, **asked))
    draft, errors = form.read(submission, page.app.networks)
    hurry = gate.hurry(page, typed)
    if draft is None or hurry or len(asked) > 1:
        return show_form(page, submission, 422, errors=errors, hurry=hurry, **asked)
    if hold := await gate.pass_notice(page, typed):
        return hold.on(show_form(page, submission, hold.status, hold=hold.message, **asked))
    return await _take(page, typed, submission, draft)


async def _take(page: Page, typed: Typed, submission: form.Submission, draft: form.Draft) -> Response:
    """Take the draft in, or say that this browser has sent another, or this very form before."""
    browser = None if typed.ticked("somebody_else") else known_token(page) or None
    try:
        sent = await page.app.store.write(
            submit,
            draft,
            settings=page.app.settings,
            keys=page.app.keys,
            now=page.now,
            actor=Actor("seeker"),
            browser=browser,
            form=gate.stamp_of(page, typed),
        )
    except AlreadyActiveError as known:
        return page.show(
            "seeker/already.html",
            409,
            link=f"/n/{browser}" if known.known_browser else "",
            v=submission,
            stamp=typed.text("shown"),
            work=typed.text("work"),
            keep="email personal",
        )
    except SpentFormError:
        hurry = gate.hurried(page, "spent")
        return show_form(page, submission, 422, hurry=hurry, keep="email personal")
    return remember(page, sent.token, page.redirect(f"/n/{sent.token}?sent=1"))
