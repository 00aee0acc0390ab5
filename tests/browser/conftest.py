"""Pages in the system Chromium."""

from tests.chromium import browser, open_page, playwright, site

__all__ = ["browser", "open_page", "playwright", "site"]
