"""A visitor without a browser: asks the site in-process, keeps cookies, reads pages."""

import asyncio
import time
from html.parser import HTMLParser
from typing import Any

import httpx

from bot import web
from bot.app import App
from bot.lenders import Lenders
from bot.web import stamp

BASE = "http://127.0.0.1:8000"
NOTICE = {
    "title": "Soudeuse TIG",
    "place": "Lille",
    "contract": "permanent",
    "text": "Dix ans d’atelier, libre tout de suite.",
    "has_post": "no",
    "link": "",
    "name": "Moussa",
    "email": "",
    "consent": "1",
    "confirm_empty": "",
}


class Visitor:
    """Asks one installation's site. Redirects are not followed; a crash is a 500 page, as in life."""

    def __init__(self, app: App, base: str = BASE, lenders: Lenders | None = None) -> None:
        self.app = app
        self.base = base
        self.site = web.create(app, lenders)
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.site, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies.update(client.cookies)
                return answer

        return asyncio.run(go())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Look at a page."""
        return self.ask("GET", path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form."""
        return self.ask("POST", path, data=data or {}, **options)

    def shown(self, ago_s: float = 60) -> str:
        """Give the hidden stamp of a form that was shown `ago_s` seconds ago."""
        return stamp.make(self.app.keys, time.time() - ago_s)

    def work(self, shown: Any) -> str:
        """Do the browser's work for a form."""
        return stamp.answer(self.app.keys, shown) if isinstance(shown, str) else ""

    def send(self, lang: str = "fr", *, behind: str = "", **values: Any) -> httpx.Response:
        """Send a notice that is fine but for `values`; None leaves a field out.

        `behind`: the address that a proxy says it comes from.
        """
        data = self.stamped({**NOTICE, **values})
        return self.post(f"/{lang}/", data, headers={"x-forwarded-for": behind} if behind else None)

    def join(self, data: dict[str, Any], lang: str = "fr", *, behind: str = "") -> httpx.Response:
        """Send a form of joining as a browser does."""
        headers = {"x-forwarded-for": behind} if behind else None
        return self.post(f"/{lang}/join", self.stamped(data), headers=headers)

    def stamped(self, data: dict[str, Any]) -> dict[str, Any]:
        """Give a form with its stamp and its work where it has none of its own; None leaves a field out."""
        data = {"shown": self.shown(), **data}
        data.setdefault("work", self.work(data["shown"]))
        return {name: value for name, value in data.items() if value is not None}

    def forget(self) -> None:
        """Become another browser."""
        self.cookies = httpx.Cookies()


class Read(HTMLParser):
    """A page taken apart: tags with attributes, text, values of the controls."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.values: dict[str, str] = {}
        self._area = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and the value of a control."""
        found = dict(attrs)
        self.tags.append((tag, found))
        name = found.get("name") or ""
        if tag == "textarea":
            self._area = name
            self.values[name] = ""
        if (tag == "input" and found.get("type") not in {"radio", "checkbox"}) or (
            tag == "input" and "checked" in found
        ):
            self.values[name] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a text area."""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._area:
            # A browser drops the first line break of a text area, and so does this.
            self.values[self._area] += data.removeprefix("\n") if not self.values[self._area] else data
        self.words.append(data)

    @property
    def text(self) -> str:
        """The page's text on one line."""
        return " ".join(" ".join(self.words).split())

    def links(self) -> list[str]:
        """Every address the page points to."""
        return [v for _, a in self.tags for k, v in a.items() if k in {"href", "src", "action"} and v]
