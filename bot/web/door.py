"""The door of the seeker's form on the admin pages: closed for a while, opened again; GET asks, POST acts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from bot.intake import door
from bot.model.access import Role
from bot.model.journal import Actor
from bot.model.text import N_
from bot.web.admin_acts import Act, ask, chosen, named
from bot.web.forms import read_form
from bot.web.session import OnModerator

router = APIRouter()

BACK = "/admin/health"
MORNING = time(8)
ACTS = (
    Act(
        "close",
        N_("Close the form"),
        N_("Close the form for notices?"),
        N_("Nobody can send a notice until it is open again; what people have typed stays on their page."),
        N_("Close it"),
        "",
        frozenset(),
        role=Role.MODERATOR,
        choices=(
            ("hour", N_("For an hour")),
            ("morning", N_("Until tomorrow, 8 o’clock")),
            ("monday", N_("Until Monday, 8 o’clock")),
            ("", N_("Until somebody opens it")),
        ),
        choose=N_("Choose how long"),
    ),
    Act(
        "open",
        N_("Open the form"),
        N_("Open the form for notices?"),
        N_("Notices come in again at once."),
        N_("Open it"),
        "",
        frozenset(),
        role=Role.MODERATOR,
    ),
)


def until(choice: str, now: datetime, zone: str) -> datetime | None:
    """Give the moment that a choice means in the collective's time zone; None: nobody knows."""
    if choice == "hour":
        return now + timedelta(hours=1)
    if not choice:
        return None
    today = now.astimezone(ZoneInfo(zone)).date()
    days = 1 if choice == "morning" else 7 - today.weekday()
    return datetime.combine(today + timedelta(days=days), MORNING, ZoneInfo(zone)).astimezone(UTC)


@router.get("/{lang}/admin/form/{name}")
async def ask_door(page: OnModerator, name: str) -> Response:
    """Ask before the form is closed or opened."""
    return await ask(page, named(ACTS, name, page), "", back=BACK)


@router.post("/{lang}/admin/form/{name}")
async def set_door(page: OnModerator, name: str) -> Response:
    """Close the form or open it."""
    act = named(ACTS, name, page)
    write, now, actor = page.app.store.write, page.now, Actor("admin", page.admin.id)
    if name == "open":
        await write(door.reopen, now=now, actor=actor)
        return page.redirect(BACK)
    choice = chosen(act, await read_form(page.request))
    if choice is None:
        return await ask(page, act, "", back=BACK, wrong=True)
    await write(door.close, until(choice, now, page.app.settings.time_zone), now=now, actor=actor)
    return page.redirect(BACK)
