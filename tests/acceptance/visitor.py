"""A person without JavaScript: reads pages, fills in the forms that are on them, and nothing else."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    """A form as the page has it: where it goes and what it holds before anybody types."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area = ""
        self._select = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v if v is not None else "" for k, v in attrs}
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag == "form":
            self._open = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._control(self._open, tag, a)

    def _control(self, form: Form, tag: str, a: dict[str, str]) -> None:
        name = a.get("name", "")
        if name:
            form.names.add(name)
        if tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in a and self._select:
            form.fields.setdefault(self._select, []).append(a.get("value", ""))
        elif tag == "button" and name:
            form.buttons.append((name, a.get("value", "")))
        elif tag == "input" and name and (a.get("type") not in {"checkbox", "radio"} or "checked" in a):
            form.fields.setdefault(name, []).append(a.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


class Visitor:
    """One browser without JavaScript, with its own cookies."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=20)
        self.page = httpx.Response(200)

    def open(self, path: str) -> str:
        """Open a page and give its text."""
        self.page = self.http.get(path)
        assert self.page.status_code < 500, self.page.text[:500]
        return self.page.text

    @property
    def path(self) -> str:
        """Where we are."""
        return self.page.url.path

    def forms(self) -> list[Form]:
        """Give the forms of the page."""
        reader = _Reader()
        reader.feed(self.page.text)
        return reader.forms

    def links(self) -> list[str]:
        """Give the addresses of the page's links."""
        reader = _Reader()
        reader.feed(self.page.text)
        return reader.links

    def send(self, *, where: str = "", button: tuple[str, str] | None = None, **typed: Any) -> str:
        """Fill in and send the first form that takes what is typed and whose action ends with `where`."""
        for form in self.forms():
            target = urljoin(str(self.page.url), form.action)
            if form.method == "post" and httpx.URL(target).path.endswith(where) and set(typed) <= form.names:
                data: dict[str, Any] = {**form.fields, **typed}
                if button is not None:
                    data[button[0]] = button[1]
                self.page = self.http.post(target, data={k: v for k, v in data.items() if v is not None})
                assert self.page.status_code < 500, self.page.text[:500]
                return self.page.text
        message = f"no form on {self.page.url} takes {sorted(typed)} at {where!r}: {self.forms()}"
        raise AssertionError(message)

    def close(self) -> None:
        """Forget everything."""
        self.http.close()
