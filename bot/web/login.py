"""How an admin comes in: the one-time set-up link, log-in, log-out."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.errors import ConflictError, UsageError
from bot.model.forms import FieldError
from bot.model.text import N_, Message
from bot.moderation import admins
from bot.web.forms import Typed, read_form
from bot.web.pages import OnPage, Page
from bot.web.session import OnAdmin, drop_cookie, safe_next, session_token, set_cookie

router = APIRouter()

PASSWORD_MOST = 1_000
"""Characters of a typed password that are looked at: a longer one is refused, not cut."""
WRONG = Message(N_("This name and this password do not go together."))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands on the page. Passwords are never shown again."""

    name: str = ""
    errors: tuple[FieldError, ...] = ()

    def wrong(self, field: str) -> FieldError | None:
        """Give what is wrong with a field."""
        return next((error for error in self.errors if error.field == field), None)


def _brake(page: Page) -> admins.Brake:
    state = page.request.app.state
    if not hasattr(state, "brake"):
        state.brake = admins.Brake()
    brake: admins.Brake = state.brake
    return brake


# ---------- set-up ----------


@router.get("/{lang}/admin/setup/{token}")
async def ask_set_up(page: OnPage, token: str) -> Response:
    """Show the form of a set-up link that still works."""
    known = await page.app.store.read(admins.check_setup_link, token, page.now)
    return page.show("admin/setup.html", filled=Filled(known.name if known else ""), known=known)


@router.post("/{lang}/admin/setup/{token}")
async def do_set_up(page: OnPage, token: str) -> Response:
    """Make the admin or set the new password, and log in; a link whose form has a mistake keeps working."""
    known = await page.app.store.read(admins.check_setup_link, token, page.now)
    typed = await read_form(page.request)
    name = known.name if known else typed.text("name")
    if errors := tuple(_set_up_errors(name, typed)):
        return page.show("admin/setup.html", 422, filled=Filled(name, errors), known=known)
    password = typed.text("password", most=PASSWORD_MOST)
    try:
        admin = await page.app.store.write(admins.set_up, token, name, password, page.now)
    except ConflictError as taken:
        return page.show("admin/setup.html", 422, filled=_filled(name, taken.args[0]), known=known)
    return await _let_in(page, admin.id, page.url("/admin"))


def _set_up_errors(name: str, typed: Typed) -> list[FieldError]:
    password = typed.text("password", most=PASSWORD_MOST)
    errors = []
    for field, check, value in (
        ("name", admins.clean_name, name),
        ("password", admins.check_password, password),
    ):
        try:
            check(value)
        except UsageError as error:
            errors.append(FieldError(field, error.args[0]))
    if typed.text("again", most=PASSWORD_MOST) != password:
        errors.append(FieldError("again", Message(N_("Type the same password twice."))))
    return errors


# ---------- log-in ----------


@router.get("/{lang}/admin/login")
async def ask_log_in(page: OnPage) -> Response:
    """Show the log-in form."""
    wanted = safe_next(page.lang, page.request.query_params.get("next"))
    return page.show("admin/login.html", filled=Filled(), wanted=wanted)


@router.post("/{lang}/admin/login")
async def do_log_in(page: OnPage) -> Response:
    """Let the admin in, or answer the same to a wrong name as to a wrong password."""
    typed = await read_form(page.request)
    name, password = typed.text("name"), typed.text("password", most=PASSWORD_MOST)
    wanted = safe_next(page.lang, typed.text("next"))
    brake = _brake(page)
    wait = brake.wait(name, page.now)
    if wait:
        minutes = max(1, -(-int(wait.total_seconds() / page.app.clock.speed) // 60))
        text = N_("Too many tries with this name. Wait %(n)s minutes, then try again.")
        one = N_("Too many tries with this name. Wait a minute, then try again.")
        late = Message(one if minutes == 1 else text, {"n": minutes})
        answer = page.show("admin/login.html", 429, filled=_filled(name, late), wanted=wanted)
        answer.headers["Retry-After"] = str(minutes * 60)
        return answer
    # Counted before the answer is known, so that guesses sent all at once do not all pass.
    brake.failed(name, page.now)
    admin = await page.app.store.read(admins.verify, name, password)
    if admin is None:
        return page.show("admin/login.html", 422, filled=_filled(name, WRONG), wanted=wanted)
    brake.passed(name)
    return await _let_in(page, admin.id, wanted)


def _filled(name: str, message: Message) -> Filled:
    return Filled(name, (FieldError("name", message),))


async def _let_in(page: Page, admin_id: int, path: str) -> Response:
    token = await page.app.store.write(admins.log_in, admin_id, page.now)
    answer = RedirectResponse(path, 303)
    set_cookie(page, answer, token)
    return answer


@router.post("/{lang}/admin/logout")
async def do_log_out(page: OnAdmin) -> Response:
    """End the session."""
    await page.app.store.write(admins.log_out, session_token(page), admin_id=page.admin.id, now=page.now)
    answer = page.redirect("/admin/login")
    drop_cookie(page, answer)
    return answer
