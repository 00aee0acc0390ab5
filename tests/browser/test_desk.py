"""Keys of the moderators' desk: shown where they work, and no letter of a sentence decides anything."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import Site, log_in

pytestmark = pytest.mark.browser


def test_keys_are_shown_only_where_they_work(open_page: Callable[..., Page], site: Site):
    """With the script they stand on the buttons, until they are switched off; without it they never do."""
    page = open_page("en")
    log_in(page, site.url, "en")
    key = page.locator(".decide .btn-main kbd")
    expect(key).to_be_visible()
    page.keyboard.press("?")
    page.locator("[data-keys-on]").uncheck()
    page.keyboard.press("Escape")
    expect(key).to_be_hidden()
    page.reload()
    expect(key).to_be_hidden()
    plain = open_page("en", java_script_enabled=False)
    log_in(plain, site.url, "en")
    expect(plain.locator(".decide .btn-main")).to_be_visible()
    assert plain.locator("kbd:visible").count() == 0


def test_a_sentence_typed_at_once_decides_nothing(open_page: Callable[..., Page], site: Site):
    """After C what is typed, a, e, r, s and ? included, is the sentence; Escape gives the keys back."""
    page = open_page("en")
    log_in(page, site.url, "en")
    here = page.url
    page.keyboard.press("c")
    page.keyboard.type("What name, please?")
    expect(page.locator("#note")).to_have_value("What name, please?")
    assert page.url == here
    assert not page.locator("#keys").is_visible()
    expect(page.locator("[data-arm]")).to_be_visible()
    page.locator(".reasons input").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("[data-arm]")).to_be_hidden()
