"""The whole story as people live it, in Chromium against a real `bot run` in an empty folder."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

QUICK = {"undo_s": "1", "notice_spacing_min": "0", "plan_every_s": "1"}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 20_000


def send_notice(page: Page, url: str) -> str:
    """A seeker fills the form in and gets a page of their own."""
    page.goto(f"{url}/fr/")
    page.fill("#title", "Assistante comptable")
    page.fill("#place", "Lille et alentours")
    page.get_by_label("CDI").check()
    page.fill("#text", "Sept ans en cabinet, clôtures et paie. Disponible dès le 1er décembre.")
    page.fill("#name", "Nadia")
    page.check("#consent")
    time.sleep(2.1)  # a form that comes back faster is taken for a program's
    page.get_by_role("button", name="Envoyer mon annonce").click()
    page.wait_for_url(re.compile(r"/fr/n/[\w-]{22}"))
    expect(page.locator(".banner")).to_contain_text("Votre annonce est arrivée")
    return page.url.split("?")[0]


def set_up_admin(page: Page, link: str) -> None:
    """The operator opens the one-time link, chooses a password, and leaves the second factor for later."""
    page.goto(link)
    page.fill("#name", "Camille")
    page.fill("#password", "correct horse battery")
    page.fill("#again", "correct horse battery")
    page.locator("main button").click()
    page.get_by_role("link", name="Pas maintenant").click()
    page.wait_for_url(re.compile(r"/fr/admin(/case/\d+)?$"))


def join(page: Page, url: str, name: str, handle: str) -> str:
    """A volunteer joins on X, without quiet hours so that the hour of the test does not matter."""
    page.goto(f"{url}/fr/join")
    page.fill("#name", name)
    page.locator("input[name=network][value=x]").check()
    page.fill("#handle-x", handle)
    page.get_by_text("Secteurs, lieux, heures calmes").click()
    page.locator("input[name=quiet][value=no]").check()
    page.check("#charter")
    page.check("#consent")
    time.sleep(2.1)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/fr/inbox/[\w-]{22}"))
    return page.url.split("?")[0]


def boost(page: Page, inbox: str) -> None:
    """The volunteer pulls the strip, comes back and says yes."""
    page.goto(inbox)
    for _ in range(20):
        if page.locator(".pull[href]").count():
            break
        time.sleep(1)
        page.reload()
    strip = page.locator(".pull[href]").first
    assert strip.get_attribute("href").startswith("https://x.com/intent/post?text=")
    strip.click()
    page.get_by_role("button", name="Oui").first.click()
    expect(page.locator(".done-line")).to_contain_text("Assistante comptable", timeout=WAIT_MS)


@pytest.mark.parametrize("viewport", [{"width": 1360, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_from_notice_to_job(daemon, open_page: Callable[..., Page], viewport: dict[str, int]):
    """A notice is sent, accepted, planned, boosted by two volunteers and closed by "found a job"."""
    one = daemon(**QUICK).start()
    seeker, moderator, first, second = (open_page(viewport=viewport) for _ in range(4))
    status = send_notice(seeker, one.url)
    set_up_admin(moderator, one.setup_link())
    expect(moderator.locator(".detail .notice-title")).to_have_text("Assistante comptable")
    if viewport == PHONE:
        moderator.get_by_role("button", name="Accepter").first.click()
    else:
        moderator.keyboard.press("a")
    expect(moderator.locator("[data-toast]")).to_contain_text("Assistante comptable")
    inboxes = [join(first, one.url, "Samir", "samir_demo"), join(second, one.url, "Agnès", "agnes_demo")]
    for page, inbox in zip((first, second), inboxes, strict=True):
        boost(page, inbox)
    seeker.goto(status)
    expect(seeker.locator("main")).to_contain_text("2 relais sur 12")
    assert seeker.locator(".tabs .torn").count() == 2
    seeker.get_by_role("link", name=re.compile("j’ai trouvé")).or_(
        seeker.get_by_role("button", name=re.compile("j’ai trouvé"))
    ).first.click()
    seeker.locator("main form button[type=submit]").first.click()
    expect(seeker.locator("main")).to_contain_text("Bravo", timeout=WAIT_MS)
    shown = one.bot("notices", "list", "--json")
    assert '"found_job"' in shown.stdout
    code, _took = one.stop()
    assert code == 0
    assert "Traceback" not in (one.folder / "err.txt").read_text()
