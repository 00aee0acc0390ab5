"""A real Chromium on a real site: one demo installation for the whole run, one strict page per test."""

import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from bot import web
from bot.app import App, build
from bot.demo import story
from bot.lenders import Lenders
from bot.moderation import admins
from bot.settings import Settings
from tests.clocks import NOW, StillClock, give_secret
from tests.fakes.lender import FakeLender
from tests.lent import allow, make_vault

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
OURS = ("http://127.0.0.1:", "http://localhost:")
ADMIN, PASSWORD = "Camille", "correct horse battery"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; the browser is the system's."""
    if CHROMIUM is None:
        message = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system Chromium, headless."""
    found = playwright.chromium.launch(
        executable_path=CHROMIUM,
        headless=True,
        args=[
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    )
    yield found
    found.close()


class Site:
    """An installation served on loopback, and what a visitor needs to use it."""

    def __init__(self, app: App, clock: StillClock, url: str, stage: story.Stage, lender: FakeLender) -> None:
        self.app, self.clock, self.url, self.stage, self.lender = app, clock, url, stage, lender


def serve(
    app: App,
    around: Callable[[Any], Any] = lambda site: site,
    lenders: Lenders | None = None,
    bound: socket.socket | None = None,
) -> tuple[str, Callable[[], None]]:
    """Serve an installation on a free loopback port, or on `bound`; give its address and how to end it.

    `around` gives the ASGI site that is served in place of the installation's own, e.g. one that watches it.
    """
    bound = bound or socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(around(web.create(app, lenders)), log_config=None, access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def end() -> None:
        server.should_exit = True
        thread.join(5)
        bound.close()

    return f"http://127.0.0.1:{bound.getsockname()[1]}", end


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo's collective after its three days, on a clock that stands still; Bluesky lends accounts."""
    clock = StillClock(NOW)
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(data_dir=folder, contact="camille@example.org", _env_file=None)  # type: ignore[call-arg]
    give_secret(folder)
    app = allow(build(settings, clock=clock), "bluesky")
    make_vault(app, tmp_path_factory.mktemp("vault") / "vault.key")
    stage, lender = story.play(app, NOW), FakeLender("bluesky")
    app.store.run_write(admins.create, ADMIN, PASSWORD, now=NOW)
    url, end = serve(app, lenders=lender.lenders())
    yield Site(app, clock, url, stage, lender)
    end()
    lender.end()
    app.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages that fail the test on any console error, CSP report, page error or request to elsewhere."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(lang: str = "fr", **options: Any) -> Page:
        context = browser.new_context(
            locale={"fr": "fr-FR", "en": "en-GB"}[lang],
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            **{"viewport": DESKTOP, **options},
        )
        context.set_default_timeout(15_000)
        # The networks' own pages, which strips open in tabs of their own, do not exist here.
        context.route(lambda url: not url.startswith(OURS), lambda route: route.abort())
        contexts.append(context)
        page = context.new_page()
        # Chromium logs every 4xx document as an error; pages answer 404, 409 and 422 on purpose.
        page.on(
            "console",
            lambda m: (
                wrong.append(m.text)
                if m.type == "error" and "the server responded with a status of 4" not in m.text
                else None
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda r: (
                wrong.append(f"request to elsewhere: {r.url}")
                if not r.url.startswith((*OURS, "data:", "blob:"))
                else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def violations(page: Page) -> list[str]:
    """Run axe-core on the page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", AXE_TAGS)
    return [f"{v['id']}: {n['html'][:140]}" for v in found["violations"] for n in v["nodes"]]


def too_wide(page: Page) -> list[str]:
    """Name what makes the page wider than the window; nothing when it is not."""
    script = """() => {
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= wide) return [];
      return [...document.querySelectorAll("body, body *")]
        .filter(e => e.scrollWidth > wide || e.getBoundingClientRect().right > wide + .5)
        .filter(e => !e.closest(".visually-hidden"))
        .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)} px: ${
          e.textContent.trim().slice(0, 40)}`);
    }"""
    found: list[str] = page.evaluate(script)
    return found


def log_in(page: Page, url: str, lang: str = "fr") -> None:
    """Log the demo's moderator in."""
    page.goto(f"{url}/{lang}/admin/login")
    page.fill("[name=name]", ADMIN)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(rf"/{lang}/admin(/case/\d+)?$"))
