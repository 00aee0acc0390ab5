"""How an admin comes in: the one-time set-up link, name and password, the code, log-out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.errors import ConflictError, UsageError
from bot.model.access import Admin
from bot.model.forms import FieldError
from bot.model.text import N_, Message
from bot.moderation import admins, log_in
from bot.moderation.lockout import LockOut, fold
from bot.storage import factors, security_keys
from bot.trust import passwords
from bot.trust.links import new_token
from bot.web import client, watchman
from bot.web.answers import TurnedAwayError, right
from bot.web.forms import Typed, read_form
from bot.web.pages import OnPage, Page
from bot.web.session import (
    CODE,
    FACTOR,
    LOG_IN,
    AdminPage,
    OnHalf,
    OnWhole,
    drop_cookie,
    key_given,
    key_site,
    read_cookie,
    safe_next,
    session_token,
    set_cookie,
)

T = TypeVar("T")

router = APIRouter()

PASSWORD_MOST = 1_000
"""Characters of a typed password that are looked at: a longer one is refused, not cut."""
DEVICE, DEVICE_S = "device", 180 * 86_400
TWICE = Message(N_("Type the same password twice."))
WRONG = Message(N_("This name and this password do not go together."))
WRONG_CODE = Message(N_("This code does not fit, or it has served already. Wait for the next one."))
WRONG_KEY = Message(N_("This security key did not answer as it should. Try once more, or use a code."))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands on the page. Passwords and codes are never shown again."""

    name: str = ""
    errors: tuple[FieldError, ...] = ()

    def wrong(self, field: str) -> FieldError | None:
        """Give what is wrong with a field."""
        return next((error for error in self.errors if error.field == field), None)


# ---------- the browser and its doors ----------


def doors(page: Page) -> LockOut:
    """Give the lock-out of this site."""
    found: LockOut = page.request.app.state.lock_out
    return found


def device_of(page: Page, name: str) -> str:
    """Give what tells this browser from others, if it has logged in as `name` before; otherwise nothing."""
    device, _, signature = read_cookie(page, DEVICE).partition(".")
    return device if device and signature == _signature(page, name, device) else ""


def _signature(page: Page, name: str, device: str) -> str:
    return page.app.keys.digest("admin-device", f"{fold(name)} {device}")[:32]


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
    if errors := tuple(_set_up_errors(name, typed, (name, *known_words(page)))):
        return page.show("admin/setup.html", 422, filled=Filled(name, errors), known=known)
    password = typed.text("password", most=PASSWORD_MOST)
    try:
        admin = await page.app.store.write(admins.set_up, token, name, password, page.now)
    except ConflictError as taken:
        return page.show("admin/setup.html", 422, filled=wrong("name", taken.args[0], name), known=known)
    return await _let_in(page, admin, page.url(f"{FACTOR}?first=1"))


def _set_up_errors(name: str, typed: Typed, about: Sequence[str]) -> list[FieldError]:
    password = typed.text("password", most=PASSWORD_MOST)
    errors = []
    for field, check, value in (
        ("name", admins.clean_name, name),
        ("password", lambda typed: admins.check_password(typed, about=about), password),
    ):
        try:
            check(value)
        except UsageError as error:
            errors.append(FieldError(field, error.args[0]))
    if typed.text("again", most=PASSWORD_MOST) != password:
        errors.append(FieldError("again", TWICE))
    return errors


# ---------- name and password ----------


@router.get("/{lang}/admin/login")
async def ask_log_in(page: OnPage) -> Response:
    """Show the log-in form."""
    wanted = safe_next(page.lang, page.request.query_params.get("next"))
    return _log_in_page(page, Filled(), wanted)


@router.post("/{lang}/admin/login")
async def do_log_in(page: OnPage) -> Response:
    """Let the admin in, or answer the same to a wrong name as to a wrong password."""
    typed = await read_form(page.request)
    name, password = typed.text("name"), typed.text("password", most=PASSWORD_MOST)
    wanted = safe_next(page.lang, typed.text("next"))
    door = doors(page).for_password(
        name, device=device_of(page, name), network=client.network(page.request, page.app.settings)
    )
    try:
        admin = await right(
            page,
            door,
            lambda: _whose(page, name, password),
            WRONG,
            factor="password",
            who=_guessed(page, name),
        )
    except TurnedAwayError as away:
        filled = wrong("name", away.message, name)
        return away.on(_log_in_page(page, filled, wanted, away.status))
    if not await page.app.store.read(factors.has, admin.id):
        return await _let_in(page, admin, wanted)
    token = await page.app.store.write(admins.log_in, admin.id, page.now, whole=False)
    answer = page.redirect(f"{CODE}?next={quote(wanted, safe='/')}")
    set_cookie(page, answer, "admin", token)
    return answer


def _log_in_page(page: Page, filled: Filled, wanted: str, status: int = 200) -> Response:
    one = page.request.app.state.open_id
    provider = one.host if one else ""
    return page.show("admin/login.html", status, filled=filled, wanted=wanted, provider=provider)


def _guessed(page: Page, name: str) -> str:
    """Give what stands in the log for a typed name: guesses at one name can be told from those at many."""
    return page.app.keys.digest("log-name", fold(name))[:8]


async def _whose(page: Page, name: str, password: str) -> Admin | None:
    known = await page.app.store.read(log_in.known, name)
    fits = await passwords.fits(password, known[1] if known else None)
    return known[0] if known and fits else None


def known_words(page: Page) -> tuple[str, ...]:
    """Give the words of this site that nobody's password may be made of."""
    settings = page.app.settings
    return settings.site_name, settings.hashtag, settings.address


def wrong(field: str, message: Message, name: str = "") -> Filled:
    """Give a form with one thing wrong."""
    return Filled(name, (FieldError(field, message),))


# ---------- the code ----------


@router.get("/{lang}/admin/code")
async def ask_code(page: OnHalf) -> Response:
    """Ask for the code, or a key's answer, that follows the password."""
    return await code_page(page, Filled(), safe_next(page.lang, page.request.query_params.get("next")))


@router.post("/{lang}/admin/code")
async def do_code(page: OnHalf) -> Response:
    """Let the admin in by the app's code, a recovery code or a security key."""
    typed = await read_form(page.request)
    wanted, admin = safe_next(page.lang, typed.text("next")), page.admin
    half, key = session_token(page), key_given(page, typed)
    keys, now, speed = page.app.keys, page.now, page.app.clock.speed
    try:
        token = await proved(
            page,
            lambda: page.app.store.write(
                log_in.finish, half, key or typed.text("code"), keys=keys, now=now, speed=speed
            ),
            WRONG_KEY if key else WRONG_CODE,
            factor="key" if key else "code",
        )
    except TurnedAwayError as away:
        filled = wrong("answer" if key else "code", away.message)
        return away.on(await code_page(page, filled, wanted, status=away.status))
    return inside(page, admin, token, wanted)


async def proved(
    page: AdminPage, look: Callable[[], Awaitable[T | None]], wrong: Message, *, factor: str
) -> T:
    """Give what a right answer of the page's admin gives, at the door of their codes for this browser.

    `factor` says in the log which one is asked.

    Raises:
        TurnedAwayError: as `right` does.
    """
    door = doors(page).for_code(page.admin.id, device=device_of(page, page.admin.name))
    return await right(page, door, look, wrong, factor=factor, admin=page.admin.id)


async def code_page(
    page: AdminPage, filled: Filled, wanted: str, again: str = "", status: int = 200
) -> Response:
    """Show the form for a code or a key's answer; `again`: what proves it before a dangerous act."""
    has_keys = bool(await page.app.store.read(security_keys.listed, page.admin.id)) and bool(key_site(page))
    return page.show("admin/code.html", status, filled=filled, wanted=wanted, again=again, has_keys=has_keys)


async def _let_in(page: Page, admin: Admin, path: str) -> Response:
    token = await page.app.store.write(admins.log_in, admin.id, page.now)
    return inside(page, admin, token, path)


def inside(page: Page, admin: Admin, token: str, path: str) -> Response:
    """Show the page wanted, with the session, and with what makes this browser one that is known."""
    watchman.note(page.request, "admin_entered", admin=admin.id)
    answer = RedirectResponse(path, 303)
    set_cookie(page, answer, "admin", token)
    if not device_of(page, admin.name):
        device = new_token()
        value = f"{device}.{_signature(page, admin.name, device)}"
        set_cookie(page, answer, DEVICE, value, max_age=DEVICE_S)
    return answer


# ---------- log-out ----------


@router.post("/{lang}/admin/logout")
async def do_log_out(page: OnWhole) -> Response:
    """End the session."""
    await page.app.store.write(log_in.log_out, session_token(page), admin_id=page.admin.id, now=page.now)
    return logged_out(page)


def logged_out(page: Page) -> Response:
    """Lead to the log-in page without a session."""
    answer = page.redirect(LOG_IN)
    drop_cookie(page, answer, "admin")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
