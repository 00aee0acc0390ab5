"""What the content security policy holds back in a real browser reaches the log."""

import pytest
from playwright.sync_api import Browser
from structlog.testing import capture_logs

from tests.chromium import Site

pytestmark = pytest.mark.browser


def test_a_violation_is_reported_and_logged(site: Site, browser: Browser):
    """An inline script is not run; Chromium reports it to our own address, which logs two codes."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/fr/join")
    with capture_logs() as lines, page.expect_response("**/reports/csp") as answer:
        page.evaluate(
            "const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
            "document.body.append(s)"
        )
    assert answer.value.status == 204
    assert page.evaluate("window.ran") is None
    (line,) = [line for line in lines if line["event"] == "csp_violated"]
    assert (line["directive"], line["blocked"]) == ("script-src-elem", "inline")
    context.close()
