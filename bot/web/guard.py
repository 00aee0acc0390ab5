"""What stands before every page: body cap, same-origin POST, security headers, the language prefix."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

from bot.model.text import LANGUAGES
from bot.web import watchman
from bot.web.pages import may_be_found, preferred_language

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.app import App

BODY_MAX = 128 * 1024
BODY_S = 20
"""Seconds a body may take to arrive: a phone on a bad network makes it, a held-open socket does not."""
REPORTS = "/reports/csp"
"""Where browsers tell what the policy held back (`report-uri`: a `report-to` beside it mutes it on http)."""
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    f"report-uri {REPORTS}"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
HSTS = "max-age=31536000; includeSubDomains"
"""The site has a host of its own, so what lies below that host is nobody else's."""
UNPREFIXED = (
    "/static/",
    "/picture/",
    "/bluesky/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/favicon.ico",
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLargeError(Exception):
    """The body is larger than `BODY_MAX` bytes."""


class TooSlowError(Exception):
    """The body did not arrive within `BODY_S` seconds."""


class Guard:
    """One ASGI layer around the site."""

    def __init__(self, inner: "ASGIApp", app: "App") -> None:
        self.inner = inner
        self.own_origin = _origin(app.settings.address)
        self.default_lang = app.settings.default_lang
        self.https = app.settings.address.startswith("https://")

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer what must not pass, cap and label what does."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        target = refused or self.inner
        send = self._labelled(send, scope["path"])
        if scope["method"] == "HEAD":  # answered like GET, by the same pages
            scope, send = {**scope, "method": "GET"}, _bodiless(send)
        await target(scope, _capped(receive), send)

    def _refusal(self, scope: "Scope", headers: Headers) -> "ASGIApp | None":
        path: str = scope["path"]
        if not path.startswith("/"):
            return PlainTextResponse("Adresse illisible. / Unreadable address.\n", 400)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > BODY_MAX:
            watchman.note(Request(scope), "form_unreadable", status=413)
            return PlainTextResponse("Trop long : 128 Ko au plus. / Too long: 128 kB at most.\n", 413)
        if scope["method"] in SAFE_METHODS:
            return self._redirect(path, scope["query_string"].decode("latin-1"), headers)
        if not self._same_origin(headers):
            watchman.note(Request(scope), "form_from_elsewhere")
            return PlainTextResponse(
                "Envoyez ce formulaire depuis notre site. / Send this form from our own site.\n", 403
            )
        return None

    def _redirect(self, path: str, query: str, headers: Headers) -> "ASGIApp | None":
        """Send an address without a language to the one in the visitor's."""
        first, slash, _rest = path[1:].partition("/")
        if path.startswith(UNPREFIXED) or (first in LANGUAGES and slash):
            return None
        if first in LANGUAGES:
            return RedirectResponse(f"/{first}/", 307)
        lang = preferred_language(headers, self.default_lang)
        # The path stays relative to our own host whatever slashes it starts with.
        return RedirectResponse(
            f"/{lang}/{path.lstrip('/')}" + (f"?{query}" if query else ""),
            307,
            headers={"Vary": "Accept-Language, Cookie"},
        )

    def _same_origin(self, headers: Headers) -> bool:
        """Browsers say where a form comes from; programs that say nothing carry no cookies to abuse."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is None or origin in {
            self.own_origin,
            f"http://{headers.get('host')}",
            f"https://{headers.get('host')}",
        }

    def _labelled(self, send: "Send", path: str) -> "Send":
        async def wrapped(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self.https:
                    headers.setdefault("Strict-Transport-Security", HSTS)
                fixed = path.startswith("/static/") and message["status"] in {200, 304}
                headers.setdefault(
                    "Cache-Control", "public, max-age=31536000, immutable" if fixed else "private, no-store"
                )
                if not fixed and not may_be_found(path):
                    headers.setdefault("X-Robots-Tag", "noindex")
            await send(message)

        return wrapped


def _bodiless(send: "Send") -> "Send":
    async def wrapped(message: "Message") -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return wrapped


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _capped(receive: "Receive") -> "Receive":
    seen = 0
    whole = False
    ends = asyncio.get_running_loop().time() + BODY_S

    async def wrapped() -> "Message":
        nonlocal seen, whole
        if whole:  # what follows is the wait for the client to leave
            return await receive()
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError as error:
            raise TooSlowError from error
        whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if seen > BODY_MAX:
            raise TooLargeError
        return message

    return wrapped


def install(site: "FastAPI", app: "App") -> None:
    """Put the guard around the site."""
    site.add_middleware(Guard, app=app)
