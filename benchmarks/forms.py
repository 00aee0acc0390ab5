"""Notices sent through the real form by 20 clients at once."""

import asyncio
import hashlib
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

import httpx

from benchmarks.daemon import running

CLIENTS = 20
EACH = 25
PATIENCE_S = 5
"""Longer than the form asks of robots between loading and sending."""
TYPED = {
    "title": "Soudeuse TIG",
    "place": "Saint-Nazaire",
    "contract": "permanent",
    "has_post": "no",
    "consent": "yes",
}


@dataclass
class Form(HTMLParser):
    """One posted form of a page: where it goes, and the values a browser would send untouched."""

    action: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    _inside: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form with the job's title, with its hidden and pre-filled fields."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post" and self.action is None:
            self.action, self._inside = values.get("action", ""), True
        elif (
            self._inside and tag == "input" and values.get("type") in {"hidden", "text", "email", "url", None}
        ):
            self.values[values.get("name", "")] = values.get("value", "") or _work(values)

    def handle_endtag(self, tag: str) -> None:
        """Stop at the end of the form."""
        if tag == "form":
            self._inside = False


def _work(attributes: dict[str, str]) -> str:
    """Do what the page asks of a browser: find the number whose hash with the stamp is the target."""
    if "data-target" not in attributes:
        return ""
    stamp, target = attributes["data-stamp"].encode(), attributes["data-target"]
    numbers = range(int(attributes["data-most"]))
    return next((str(n) for n in numbers if hashlib.sha256(b"%s.%d" % (stamp, n)).hexdigest() == target), "")


@dataclass(frozen=True)
class Sent:
    """One POST: its status and how long it took."""

    status: int
    took_s: float


async def loaded(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Load the form; give where it goes and what is in it."""
    page = await client.get("/fr/", headers=headers)
    form = Form()
    form.feed(page.raise_for_status().text)
    if form.action is None:
        message = "the page has no form that is posted"
        raise RuntimeError(message)
    return urljoin(str(page.url), form.action), {name: v for name, v in form.values.items() if name}


async def _client(number: int, url: str, start: asyncio.Barrier) -> list[Sent]:
    """Be one person's browser after the other: load all forms, wait, then send them."""
    sent = []
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        forms = []
        for index in range(EACH):
            client.cookies.clear()
            # Each person comes from a network of their own, as the proxy on this machine says.
            at = {"X-Forwarded-For": f"2001:db8:{number:x}:{index:x}::1"}
            forms.append((*(await loaded(client, at)), at, dict(client.cookies)))
        await start.wait()
        await asyncio.sleep(PATIENCE_S)
        await start.wait()
        for index, (action, values, at, cookies) in enumerate(forms):
            client.cookies = httpx.Cookies(cookies)
            person = f"{number}-{index}"
            typed = (
                values | TYPED | {"name": f"Inès {person}", "text": f"Dix ans de soudure, dossier {person}."}
            )
            began = time.perf_counter()
            answer = await client.post(action, data=typed, headers={"Origin": url, **at})
            sent.append(Sent(answer.status_code, time.perf_counter() - began))
    return sent


async def _all(url: str) -> tuple[list[Sent], float]:
    start = asyncio.Barrier(CLIENTS + 1)
    clients = [asyncio.create_task(_client(number, url, start)) for number in range(CLIENTS)]
    for _ in range(2):
        waiting = asyncio.create_task(start.wait())
        done, _ = await asyncio.wait({waiting, *clients}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    began = time.perf_counter()
    results = await asyncio.gather(*clients)
    return [one for result in results for one in result], time.perf_counter() - began


def run() -> list[tuple[str, str, str]]:
    """Send `CLIENTS` x `EACH` notices; only those answered by the way to a status page count as sent."""
    with TemporaryDirectory() as name, running(Path(name), queue_max=CLIENTS * EACH) as daemon:
        sent, took_s = asyncio.run(_all(daemon.url))
    good = sorted(one.took_s for one in sent if one.status == httpx.codes.SEE_OTHER)
    others = Counter(one.status for one in sent if one.status != httpx.codes.SEE_OTHER)
    note = f"{CLIENTS} clients at once, {len(good)} of {CLIENTS * EACH} sent in {took_s:.1f} s"
    if others:
        note += "; other answers: " + ", ".join(f"{n} times {status}" for status, n in others.items())
    if len(good) < 2:
        return [("Notices sent a second", "none", note)]
    p95 = statistics.quantiles(good, n=20)[-1]
    return [
        ("Notices sent a second", f"{len(good) / took_s:.0f}", note),
        (
            "Time of one POST, median",
            f"{statistics.median(good) * 1000:.0f} ms",
            "each writes to disk before it answers",
        ),
        ("Time of one POST, 95th percentile", f"{p95 * 1000:.0f} ms", f"longest {good[-1] * 1000:.0f} ms"),
    ]
