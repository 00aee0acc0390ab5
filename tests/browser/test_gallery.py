"""Every page and state, in both languages and schemes, on a desktop and a phone: accessible and in bounds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bot.delivery import panic
from bot.model.journal import CLI
from tests.browser import states
from tests.chromium import DESKTOP, NARROW, NOW, PHONE, Site, too_wide, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("SHOTS")
"""A folder for the screenshots, to be looked at by a person: `SHOTS=shots make test`."""
AUDIENCES = {
    "seekers": states.seekers,
    "volunteers": states.volunteers,
    "lenders": states.lenders,
    "public": states.public,
    "own": states.own,
    "moderators": states.moderators,
}


def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def _faults(page: Page, name: str) -> list[str]:
    """Look at one page in one language: axe in four dresses, width at three sizes."""
    found = []
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{name} {size} {scheme}: {fault}" for fault in violations(page)]
            _shoot(page, f"{name}.{size}.{scheme}")
        found += [f"{name} {size}: too wide: {what}" for what in too_wide(page)]
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    found += [f"{name}: too wide at 320 px: {what}" for what in too_wide(page)]
    return found


@pytest.fixture(scope="module")
def gallery(site: Site) -> dict[str, list[states.State]]:
    """The states of each audience, made once."""
    return {name: make(site) for name, make in AUDIENCES.items()}


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("audience", AUDIENCES)
def test_pages_are_accessible(
    site: Site,
    gallery: dict[str, list[states.State]],
    open_page: Callable[..., Page],
    audience: str,
    lang: str,
):
    """0 axe violations (WCAG 2.2 AA), 0 console or CSP errors, no horizontal scroll."""
    assert _walk(site, open_page(lang), gallery[audience], audience, lang) == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_halted_collective_is_accessible(site: Site, open_page: Callable[..., Page], lang: str):
    """The same, while everything stands still."""
    write = site.app.store.run_write
    write(panic.halt, reason="Des posts étranges sur X.", now=NOW, actor=CLI)
    try:
        assert _walk(site, open_page(lang), states.halted(site), "halted", lang) == []
    finally:
        write(panic.resume, reason="seen", now=NOW, actor=CLI)


def _walk(site: Site, page: Page, shown: list[states.State], audience: str, lang: str) -> list[str]:
    """Look at each state; give what is wrong."""
    found: list[str] = []
    for state in shown:
        states.opened(page, site, state, lang)
        assert page.locator("html").get_attribute("lang") == lang
        found += _faults(page, f"{audience}.{state.name}.{lang}")
    return found
