"""Pages for what went wrong: each says what to do next, none says more than it should."""

from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bot.errors import ConflictError, ForbiddenError, LanguetteError, NotFoundError, UsageError
from bot.model.text import LANGUAGES, N_, Message
from bot.web import watchman
from bot.web.guard import TooLargeError, TooSlowError
from bot.web.pages import Page, preferred_language
from bot.web.session import MoreNeededError, to_door

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.types import Message as ASGIMessage

log = structlog.get_logger()

GONE = N_("This link leads nowhere any more, or never did.")
MOVED_ON = N_("Too late: the notice has moved on since.")
UNREADABLE = N_("This form could not be read. Go back and send it again.")
UNAVAILABLE = 503
STATUSES = {NotFoundError: 404, ConflictError: 409, UsageError: 422, ForbiddenError: 403}
"""By error, its subclasses included."""
BROKEN = N_("Something broke on our side. Nothing you sent is half-done; try again in a minute.")


def _page(request: Request) -> Page:
    app = request.app.state.app
    first = request.url.path.split("/", 2)[1]
    lang = first if first in LANGUAGES else preferred_language(request.headers, app.settings.default_lang)
    return Page(request, app, lang)


def failure_page(page: Page, status: int, message: Message | str) -> HTMLResponse:
    """Show one sentence and the way back."""
    return page.show("failure.html", status, message=message, code=status)


async def _languette(request: Request, error: Exception) -> Response:
    assert isinstance(error, LanguetteError)
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), UNAVAILABLE)
    said = error.args[0]
    if not isinstance(said, Message):  # for the command line, in English; a path or a code may be in it
        said = {404: GONE, 409: MOVED_ON}.get(status, BROKEN)
    if status == 404 and "token" in request.path_params:  # noqa: PLR2004  a link that opens nothing
        watchman.note(request, "link_unknown")
    if status == UNAVAILABLE:
        log.error("page_failed", route=getattr(request.scope.get("route"), "path", ""), exc_info=error)
    return failure_page(_page(request), status, said)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in {404, 405}:
        return failure_page(_page(request), error.status_code, GONE)
    watchman.note(request, "form_unreadable", status=error.status_code)
    return failure_page(_page(request), error.status_code, UNREADABLE)


async def _invalid(request: Request, _error: Exception) -> Response:
    return failure_page(_page(request), 404, GONE)


async def _too_large(request: Request, _error: Exception) -> Response:
    watchman.note(request, "form_unreadable", status=413)
    return PlainTextResponse("Trop long : 128 Ko au plus. / Too long: 128 kB at most.\n", 413)


async def _too_slow(request: Request, _error: Exception) -> Response:
    watchman.note(request, "form_unreadable", status=408)
    return PlainTextResponse("Trop lent : réessayez. / Too slow: try again.\n", 408)


class Catch:
    """Answers for whatever breaks, inside the guard: so even that page carries every header."""

    def __init__(self, inner: "ASGIApp") -> None:
        self.inner = inner

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on; show the page that says so when that breaks before anything was answered."""
        begun = False

        async def noted(message: "ASGIMessage") -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.inner(scope, receive, noted)
        except Exception:
            if begun or scope["type"] != "http":
                raise
            log.exception("page_failed", route=getattr(scope.get("route"), "path", ""))
            answer = failure_page(_page(Request(scope)), 500, BROKEN)
            await answer(scope, receive, send)


def install(site: "FastAPI") -> None:
    """Register the pages."""
    site.add_exception_handler(LanguetteError, _languette)
    site.add_exception_handler(HTTPException, _http)
    site.add_exception_handler(RequestValidationError, _invalid)
    site.add_exception_handler(TooLargeError, _too_large)
    site.add_exception_handler(TooSlowError, _too_slow)
    site.add_exception_handler(MoreNeededError, to_door)
    site.add_middleware(Catch)
