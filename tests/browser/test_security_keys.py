"""Security keys in a real browser, with Chromium's own virtual key: made, asked, refused."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from bot.app import App, build
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import security_keys
from tests.chromium import ADMIN, DESKTOP, NARROW, PASSWORD, PHONE, serve, too_wide, violations
from tests.clocks import StillClock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SHOTS")
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(tmp_path: Path) -> Iterator[tuple[App, StillClock, str]]:
    """An installation under the name localhost, as keys want one, with one admin."""
    bound, clock = socket.create_server(("127.0.0.1", 0)), StillClock()
    url = f"http://localhost:{bound.getsockname()[1]}"
    settings = Settings(data_dir=tmp_path / "data", site_url=url, _env_file=None)  # type: ignore[call-arg]
    app = build(settings, clock=clock)
    app.store.run_write(admins.create, ADMIN, PASSWORD, now=clock.now())
    _, end = serve(app, bound=bound)
    yield app, clock, url
    end()
    app.close()


def plug(page: Page, **changed: Any) -> tuple[CDPSession, str]:
    """Plug a virtual key in; give how to speak to it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**KEY, **changed}})
    return session, added["authenticatorId"]


def log_in(page: Page, url: str, lang: str) -> None:
    """Give name and password."""
    page.goto(f"{url}/{lang}/admin/login")
    page.fill("[name=name]", ADMIN)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile(r"^[^?]*/admin(/code\?.*)?$"))


def add(page: Page, url: str, lang: str, name: str) -> None:
    """Add the key that is plugged in."""
    page.goto(f"{url}/{lang}/admin/keys/add")
    page.fill("[name=name]", name)
    page.locator("[data-key] button").click()


def looked_at(page: Page, name: str) -> list[str]:
    """Give what axe and the widths find wrong with a page; keep its pictures where they are wanted."""
    found = []
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE), ("narrow", NARROW)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{name} {size} {scheme}: {fault}" for fault in violations(page)]
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}.{size}.{scheme}.png", full_page=True)
        found += [f"{name} {size}: {wide}" for wide in too_wide(page)]
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_key_from_the_first_day_to_the_last(
    open_page: Callable[..., Page], named: tuple[App, StillClock, str], lang: str
):
    """Added, it is asked for at the next log-in and before a dangerous act; every page is accessible."""
    app, clock, url = named
    page = open_page(lang)
    plug(page)
    log_in(page, url, lang)
    page.goto(f"{url}/{lang}/admin/keys/add")
    faults = looked_at(page, f"key-add.{lang}")
    add(page, url, lang, "Clé bleue")
    expect(page.locator(".mono li")).to_have_count(10)
    page.goto(f"{url}/{lang}/admin/me")
    expect(page.locator("main")).to_contain_text("Clé bleue")
    faults += looked_at(page, f"key-me.{lang}")
    page.goto(f"{url}/{lang}/admin/keys/1/remove")
    faults += looked_at(page, f"key-remove.{lang}")
    page.locator(".logout button").click()
    page.wait_for_url(re.compile(r"/admin/login"))
    log_in(page, url, lang)
    faults += looked_at(page, f"key-code.{lang}")
    page.locator("[data-key] button").click()
    page.wait_for_url(re.compile(r"^[^?]*/admin$"))
    clock.advance(timedelta(minutes=11))
    page.goto(f"{url}/{lang}/admin/admins/add")
    faults += looked_at(page, f"key-prove.{lang}")
    page.locator("[data-key] button").click()
    page.wait_for_url(re.compile(r"^[^?]*/admin/admins/add$"))
    (key,) = app.store.run_read(security_keys.listed, 1)
    assert key.count > 0
    assert key.used_at == clock.now()
    assert faults == []


def test_what_goes_wrong_is_said(open_page: Callable[..., Page], named: tuple[App, StillClock, str]):
    """A key that knows nobody, or is there already, is told apart; the form can be sent again."""
    app, _, url = named
    page = open_page("en")
    session, number = plug(page)
    log_in(page, url, "en")
    add(page, url, "en", "Blue key")
    expect(page.locator(".mono li")).to_have_count(10)
    add(page, url, "en", "Blue key again")
    expect(page.locator("[data-key-wrong]")).to_have_text("You have added this key already.")
    assert looked_at(page, "key-twice.en") == []
    page.locator(".brand").click()
    page.context.clear_cookies()
    log_in(page, url, "en")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    page.locator("[data-key] button").click()
    expect(page.locator("[data-key-wrong]")).to_contain_text("The key gave no answer")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": True})
    page.locator("[data-key] button").click()
    page.wait_for_url(re.compile(r"^[^?]*/admin$"))
    assert len(app.store.run_read(security_keys.listed, 1)) == 1


def test_without_script_codes_stay(open_page: Callable[..., Page], named: tuple[App, StillClock, str]):
    """Without JavaScript the pages say what to do, and a recovery code lets in."""
    _, _, url = named
    page = open_page("en")
    plug(page)
    log_in(page, url, "en")
    add(page, url, "en", "Blue key")
    code = page.locator(".mono li").first.inner_text()
    plain = open_page("en", java_script_enabled=False)
    log_in(plain, url, "en")
    expect(plain.locator("[data-key-off]")).to_be_visible()
    expect(plain.locator("[data-key] button")).to_be_hidden()
    plain.fill("[name=code]", code)
    plain.get_by_role("button", name="Continue").click()
    plain.wait_for_url(re.compile(r"^[^?]*/admin$"))
    plain.goto(f"{url}/en/admin/keys/add")
    expect(plain.locator("[data-key-off]")).to_contain_text("An authenticator app works without")
