"""The admin's session: its cookie, and the dependencies that say what a page needs to be shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.errors import ForbiddenError
from bot.model.access import Admin, Role, Visit
from bot.model.clock import human
from bot.model.text import LANGUAGES, N_, Message
from bot.moderation import log_in
from bot.moderation.security_keys import CHALLENGE_LIFE, Given
from bot.storage import Session, admins, cases, halts
from bot.trust import security_key
from bot.web import watchman
from bot.web.forms import Typed
from bot.web.guard import SAFE_METHODS
from bot.web.pages import OnPage, Page

HOME = "/admin"
LOG_IN, CODE, FACTOR, PROVE = "/admin/login", "/admin/code", "/admin/factor", "/admin/prove"
ANSWER_MOST = 16_000
"""Characters of a key's answer that are looked at."""
DOORS = ("login", "logout", "setup", "code", "prove")
"""Pages below /admin that nobody is led back to."""


class MoreNeededError(Exception):
    """Something is missing before this page: the answer is the page `door`, which leads back to `wanted`."""

    def __init__(self, page: Page, door: str) -> None:
        super().__init__(door)
        url = page.request.url
        here = url.path + (f"?{url.query}" if url.query else "")
        self.wanted = here if page.request.method in SAFE_METHODS else page.url(HOME)
        self.door = page.url(door)


@dataclass(frozen=True, slots=True)
class AdminPage(Page):
    """A request of an admin who is logged in."""

    visit: Visit

    @property
    def admin(self) -> Admin:
        """Who is logged in."""
        return self.visit.admin

    def need(self, role: Role) -> None:
        """Refuse an admin whose role does not cover `role`: the one place where roles are enforced.

        Raises:
            ForbiddenError: it does not.
        """
        if not self.admin.role.covers(role):
            about = {"role": self.admin.role.value, "needed": role.value}
            watchman.note(self.request, "role_refused", admin=self.admin.id, **about)
            raise ForbiddenError(Message(N_("Your role does not allow this. An operator can change it.")))

    def need_proof(self) -> None:
        """Before a dangerous act, make sure that whoever logged in still sits there.

        Raises:
            MoreNeededError: the last password or code is more than ten minutes old.
        """
        if self.now - self.visit.proved_at > human(self.app.clock, log_in.FRESH):
            raise MoreNeededError(self, PROVE)

    async def show_admin(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a template that extends `admin/_admin.html`: it also has what `_frame` gives."""
        frame = await self.app.store.read(_frame, self.now)
        return self.show(template, status, **{"admin": self.admin, **frame, **context})


def _frame(session: Session, now: datetime) -> dict[str, Any]:
    """Give what every admin page shows: notices to read, the halt in force, the admins' names by id."""
    return {
        "to_read": cases.waiting_count(session, now),
        "halt": halts.current(session),
        "names": {admin.id: admin.name for admin in admins.listed(session)},
    }


# ---------- cookies ----------


def set_cookie(page: Page, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Keep a value in the browser, out of reach of scripts and other sites; by default until it is closed."""
    response.set_cookie(
        cookie_name(page, name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="strict",
        secure=page.app.settings.secure,
    )


def drop_cookie(page: Page, response: Response, name: str) -> None:
    """Take a value from the browser."""
    response.delete_cookie(
        cookie_name(page, name), path="/", httponly=True, samesite="strict", secure=page.app.settings.secure
    )


def cookie_name(page: Page, name: str) -> str:
    """Give a cookie's name: bound to this very host but for plain http on the machine itself."""
    return f"__Host-{name}" if page.app.settings.secure else name


def read_cookie(page: Page, name: str) -> str:
    """Give a cookie's value, or an empty text."""
    return page.request.cookies.get(cookie_name(page, name), "")[:200]


def session_token(page: Page) -> str:
    """Give the token of the session's cookie, or an empty text."""
    return read_cookie(page, "admin")


# ---------- security keys ----------


def key_site(page: Page) -> security_key.Site | None:
    """Give the site for which security keys answer; None where browsers allow none."""
    return security_key.site_of(page.app.settings.address, page.app.settings.site_name)


def key_given(page: Page, typed: Typed) -> Given | None:
    """Give the answer of a key that a form carries; None when it carries none."""
    site, text = key_site(page), typed.text("answer", most=ANSWER_MOST)
    if site is None or not text:
        return None
    return Given(site, session_token(page), text, page.now - human(page.app.clock, CHALLENGE_LIFE))


# ---------- where to go ----------


def safe_next(lang: str, wanted: object) -> str:
    """Give the page to show after log-in: an admin page of this site, else the first one.

    Nothing but a plain path may follow, so that a link cannot lead elsewhere.
    """
    home = f"/{lang}{HOME}"
    if not isinstance(wanted, str) or len(wanted) > 200:  # noqa: PLR2004  longer than any of ours
        return home
    path, _, query = wanted.partition("?")
    parts = path.split("/")
    plain = path.isascii() and all(part.replace("-", "").isalnum() for part in parts[1:])
    ours = len(parts) > 2 and parts[0] == "" and parts[1] in LANGUAGES and parts[2] == "admin"  # noqa: PLR2004
    if not (plain and ours) or (len(parts) > 3 and parts[3] in DOORS):  # noqa: PLR2004
        return home
    return f"{path}?{quote(query, safe='=&+%')}" if query else path


async def to_door(_request: Request, error: Exception) -> Response:
    """Lead to the page that asks for what is missing, and back."""
    assert isinstance(error, MoreNeededError)
    return RedirectResponse(f"{error.door}?next={quote(error.wanted, safe='/')}", 303)


# ---------- what a page needs ----------


def factor_due(page: Page, visit: Visit) -> bool:
    """Whether a second factor has to be set up first: by everybody where others can reach the site."""
    return factor_needed(page) and not visit.has_factor


def factor_needed(page: Page) -> bool:
    """Whether everybody needs a second factor: where others can reach the site, but in the demo."""
    return page.app.settings.public and not page.app.demo


async def _half(page: OnPage) -> AdminPage:
    speed = page.app.clock.speed
    visit = await page.app.store.read(log_in.visit_of, session_token(page), page.now, speed=speed)
    if visit is None:
        raise MoreNeededError(page, LOG_IN)
    return AdminPage(page.request, page.app, page.lang, visit)


OnHalf = Annotated[AdminPage, Depends(_half)]
"""The page of somebody whose password fits; the code may still be to come."""


async def _whole(page: OnHalf) -> AdminPage:
    if not page.visit.whole:
        raise MoreNeededError(page, CODE)
    if page.request.method not in SAFE_METHODS:  # reading changes nothing, not even how idle a session is
        await page.app.store.write(log_in.touch, session_token(page), page.now)
    return page


OnWhole = Annotated[AdminPage, Depends(_whole)]
"""The page of an admin who is logged in but may still have to set up a second factor."""


async def _signed_in(page: OnWhole) -> AdminPage:
    if factor_due(page, page.visit):
        raise MoreNeededError(page, FACTOR)
    return page


async def signed_in(page: Page) -> AdminPage:
    """Give the page of who is logged in, for an address that is open to others too.

    Raises:
        MoreNeededError: nobody is, or something is missing.
    """
    return await _signed_in(await _whole(await _half(page)))


OnAdmin = Annotated[AdminPage, Depends(_signed_in)]
"""The page of an admin who is logged in, whatever the role; a visitor is led to the log-in page."""


def _with(role: Role) -> Callable[[AdminPage], Awaitable[AdminPage]]:
    async def checked(page: OnAdmin) -> AdminPage:
        page.need(role)
        return page

    return checked


OnReader = Annotated[AdminPage, Depends(_with(Role.READER))]
OnModerator = Annotated[AdminPage, Depends(_with(Role.MODERATOR))]
OnOperator = Annotated[AdminPage, Depends(_with(Role.OPERATOR))]
