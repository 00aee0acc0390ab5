"""What people type never runs in a browser: 250 payloads in every field that a page shows, with CSP reports.

Every day each page of lists is opened, which shows all of them, and of the pages of one notice or one
volunteer every `STEP`th; `XSS=1 pytest tests/browser/test_payloads.py` opens every one.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from bot.app import App, build
from bot.model.access import Role
from bot.model.boost import BoostState, Mode
from bot.model.moderation import Decision, Reason, Verdict
from bot.model.notice import Contract, NoticeState, NoticeText, PostRef
from bot.model.volunteer import Limits
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import Session, boosts, cases, notices, reports, seekers, volunteers
from bot.storage import admins as stored
from bot.trust.links import hash_token
from bot.web.guard import CSP, REPORTS
from tests.browser.payloads import PAYLOADS
from tests.chromium import serve
from tests.clocks import NOW, StillClock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEP = int(os.environ.get("XSS", "50"))
HIT = "window.hits = 0; window.hit = () => { window.hits += 1; };"
LIMITS = Limits(cap_day=500, spacing_min=0, quiet_start_min=0, quiet_len_min=0, time_zone="Europe/Paris")


class Watched:
    """The site with an address for reports in its policy; keeps the reports."""

    def __init__(self) -> None:
        self.reports: list[str] = []

    def around(self, site: Any) -> Any:
        """Give the site that is served: reports are taken here, everything else goes on."""

        async def serve_it(scope: Any, receive: Any, send: Any) -> None:
            if scope.get("path") == "/csp":
                body = (await receive()).get("body", b"")
                self.reports.append(body.decode())
                await send({"type": "http.response.start", "status": 204, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return

            async def labelled(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [
                        (
                            name,
                            value.replace(REPORTS.encode(), b"/csp")
                            if name == b"content-security-policy"
                            else value,
                        )
                        for name, value in message["headers"]
                    ]
                await send(message)

            await site(scope, receive, labelled)

        return serve_it


def notice(session: Session, number: int, payload: str, letter: str) -> int:
    """Store a notice with the payload in every field, as long as it is; give its id.

    `letter` begins its token: `p`ending, `q`uestion asked, `g`oing round.
    """
    token = f"{letter}{number:021}"
    made = notices.add(
        session,
        seeker_id=seekers.add(session, lang="fr", email=None, now=NOW),
        words=NoticeText(payload, payload, False, Contract.ANY, payload, payload),  # noqa: FBT003
        lang="fr",
        sector=None,
        region=None,
        posts=[PostRef("x", f"https://x.com/i/status/{number}", f"{number}-{letter}", payload)],
        share_slug=token,
        token_hash=hash_token(token),
        demand=12,
        now=NOW,
    )
    if letter == "g":
        notices.move(
            session,
            made.id,
            NoticeState.ACTIVE,
            opened_at=NOW - timedelta(hours=1),
            deadline=NOW + timedelta(days=7),
        )
    return made.id


def volunteer(session: Session, number: int, payload: str) -> int:
    """Store a volunteer with the payload as name and handle; give the id."""
    made = volunteers.add(
        session,
        name=payload,
        lang="fr",
        languages={"fr"},
        limits=LIMITS,
        sectors=None,
        regions=None,
        token_hash=hash_token(f"v{number:021}"),
        charter_version="1",
        now=NOW,
    )
    volunteers.set_accounts(session, made, [("x", f"{number}{payload}")])
    return made


def fill(session: Session) -> None:
    """Put every payload into every field that is kept: words, notes, reports, names, handles."""
    for number, payload in enumerate(PAYLOADS):
        notice(session, number, payload, "p")
        asked = notice(session, number, payload, "q")
        active = notice(session, number, payload, "g")
        who = volunteer(session, number, payload)
        stored.add(session, payload, "no hash", Role.READER, NOW)
        notices.move(session, asked, NoticeState.ASKED)
        cases.add_decision(
            session,
            Decision(0, asked, 2 + number, Verdict.ASK, Reason.CHARTER, payload, NOW),
            waited_s=1,
            before={},
        )
        for receiver in {1, who}:
            account = volunteers.get(session, receiver).accounts[0]
            boost = boosts.plan(
                session,
                notice_id=active,
                volunteer_id=receiver,
                account_id=account.id,
                network="x",
                mode=Mode.BY_HAND,
                due_at=NOW,
                reason={"candidates": 3},
            )
            boosts.move(session, boost, BoostState.ASKED, asked_at=NOW, expires_at=NOW + timedelta(days=1))
            # Opened: the card of a reported notice stays only with whoever has already opened the post.
            boosts.move(session, boost, BoostState.OPENED, opened_at=NOW)
        reports.add(session, notice_id=active, volunteer_id=who, why=payload, now=NOW)


@pytest.fixture(scope="module")
def watched() -> Watched:
    """The reports."""
    return Watched()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, watched: Watched) -> Iterator[tuple[App, str]]:
    """An installation full of payloads, served, with its address."""
    folder = tmp_path_factory.mktemp("payloads")
    settings = Settings(data_dir=folder, queue_max=100_000, _env_file=None)  # type: ignore[call-arg]
    app = build(settings, clock=StillClock(NOW))
    app.store.run_write(stored.add, "Camille", "no hash", Role.OPERATOR, NOW)
    app.store.run_write(fill)
    url, end = serve(app, watched.around)
    yield app, url
    end()
    app.close()


@pytest.fixture
def look(browser: Browser, attacked: tuple[App, str]) -> Iterator[Callable[[str], Page]]:
    """Open a page as an operator and make sure that nothing of what it shows has run."""
    app, url = attacked
    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(30_000)
    context.add_init_script(HIT)
    # What a payload would load from elsewhere is neither loaded nor waited for; it would be reported.
    context.route(lambda address: not address.startswith("http://127.0.0.1:"), lambda route: route.abort())
    token = app.store.run_write(admins.log_in, 1, NOW)
    context.add_cookies([{"name": "admin", "value": token, "url": url, "sameSite": "Strict"}])
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def opened(path: str) -> Page:
        answer = page.goto(f"{url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        unhurt(page, path)
        return page

    yield opened
    context.close()
    assert dialogs == []


def unhurt(page: Page, path: str) -> None:
    """Make sure that nothing ran, and that nothing led elsewhere."""
    assert page.evaluate("window.hits") == 0, path
    assert page.url.startswith("http://127.0.0.1:"), path


def answering(body: str, headers: dict[str, str]) -> Callable[[Route], None]:
    """Answer a request with a page of our own making."""
    return lambda route: route.fulfill(body=body, content_type="text/html", headers=headers)


def test_the_net_catches(browser: Browser, attacked: tuple[App, str], watched: Watched):
    """The same payloads unescaped do run without the policy; with it none runs and each try is reported."""
    _, url = attacked
    raw = "<!doctype html><title>x</title>" + "".join(PAYLOADS[:10])
    for policy, runs in (({}, True), ({"Content-Security-Policy": CSP.replace(REPORTS, "/csp")}, False)):
        page = browser.new_page()
        page.add_init_script(HIT)
        page.route("**/raw", answering(raw, policy))
        before = len(watched.reports)
        page.goto(f"{url}/raw")
        page.wait_for_timeout(300)
        assert (page.evaluate("window.hits") > 0) is runs
        assert (len(watched.reports) > before) is not runs
        page.close()
    watched.reports.clear()


def test_payloads_on_lists(look: Callable[[str], Page], watched: Watched):
    """Queue, roster, admins, decisions, journal and one volunteer's list show all payloads; none runs."""
    pages = -(-3 * len(PAYLOADS) // 50)
    for number in range(1, pages + 1):
        look(f"/fr/admin/queue?page={number}")
    for number in range(1, -(-len(PAYLOADS) // 50) + 1):
        look(f"/fr/admin/volunteers?page={number}")
    shown = look("/fr/inbox/v000000000000000000000").locator("body").inner_text()
    assert sum(payload.strip() in shown for payload in PAYLOADS) > 100  # they are there, as text
    for path in ("/fr/admin/admins", "/fr/admin/decisions", "/fr/admin/journal", "/fr/impact"):
        look(path)
    assert watched.reports == []


def test_payloads_on_pages_of_their_own(look: Callable[[str], Page], watched: Watched):
    """The pages of a notice and of a volunteer, by seeker, volunteer and moderator; none runs."""
    for number in range(0, len(PAYLOADS), STEP):
        pending = 3 * number + 1
        for path in (
            f"/fr/n/q{number:021}",
            f"/fr/n/g{number:021}",
            f"/fr/n/g{number:021}/change",
            f"/fr/s/g{number:021}",
            f"/fr/inbox/v{number:021}",
            f"/fr/inbox/v{number:021}/settings",
            f"/fr/admin/case/{pending}",
            f"/fr/admin/case/{pending + 2}",
            f"/fr/admin/notice/{pending + 1}",
            f"/fr/admin/notice/{pending + 2}",
            f"/fr/admin/volunteers/{number + 1}",
            f"/fr/admin/admins/{number + 2}/remove",
        ):
            look(path)
    assert watched.reports == []


FORMS = (
    ("/fr/", ("title", "place", "text", "name", "email", "link")),
    ("/fr/join", ("name", "handle-x")),
    ("/fr/find", ("link",)),
    ("/fr/admin/login", ("name", "password")),
)
SEND = """([action, values]) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = action;
  for (const [name, value] of values) {
    const field = document.createElement("textarea");
    field.name = name; field.value = value; form.append(field);
  }
  document.body.append(form); form.submit();
}"""


@pytest.mark.parametrize(("path", "fields"), FORMS, ids=[path for path, _ in FORMS])
def test_payloads_shown_again(
    look: Callable[[str], Page], watched: Watched, path: str, fields: tuple[str, ...]
):
    """Forms that come back with what was typed, and filters that repeat it, run nothing."""
    page = look("/fr/find")
    for number in range(0, len(PAYLOADS), STEP):
        payload = PAYLOADS[number]
        values = [[field, payload] for field in fields] + [["network", "x"], ["has_post", "yes"]]
        with page.expect_navigation():
            page.evaluate(SEND, [path, values])
        unhurt(page, path)
    assert watched.reports == []


def test_payloads_in_addresses(look: Callable[[str], Page], watched: Watched):
    """What stands in the address runs nothing where a page repeats it."""
    from urllib.parse import quote

    for number in range(0, len(PAYLOADS), STEP):
        text = quote(PAYLOADS[number])
        for path in (f"queue?q={text}", f"volunteers?q={text}", f"journal?actor={text}&subject={text}"):
            look(f"/fr/admin/{path}")
        look(f"/fr/find?next={text}&error={text}")
    assert watched.reports == []


def test_there_are_enough():
    """The number that the promise names, no two alike."""
    assert len(set(PAYLOADS)) >= 200
