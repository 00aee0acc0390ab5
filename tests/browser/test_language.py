"""The language that somebody chose is kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.chromium import Site

pytestmark = pytest.mark.browser


def test_a_chosen_language_is_kept(open_page: Callable[..., Page], site: Site):
    """A French browser that switched to English comes back to English."""
    page = open_page("fr")
    page.goto(f"{site.url}/")
    assert page.url == f"{site.url}/fr/"
    page.locator("a[hreflang=en]").first.click()
    page.wait_for_url(f"{site.url}/en/")
    page.goto(f"{site.url}/")
    assert page.url == f"{site.url}/en/"
