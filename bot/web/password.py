"""An admin changes their own password: the present one, then the new one twice."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.errors import UsageError
from bot.model.forms import FieldError
from bot.model.text import N_, Message
from bot.moderation import admins, log_in
from bot.trust import passwords
from bot.web.answers import TurnedAwayError
from bot.web.forms import Typed, read_form
from bot.web.login import PASSWORD_MOST, TWICE, Filled, known_words, proved
from bot.web.session import AdminPage, OnAdmin, session_token

router = APIRouter()

WRONG = Message(N_("This is not your present password."))


@router.get("/{lang}/admin/password")
async def ask(page: OnAdmin) -> Response:
    """Ask for the present password and a new one; whoever has a second factor proves it first."""
    if page.visit.has_factor:
        page.need_proof()
    return page.show("admin/password.html", filled=Filled())


@router.post("/{lang}/admin/password")
async def change(page: OnAdmin) -> Response:
    """Set the new password and end the admin's other sessions; or say what is wrong."""
    if page.visit.has_factor:
        page.need_proof()
    typed, admin = await read_form(page.request), page.admin
    present = typed.text("present", most=PASSWORD_MOST)
    try:
        await proved(
            page,
            lambda: _fits(page, present),
            WRONG,
            factor="password",
        )
    except TurnedAwayError as away:
        return away.on(_again(page, FieldError("present", away.message), status=away.status))
    if errors := _errors(page, typed):
        return _again(page, *errors)
    password = typed.text("password", most=PASSWORD_MOST)
    await page.app.store.write(
        admins.change_password, admin.id, password, keep=session_token(page), now=page.now
    )
    return page.redirect("/admin/me")


async def _fits(page: AdminPage, present: str) -> bool | None:
    stored = await page.app.store.read(log_in.hash_of, page.admin)
    return await passwords.fits(present, stored) or None


def _errors(page: AdminPage, typed: Typed) -> list[FieldError]:
    password, errors = typed.text("password", most=PASSWORD_MOST), []
    try:
        admins.check_password(password, about=(page.admin.name, *known_words(page)))
    except UsageError as error:
        errors.append(FieldError("password", error.args[0]))
    if typed.text("again", most=PASSWORD_MOST) != password:
        errors.append(FieldError("again", TWICE))
    return errors


def _again(page: AdminPage, *errors: FieldError, status: int = 422) -> Response:
    return page.show("admin/password.html", status, filled=Filled(errors=errors))
