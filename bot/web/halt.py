"""The stop button on the admin pages, and going on again: GET asks, POST acts."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.delivery import panic
from bot.errors import ConflictError, UsageError
from bot.model.journal import Actor
from bot.model.text import Message
from bot.storage import halts
from bot.web.forms import read_form
from bot.web.session import AdminPage, OnModerator, OnOperator

router = APIRouter()


async def _ask(
    page: AdminPage, status: int = 200, *, on: bool, reason: str = "", wrong: Message | None = None
) -> Response:
    return await page.show_admin("admin/halt.html", status, on=on, reason=reason, wrong=wrong)


@router.get("/{lang}/admin/halt")
async def ask_halt(page: OnModerator) -> Response:
    """Ask before everything outgoing stops."""
    return await _ask(page, on=False)


@router.post("/{lang}/admin/halt")
async def halt(page: OnModerator) -> Response:
    """Stop everything outgoing. A stop in force stays as it is, and whoever gave another reason is told."""
    reason = (await read_form(page.request)).text("reason")
    actor = Actor("admin", page.admin.id)
    before = await page.app.store.read(halts.current)
    await page.app.store.write(panic.halt, reason=reason, now=page.now, actor=actor)
    if before is not None and reason.strip():
        stands = Message(panic.STANDS.text, {"moment": before.since})
        return await _ask(page, 409, on=False, reason=reason, wrong=stands)
    return page.redirect("/admin/health")


@router.get("/{lang}/admin/resume")
async def ask_resume(page: OnOperator) -> Response:
    """Ask why it is safe to go on."""
    page.need_proof()
    return await _ask(page, on=True)


@router.post("/{lang}/admin/resume")
async def resume(page: OnOperator) -> Response:
    """Let everything go out again; a second tap changes nothing."""
    page.need_proof()
    reason = (await read_form(page.request)).text("reason")
    actor = Actor("admin", page.admin.id)
    try:
        await page.app.store.write(panic.resume, reason=reason, now=page.now, actor=actor)
    except UsageError:
        return await _ask(page, 422, on=True, reason=reason, wrong=panic.NO_REASON)
    except ConflictError:
        pass  # somebody else was faster: it goes on
    return page.redirect("/admin/health")
