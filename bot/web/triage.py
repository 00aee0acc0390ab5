"""The moderators' desk: read a notice, decide, undo. Reads with GET, decides with POST."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from bot.errors import ConflictError, UsageError
from bot.locale import say
from bot.model.access import Role
from bot.model.clock import human
from bot.model.forms import FieldError
from bot.model.moderation import REASONS, Flag, FlagKind, Reason, Verdict
from bot.model.notice import CONTRACTS
from bot.model.text import N_, Message
from bot.moderation import decide as moderation
from bot.moderation import queue
from bot.moderation.desk import Desk, look
from bot.moderation.figures import midnight
from bot.moderation.marks import Piece, pieces
from bot.sets import Label, paper_colour, regions, sectors
from bot.web import labels
from bot.web.forms import Typed, read_form
from bot.web.pages import Id
from bot.web.session import AdminPage, OnModerator, OnReader

router = APIRouter()

Code = TypeVar("Code", bound=StrEnum)
BAD_FORM, TAKEN = 422, 409

DONE: dict[Verdict, str] = {
    Verdict.ACCEPT: N_("Accepted: #%(id)s %(title)s"),
    Verdict.ACCEPT_FIXED: N_("Accepted without the personal data: #%(id)s %(title)s"),
    Verdict.ASK: N_("Change asked for: #%(id)s %(title)s"),
    Verdict.LATER: N_("Put off for two hours: #%(id)s %(title)s"),
    Verdict.REFUSE: N_("Refused: #%(id)s %(title)s"),
}
BY: dict[Verdict, str] = {
    Verdict.ACCEPT: N_("Accepted by %(name)s"),
    Verdict.ACCEPT_FIXED: N_("Accepted without the personal data by %(name)s"),
    Verdict.ASK: N_("Change asked for by %(name)s"),
    Verdict.LATER: N_("Put off by %(name)s"),
    Verdict.REFUSE: N_("Refused by %(name)s"),
}
CLEAR: dict[FlagKind, str] = {
    FlagKind.PERSONAL_DATA: N_("No phone number, email or address in the words"),
    FlagKind.SCAM: N_("No wording of the usual scams"),
    FlagKind.OFFER: N_("Reads like a search, not like an offer"),
    FlagKind.DUPLICATE: N_("Unlike the other notices of the last three months"),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The decision's form as it stands on the page."""

    verdict: str = ""
    reason: str = ""
    note: str = ""
    sector: str | None = None
    region: str | None = None
    whose: str = ""
    errors: tuple[FieldError, ...] = ()

    def wrong(self, field: str) -> FieldError | None:
        """Give what is wrong with a field."""
        return next((error for error in self.errors if error.field == field), None)


def _undo_span(page: AdminPage) -> timedelta:
    return human(page.app.clock, timedelta(seconds=page.app.settings.undo_s))


async def _desk(page: AdminPage, notice_id: int | None) -> Desk:
    return await page.app.store.read(
        look,
        notice_id,
        admin_id=page.admin.id,
        zone=page.app.settings.time_zone,
        now=page.now,
        undo=_undo_span(page),
    )


async def _show(page: AdminPage, desk: Desk, status: int = 200, filled: Filled | None = None) -> Response:
    seconds = 0.0
    if desk.last is not None:
        left = desk.last.decision.at + _undo_span(page) - page.now
        seconds = left.total_seconds() / page.app.clock.speed
    return await page.show_admin(
        "admin/triage.html",
        status,
        desk=desk,
        filled=filled or Filled(),
        undo_left_ms=round(seconds * 1000),
        allowed=moderation.allowed(desk.case.notice, page.app.policies) if desk.case else frozenset(),
        **_words(page),
    )


def _words(page: AdminPage) -> dict[str, Any]:
    def names(found: dict[str, Label]) -> list[tuple[str, str]]:
        return [(code, label.name(page.lang)) for code, label in found.items()]

    return {
        "done": DONE,
        "by": BY,
        "clear": CLEAR,
        "reasons": REASONS,
        "contracts": CONTRACTS,
        "labels": labels,
        "colour": paper_colour,
        "sectors": names(sectors()),
        "regions": names(regions()),
        "marked": marked,
        "pieces": pieces,
        "hint": queue.hint,
        "host": host,
    }


def marked(text: str, flags: tuple[Flag, ...], field: str) -> list[Piece]:
    """Cut a field's text where flags mark it."""
    return pieces(text, [span for flag in flags if flag.field == field for span in flag.spans])


def host(url: str) -> str:
    """Give the host a link leads to, in ASCII so that look-alike letters show."""
    name = urlsplit(url).hostname or ""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name.encode("ascii", "backslashreplace").decode("ascii")


# ---------- read ----------


@router.get("/{lang}/admin")
async def first(page: OnReader) -> Response:
    """Lead to the notice that has waited longest, or say that nothing is left; readers to the queue."""
    if not page.admin.role.covers(Role.MODERATOR):
        return page.redirect("/admin/queue")
    desk = await _desk(page, None)
    waiting = desk.following or (desk.cases[0].notice.id if desk.cases else None)
    return await _show(page, desk) if waiting is None else page.redirect(f"/admin/case/{waiting}")


@router.get("/{lang}/admin/case/{notice_id}")
async def case(page: OnModerator, notice_id: Id) -> Response:
    """Show one notice with all that helps to decide."""
    return await _show(page, await _desk(page, notice_id))


@router.get("/{lang}/admin/decisions")
async def decisions(page: OnModerator) -> Response:
    """List today's decisions."""
    since = midnight(page.now, page.app.settings.time_zone)
    found = await page.app.store.read(queue.decided, since=since)
    return await page.show_admin("admin/decisions.html", found=found, **_words(page))


# ---------- act ----------


@router.post("/{lang}/admin/case/{notice_id}/claim")
async def claim(page: OnModerator, notice_id: Id) -> Response:
    """Reserve a notice for the admin who opened it: 204, or 409 with who was faster."""
    hold = human(page.app.clock, timedelta(seconds=page.app.settings.claim_s))
    try:
        await page.app.store.write(
            moderation.claim, notice_id, admin_id=page.admin.id, now=page.now, hold=hold
        )
    except ConflictError as error:
        return PlainTextResponse(say(error.args[0], page.lang), 409)
    return Response(status_code=204)


@router.post("/{lang}/admin/case/{notice_id}")
async def decide(page: OnModerator, notice_id: Id) -> Response:
    """Decide, then show the next notice; or show this one again with what is missing."""
    typed = await read_form(page.request)
    filled = _filled(typed)
    verdict, reason = _code(Verdict, filled.verdict), _code(Reason, filled.reason)
    if verdict is None:
        message = Message(N_("Choose what to do with this notice."))
        return await _again(page, notice_id, BAD_FORM, filled, message)
    after = await page.app.store.read(queue.next_id, after=notice_id, admin_id=page.admin.id, now=page.now)
    asks = verdict in {Verdict.ASK, Verdict.REFUSE}
    try:
        await page.app.store.write(
            moderation.decide,
            notice_id,
            verdict,
            reason=reason if asks else None,
            note=filled.note if asks else "",
            match=_match(filled),
            whose=_whose(filled),
            revision=_number(typed.text("revision")),
            settings=page.app.settings,
            policies=page.app.policies,
            admin_id=page.admin.id,
            now=page.now,
            undo=_undo_span(page),
        )
    except UsageError as error:
        return await _again(page, notice_id, BAD_FORM, filled, error.args[0])
    except ConflictError as error:
        return await _again(page, notice_id, TAKEN, filled, error.args[0])
    return page.redirect("/admin" if after is None else f"/admin/case/{after}")


@router.post("/{lang}/admin/undo/{decision_id}")
async def undo(page: OnModerator, decision_id: Id) -> Response:
    """Take a decision back and show its notice again."""
    undone = await page.app.store.write(
        moderation.undo, decision_id, admin_id=page.admin.id, now=page.now, undo=_undo_span(page)
    )
    return page.redirect(f"/admin/case/{undone.notice_id}")


async def _again(page: AdminPage, notice_id: int, status: int, filled: Filled, message: Message) -> Response:
    field = "decide"
    if status == BAD_FORM:
        field = "note" if len(filled.note) > moderation.NOTE_MAX else f"reason-{next(iter(REASONS)).value}"
    errors = (FieldError(field, message),)
    return await _show(page, await _desk(page, notice_id), status, replace(filled, errors=errors))


def _filled(typed: Typed) -> Filled:
    return Filled(
        verdict=typed.text("verdict"),
        reason=typed.text("reason"),
        note=typed.text("note"),
        sector=typed.text("sector", "-"),
        region=typed.text("region", "-"),
        whose=typed.text("whose"),
    )


def _code(kind: type[Code], value: str) -> Code | None:
    return kind(value) if value in set(kind) else None


def _match(filled: Filled) -> dict[str, str | None]:
    """Give the corrections that the form makes: a known code, or None for "any"."""
    chosen = {"sector": (filled.sector, sectors()), "region": (filled.region, regions())}
    return {name: code or None for name, (code, known) in chosen.items() if code == "" or code in known}


def _whose(filled: Filled) -> int | None:
    """Give the notice that was chosen; None: none was, 0: one that cannot be."""
    return (_number(filled.whose) or 0) if filled.whose else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
