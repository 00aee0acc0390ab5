"""A volunteer joins, changes settings, pauses, comes back, leaves."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.errors import NotFoundError
from bot.model.forms import FieldError, SpentFormError, Stamp
from bot.model.journal import Actor
from bot.model.text import Message
from bot.model.volunteer import CAP_DAY_MAX, PACES
from bot.reporting import lending
from bot.roster import change, form
from bot.roster.form import Application
from bot.roster.join import AlreadyMemberError, join
from bot.roster.profile import Part, Presence, Profile
from bot.roster.zones import SUGGESTED
from bot.sets import regions, sectors
from bot.storage import stamps
from bot.trust.texts import CHARTER, VOLUNTEER_CONSENT
from bot.web import gate, lend
from bot.web.erase import erase_volunteer
from bot.web.forms import Typed, read_form
from bot.web.mine import Mine, OnMine
from bot.web.pages import OnPage, Page

router = APIRouter()
router.include_router(lend.router)

PAUSES: dict[str, timedelta | None] = {"day": timedelta(days=1), "week": timedelta(days=7), "open": None}
PARTS = ("presence", "pace", "interests", "hours")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands on the page: what was typed, and what is wrong by field."""

    values: Application
    errors: tuple[FieldError, ...] = ()

    def wrong(self, field: str) -> FieldError | None:
        """Give the first problem of a field."""
        return next((error for error in self.errors if error.field == field), None)


@router.get("/{lang}/join")
async def ask_join(page: OnPage) -> Response:
    """Show the one page of joining."""
    blank = Application(languages=(page.lang,), time_zone=page.app.settings.time_zone)
    return _join_page(page, Filled(blank))


@router.post("/{lang}/join")
async def do_join(page: OnPage) -> Response:
    """Put the person on the roster, or show the page again with all that was typed."""
    typed = await read_form(page.request)
    values = Application(time_zone=page.app.settings.time_zone)
    for part in PARTS:
        values = _with_part(values, part, typed, page)
    values = replace(values, charter=typed.ticked("charter"), consent=typed.ticked("consent"))
    if hold := gate.knock(page):
        return hold.on(_join_page(page, Filled(values), hold.status, hold=hold.message))
    profile, errors = form.read(values, networks=page.app.networks, sectors=sectors(), regions=regions())
    hurry = gate.hurry(page, typed)
    if profile is None or hurry:
        return _join_page(page, Filled(values, tuple(errors)), 422, hurry=hurry)
    if hold := await gate.pass_other(page, typed, "joined"):
        return hold.on(_join_page(page, Filled(values), hold.status, hold=hold.message))
    return await _take(page, gate.stamp_of(page, typed), values, profile)


async def _take(page: Page, stamp: Stamp, values: Application, profile: Profile) -> Response:
    """Put the person on the roster, or say that they are on it, or that this very form was sent before."""
    try:
        joined = await page.app.store.write(
            join,
            profile,
            now=page.now,
            actor=Actor("volunteer"),
            lang=page.lang,
            consent_act="join_form",
            form=stamp,
        )
    except AlreadyMemberError:
        await page.app.store.write(stamps.take, stamp)  # whoever asks who is on the roster works for each
        return page.show("volunteer/member.html", 409)
    except SpentFormError:
        return _join_page(page, Filled(values), 422, hurry=gate.hurried(page, "spent"))
    return page.redirect(f"/inbox/{joined.token}?welcome=1")


@router.get("/{lang}/inbox/{token}/settings")
async def settings(mine: OnMine) -> Response:
    """Show the settings, each part with its own button."""
    return await _settings_page(mine, "", Filled(form.filled(mine.volunteer)))


@router.post("/{lang}/inbox/{token}/settings")
async def save(mine: OnMine) -> Response:
    """Save one part of the settings."""
    page = mine.page
    typed = await read_form(page.request)
    name = typed.text("part")
    if name not in PARTS:
        return mine.redirect("/settings")
    values = _with_part(form.filled(mine.volunteer), name, typed, page)
    part, errors = _read_part(name, values, page)
    if part is None:
        return await _settings_page(mine, name, Filled(values, tuple(errors)), 422)
    if _names_others(mine, part) and (hold := gate.pass_accounts(page, mine.volunteer.id)):
        held = FieldError("networks", hold.message)
        return hold.on(await _settings_page(mine, name, Filled(values, (held,)), hold.status))
    try:
        await page.app.store.write(change.update, mine.volunteer.id, part, now=page.now, actor=mine.actor)
    except AlreadyMemberError as error:
        taken = FieldError("networks", error.args[0])
        return await _settings_page(mine, name, Filled(values, (taken,)), 422)
    return mine.redirect(f"/settings?saved={name}#{name}-part")


@router.get("/{lang}/inbox/{token}/pause")
async def ask_pause(mine: OnMine) -> Response:
    """Ask how long."""
    return mine.show("volunteer/pause.html")


@router.post("/{lang}/inbox/{token}/pause")
async def pause(mine: OnMine) -> Response:
    """Stop asking, for a while or until the volunteer comes back."""
    length = (await read_form(mine.page.request)).text("for")
    if length not in PAUSES:
        return mine.redirect("/pause")
    span, now = PAUSES[length], mine.page.now
    until = now + span if span else None
    return await mine.act("", change.pause, mine.volunteer.id, until=until, now=now, actor=mine.actor)


@router.get("/{lang}/inbox/{token}/resume")
async def ask_resume(mine: OnMine) -> Response:
    """Lead to the day, where the button is; nothing happens."""
    return mine.redirect()


@router.post("/{lang}/inbox/{token}/resume")
async def resume(mine: OnMine) -> Response:
    """End a pause."""
    return await mine.act("", change.resume, mine.volunteer.id, now=mine.page.now, actor=mine.actor)


@router.get("/{lang}/inbox/{token}/leave")
async def ask_leave(mine: OnMine) -> Response:
    """Say what is deleted and what stays."""
    return mine.show("volunteer/leave.html")


@router.post("/{lang}/inbox/{token}/leave")
async def leave(page: OnPage, token: str) -> Response:
    """Forget the volunteer. A second tap finds nobody and is answered the same."""
    try:
        volunteer = await page.app.store.read(change.owner, token)
    except NotFoundError:
        return page.show("volunteer/left.html")
    actor = Actor("volunteer", volunteer.id)
    await erase_volunteer(page, volunteer.id, actor)
    return page.show("volunteer/left.html")


def _join_page(
    page: Page, filled: Filled, status: int = 200, *, hold: Message | None = None, hurry: str = ""
) -> Response:
    return page.show(
        "volunteer/join.html",
        status,
        filled=filled,
        hold=hold,
        hurry=hurry,
        task=gate.task(page, status),
        trap=gate.TRAP,
        charter=CHARTER.paragraphs(page.lang),
        consent=VOLUNTEER_CONSENT.paragraphs(page.lang)[0],
        **_choices(page),
    )


async def _settings_page(mine: Mine, part: str, filled: Filled, status: int = 200) -> Response:
    standings = await mine.page.app.store.read(lending.of_volunteer, mine.volunteer.id)
    saved = mine.page.request.query_params.get("saved", "")
    return mine.show(
        "volunteer/settings.html",
        status,
        filled=filled,
        part=part,
        saved=saved if saved in PARTS else "",
        standings=standings,
        lendable={one.account.id for one in standings if lend.choices(mine.page, one.account)},
        **_choices(mine.page),
    )


def _choices(page: Page) -> dict[str, Any]:
    """Give what the fields offer."""
    return {
        "paces": PACES,
        "cap_max": CAP_DAY_MAX,
        "spacing_max": form.SPACING_MAX_MIN,
        "custom": form.CUSTOM,
        "sectors": [(code, label.name(page.lang)) for code, label in sectors().items()],
        "regions": [(code, label.name(page.lang)) for code, label in regions().items()],
        "zones": SUGGESTED,
    }


def _with_part(values: Application, part: str, typed: Typed, page: Page) -> Application:
    """Give the application with one part as it was typed."""
    if part == "presence":
        handles = {name: typed.text(f"handle-{name}") for name in page.app.networks}
        return replace(values, name=typed.text("name"), networks=typed.texts("network"), handles=handles)
    if part == "pace":
        return replace(
            values, pace=typed.text("pace"), cap=typed.text("cap"), spacing=typed.text("spacing", "60")
        )
    if part == "interests":
        return replace(
            values,
            sectors_wanted=typed.text("sectors_wanted", "all"),
            sectors=typed.texts("sector"),
            regions_wanted=typed.text("regions_wanted", "all"),
            regions=typed.texts("region"),
            languages=typed.texts("language"),
        )
    return replace(
        values,
        quiet=typed.text("quiet", "yes"),
        quiet_from=typed.text("quiet_from", "21:00"),
        quiet_to=typed.text("quiet_to", "08:00"),
        time_zone=typed.text("time_zone") or page.app.settings.time_zone,
    )


def _names_others(mine: Mine, part: Part) -> bool:
    """Whether a part of the settings names accounts that its volunteer does not have."""
    has = {(account.network, account.handle) for account in mine.volunteer.accounts}
    return isinstance(part, Presence) and not has.issuperset(part.accounts)


def _read_part(name: str, values: Application, page: Page) -> tuple[Part | None, list[FieldError]]:
    if name == "presence":
        return form.read_presence(values, page.app.networks)
    if name == "pace":
        return form.read_pace(values)
    if name == "interests":
        return form.read_interests(values, sectors(), regions())
    return form.read_hours(values)
