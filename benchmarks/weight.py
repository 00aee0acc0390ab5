"""What a phone downloads on its first visit to the seeker's form."""

import re
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.daemon import running

TARGET_KB = 100
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


class Assets(HTMLParser):
    """Collects what a browser fetches beside the page: scripts, style sheets, icons, pictures, preloads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        values = dict(attrs)
        fetched = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
        if tag == "link" and fetched & set((values.get("rel") or "").split()) and values.get("href"):
            self.found.add(values["href"] or "")
        if tag in {"script", "img", "source"} and values.get("src"):
            self.found.add(values["src"] or "")


def _kind(answer: httpx.Response) -> str:
    kind = answer.headers["content-type"].partition(";")[0]
    if "font" in kind or answer.url.path.endswith(".woff2"):
        return "fonts"
    return {"text/html": "HTML", "text/css": "CSS", "text/javascript": "JavaScript"}.get(kind, "pictures")


def measure(client: httpx.Client, path: str) -> dict[str, list[int]]:
    """Give raw and sent bytes of the bodies by kind, following the style sheets' own addresses."""
    sizes: dict[str, list[int]] = {}
    todo, seen = [path], set()
    while todo:
        address = todo.pop()
        seen.add(address)
        # A body is decoded when read whole; num_bytes_downloaded counts what came over the wire.
        with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
            body = answer.raise_for_status().read()
        kind = _kind(answer)
        raw, sent = sizes.get(kind, [0, 0])
        sizes[kind] = [raw + len(body), sent + answer.num_bytes_downloaded]
        found: set[str] = set()
        if kind == "HTML":
            assets = Assets()
            assets.feed(body.decode())
            found = assets.found
        elif kind == "CSS":
            found = {m for m in CSS_URL.findall(body.decode()) if not m.startswith("data:")}
        todo += [u for u in sorted(str(answer.url.join(f)) for f in found) if u not in seen and u not in todo]
    return sizes


def run() -> list[tuple[str, str, str]]:
    """Load the French form with nothing cached."""
    with (
        TemporaryDirectory() as name,
        running(Path(name)) as daemon,
        httpx.Client(base_url=daemon.url) as client,
    ):
        sizes = measure(client, "/fr/")
    rows = [
        (kind, f"{raw / 1000:.1f} kB", f"{sent / 1000:.1f} kB as sent") for kind, (raw, sent) in sizes.items()
    ]
    raw, sent = (sum(pair[i] for pair in sizes.values()) for i in (0, 1))
    note = f"{sent / 1000:.1f} kB as sent with gzip asked for; target at most {TARGET_KB} kB"
    return [("Whole first visit to `/fr/`", f"{raw / 1000:.1f} kB", note), *sorted(rows)]
