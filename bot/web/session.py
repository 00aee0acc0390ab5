"""The admin's log-in: a cookie, and the dependencies that say which role a page needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.errors import ForbiddenError
from bot.model.access import Admin, Role
from bot.model.halt import Halt
from bot.model.text import LANGUAGES, N_, Message
from bot.storage import Session, admins, cases, halts
from bot.trust.links import hash_token
from bot.web.guard import SAFE_METHODS
from bot.web.pages import OnPage, Page

HOME = "/admin"


class LogInNeededError(Exception):
    """Nobody is logged in; the answer is the log-in page, which leads back to `wanted`."""

    def __init__(self, lang: str, wanted: str) -> None:
        super().__init__(wanted)
        self.lang = lang
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class AdminPage(Page):
    """A request of an admin who is logged in."""

    admin: Admin

    def need(self, role: Role) -> None:
        """Refuse an admin whose role does not cover `role`: the one place where roles are enforced.

        Raises:
            ForbiddenError: it does not.
        """
        if not self.admin.role.covers(role):
            raise ForbiddenError(Message(N_("Your role does not allow this. An operator can change it.")))

    async def show_admin(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a template that extends `admin/_admin.html`: it also has `admin`, `to_read`, `halt`."""
        to_read, halt = await self.app.store.read(_frame, self.now)
        return self.show(template, status, admin=self.admin, to_read=to_read, halt=halt, **context)


def _frame(session: Session, now: datetime) -> tuple[int, Halt | None]:
    return cases.waiting_count(session, now), halts.current(session)


def cookie_name(page: Page) -> str:
    """Give the cookie's name: bound to this very host where the site is served by https."""
    return "__Host-admin" if _https(page) else "admin"


def _https(page: Page) -> bool:
    return page.app.settings.address.startswith("https://")


def set_cookie(page: Page, response: Response, token: str) -> None:
    """Give the browser a session. It ends with the browser, after 12 idle hours, or after 14 days."""
    response.set_cookie(
        cookie_name(page), token, path="/", httponly=True, samesite="strict", secure=_https(page)
    )


def drop_cookie(page: Page, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(page), path="/", httponly=True, samesite="strict", secure=_https(page))


def session_token(page: Page) -> str:
    """Give the cookie's token, or an empty text."""
    return page.request.cookies.get(cookie_name(page), "")[:100]


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
    if not (plain and ours) or parts[3:4] in (["login"], ["logout"], ["setup"]):
        return home
    return f"{path}?{quote(query, safe='=&+%')}" if query else path


def _who(session: Session, token: str, page: Page) -> Admin | None:
    return admins.of_session(session, hash_token(token), page.now) if token else None


async def _signed_in(page: OnPage) -> AdminPage:
    token = session_token(page)
    who = await page.app.store.read(_who, token, page)
    request = page.request
    if who is None:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        home = page.url(HOME)
        raise LogInNeededError(page.lang, wanted if request.method in SAFE_METHODS else home)
    if request.method not in SAFE_METHODS:  # reading changes nothing, not even how idle a session is
        await page.app.store.write(admins.touch, hash_token(token), page.now)
    return AdminPage(request, page.app, page.lang, who)


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


async def to_login(_request: Request, error: Exception) -> Response:
    """Lead to the log-in page and back."""
    assert isinstance(error, LogInNeededError)
    return RedirectResponse(f"/{error.lang}/admin/login?next={quote(error.wanted, safe='/')}", 303)
