"""How a page is made: language, templates, and the words and times in a reader's language."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi import Path as InAddress
from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse

from bot.locale import catalogue, formats, say
from bot.model.text import LANGUAGES, Message
from bot.networks.hosts import readable
from bot.reporting.inquiry import why_me

if TYPE_CHECKING:
    from bot.app import App

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
Id = Annotated[int, InAddress(ge=1, le=2**63 - 1)]
"""The number of a row in an address: what no row can have is no address of ours."""
LANG_COOKIE = "lang"
FOUND_PATHS = ("/", "/join", "/impact", "/fairness")
"""Pages that search engines may show; everything else is for whoever has the link."""


def keep_files() -> None:
    """Read every template and hash every static file now.

    What an update puts in their place meanwhile fits a program that does not run yet.
    """
    _sources()
    for file in STATIC.rglob("*.*"):
        static(file.relative_to(STATIC).as_posix())


@cache
def _sources() -> dict[str, tuple[str, str, None]]:
    """Give each template as the loader wants it: its text, its file for tracebacks, never looked at again."""
    return {
        file.relative_to(TEMPLATES).as_posix(): (file.read_text(encoding="utf-8"), str(file), None)
        for file in TEMPLATES.rglob("*.html")
    }


@cache
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_sources().get),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue(lang), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["static"] = static
    environment.filters["readable"] = readable
    environment.filters["why_me"] = why_me
    return environment


@cache
def static(name: str) -> str:
    """Give the address of a static file with its content's hash, so that it may be cached for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def preferred_language(headers: Headers, default: str) -> str:
    """Choose fr or en from the cookie, then from Accept-Language."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == LANG_COOKIE and value in LANGUAGES:
            return value
    wishes: list[tuple[float, int, str]] = []
    for index, part in enumerate(headers.get("accept-language", "").split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        wishes.append((-quality, index, tag[:2].lower()))
    return next((lang for _, _, lang in sorted(wishes) if lang in LANGUAGES), default)


def may_be_found(path: str) -> bool:
    """Whether search engines may show the page at `path`."""
    lang, slash, rest = path[1:].partition("/")
    return lang in LANGUAGES and slash + rest in FOUND_PATHS


@dataclass(frozen=True, slots=True)
class Speech:
    """Words, times and numbers in one language and time zone; `t` in the templates."""

    lang: str
    zone: str
    now: datetime

    def say(self, message: Message | str) -> str:
        """Translate a sentence."""
        return say(message, self.lang, self.zone)

    def number(self, value: float) -> str:
        """`6 400`."""
        return formats.number(value, self.lang)

    def dollars(self, micros: int) -> str:
        """`0,015 $US`, of millionths."""
        return formats.dollars(micros, self.lang)

    def time(self, moment: datetime) -> str:
        """`18 h 30`."""
        return formats.clock_time(moment, self.zone, self.lang)

    def day(self, moment: datetime) -> str:
        """`mardi 17 novembre`."""
        return formats.day(moment, self.zone, self.lang)

    def weekday(self, one: date, *, narrow: bool = False) -> str:
        """`mardi`, or `M` for charts."""
        return formats.weekday(one, self.lang, narrow=narrow)

    def date(self, one: date) -> str:
        """`mardi 17 novembre`."""
        return formats.long_date(one, self.lang)

    def date_time(self, moment: datetime) -> str:
        """`mardi 17 novembre, 9 h 12`."""
        return formats.date_time(moment, self.zone, self.lang)

    def short(self, moment: datetime) -> str:
        """`17/11/2026 09:12`."""
        return formats.short_date(moment, self.zone, self.lang)

    def ago(self, moment: datetime) -> str:
        """Length of time since `moment`, a minute at least: `2 h 10`."""
        return formats.span(max(self.now - moment, timedelta(minutes=1)), self.lang)

    def span(self, length: timedelta) -> str:
        """`2 h 10`."""
        return formats.span(length, self.lang)


@dataclass(frozen=True, slots=True)
class Page:
    """One request for one page. `await page.app.store.read(fn, …)`, then `page.show(template, …)`."""

    request: Request
    app: "App"
    lang: str

    @property
    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return self.app.clock.now()

    def speech(self, zone: str | None = None) -> Speech:
        """Words in the page's language; times in `zone`, by default the collective's."""
        return Speech(self.lang, zone or self.app.settings.time_zone, self.now)

    def url(self, path: str) -> str:
        """Give a path of this site in the page's language: `url("/join")` is `/fr/join`."""
        return f"/{self.lang}{path}"

    def other_language(self) -> tuple[str, str]:
        """Give the other language and the address that switches to it."""
        other = next(lang for lang in LANGUAGES if lang != self.lang)
        path = self.request.url.path.split("/", 2)[2] if self.request.url.path.count("/") > 1 else ""
        # Pages answered to a POST (a form with errors) have no address of their own in the other language.
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        return other, f"/{other}/{quote(path)}{query}"

    def show(
        self, template: str, status: int = 200, *, zone: str | None = None, **context: Any
    ) -> HTMLResponse:
        """Render a template.

        It always has lang, other(_url), url(), t, settings, networks, demo, path, searchable.
        """
        other, other_url = self.other_language()
        body = (
            _environment(self.lang)
            .get_template(template)
            .render(
                lang=self.lang,
                other=other,
                other_url=other_url,
                url=self.url,
                t=self.speech(zone),
                settings=self.app.settings,
                networks=self.app.networks,
                demo=self.app.demo,
                path=self.request.url.path,
                searchable=may_be_found(self.request.url.path),
                **context,
            )
        )
        return HTMLResponse(body, status)

    def redirect(self, path: str) -> RedirectResponse:
        """Answer a POST: see the page at `path` (without language prefix) next."""
        return RedirectResponse(self.url(path), 303)


def _page(request: Request, lang: str) -> Page:
    if lang not in LANGUAGES:
        raise HTTPException(404)
    return Page(request, request.app.state.app, lang)


OnPage = Annotated[Page, Depends(_page)]
