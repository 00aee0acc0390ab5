"""Keys of the moderators' desk are shown where they work, and nowhere else."""

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
