"""Log-in at a provider on another site, in a real browser: our strict cookies come back with us."""

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.app import build
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import identities
from tests.browser.test_security_keys import log_in, looked_at
from tests.chromium import ADMIN, PASSWORD, serve
from tests.clocks import StillClock
from tests.fakes.openid import CLIENT, SECRET, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_there_and_back(open_page: Callable[..., Page], tmp_path: Path):
    """Linked from the admin's own page, then used to log in: by itself with JavaScript, by a tap without."""
    bound, clock = socket.create_server(("127.0.0.1", 0)), StillClock()
    url = f"http://localhost:{bound.getsockname()[1]}"
    with serving() as provider:
        provider.now = clock.moment.timestamp
        settings = Settings(
            data_dir=tmp_path / "data", site_url=url, oidc_issuer=provider.url, oidc_client_id=CLIENT,
            oidc_client_secret=SECRET, _env_file=None,
        )  # type: ignore[call-arg]  # fmt: skip
        app = build(settings, clock=clock)
        app.store.run_write(admins.create, ADMIN, PASSWORD, now=clock.now())
        _, end = serve(app, bound=bound)
        page = open_page("fr")
        log_in(page, url, "fr")
        page.goto(f"{url}/fr/admin/me")
        page.locator("a[href$='/openid/link']").click()
        page.wait_for_url(re.compile(r"/admin/me$"))
        assert app.store.run_read(identities.owner, provider.url, provider.subject) is not None
        faults = looked_at(page, "openid-me.fr")
        page.goto(f"{url}/fr/admin/openid/unlink")
        faults += looked_at(page, "openid-unlink.fr")
        page.locator(".logout button").click()
        page.wait_for_url(re.compile(r"/admin/login"))
        expect(page.locator("h1")).to_be_visible()
        faults += looked_at(page, "openid-login.fr")
        page.locator("a[href$='/login/openid']").click()
        page.wait_for_url(re.compile(r"/fr/admin$"))
        plain = open_page("en", java_script_enabled=False)
        plain.goto(f"{url}/en/admin/login")
        plain.locator("a[href$='/login/openid']").click()
        expect(plain.locator("h1")).to_contain_text("One more tap")
        plain.locator("main form button").click()
        plain.wait_for_url(re.compile(r"/en/admin$"))
        page.goto(f"{url}/fr/openid/back?error=access_denied")
        expect(page.locator("h1")).to_have_text("Pas de connexion")
        faults += looked_at(page, "openid-failed.fr")
        end()
        app.close()
    assert faults == []
