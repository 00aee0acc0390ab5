"""The second factor of admins: set up, asked for, lost, and mandatory where others can reach the site."""

import re
from datetime import timedelta

import pytest

from bot.app import App, build
from bot.moderation import admins, log_in
from bot.settings import Settings
from bot.storage import admins as stored
from bot.storage import factors, journal
from bot.trust import totp
from tests.conftest import NOW
from tests.web.visitor import Read, Visitor

PASSWORD = "seven green bicycles"
BASE = "https://example.org"


@pytest.fixture(scope="module")
def password_hash() -> str:
    """Hash the password once: argon2id is slow on purpose."""
    from bot.trust.passwords import hash_password

    return hash_password(PASSWORD)


@pytest.fixture
def public(tmp_path, clock, password_hash):
    """An installation with a public address and one admin, Camille, number 1."""
    settings = Settings(data_dir=tmp_path / "public", site_url=BASE, _env_file=None)
    app = build(settings, clock=clock)
    app.store.run_write(stored.add, "Camille", password_hash, stored.Role.OPERATOR, NOW)
    yield app
    app.close()


@pytest.fixture
def camille(public: App) -> Visitor:
    """Camille's browser, not logged in."""
    return Visitor(public, BASE)


def enter(visitor: Visitor, password: str = PASSWORD, **more):
    """Send name and password."""
    return visitor.post("/en/admin/login", {"name": "Camille", "password": password, **more})


def code(visitor: Visitor, nonce: str | None = None) -> str:
    """Give what Camille's app shows now."""
    app = visitor.app
    nonce = nonce or app.store.run_read(factors.get, 1).nonce
    return totp.code_at(totp.secret_of(app.keys, 1, nonce), totp.step_at(app.clock.now()))


def enrol(visitor: Visitor) -> list[str]:
    """Set the second factor up by the page; give the recovery codes."""
    page = visitor.get("/en/admin/factor")
    nonce = Read(page.text).values["nonce"]
    done = visitor.post("/en/admin/factor", {"nonce": nonce, "code": code(visitor, nonce)})
    assert done.status_code == 200
    visitor.app.clock.advance(timedelta(seconds=totp.STEP_S))  # the next code
    return re.findall(r"<li>((?:[a-z0-9]{6}-){3}[a-z0-9]{6})</li>", done.text)


@pytest.fixture
def armed(camille: Visitor) -> Visitor:
    """Camille's browser after the second factor was set up and she logged out."""
    enter(camille)
    enrol(camille)
    camille.post("/en/admin/logout")
    return camille


def test_mandatory_where_others_reach_the_site(camille):
    """With a public address an admin without a second factor sees nothing but the page that sets it up."""
    assert enter(camille).status_code == 303
    for path in ("/en/admin", "/en/admin/queue", "/en/admin/me", "/en/admin/admins"):
        answer = camille.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/en/admin/factor?next=")
    page = camille.get("/en/admin/factor").text
    assert "Others can reach this site" in page
    assert "Not now" not in page
    assert len(enrol(camille)) == 10
    assert camille.get("/en/admin/queue").status_code == 200


@pytest.mark.parametrize(
    ("values", "public"),
    [
        ({}, False),
        ({"site_url": "http://localhost:9000"}, False),
        ({"host": "::1"}, False),
        ({"site_url": "https://example.org"}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.168.1.4"}, True),
        ({"host": "0.0.0.0", "site_url": "http://127.0.0.1:8000"}, True),
    ],
)
def test_what_public_means(tmp_path, values, public):
    """A site is public when it has an address, or listens on one, that is not the machine's own."""
    settings = Settings(data_dir=tmp_path, _env_file=None, **values)
    assert settings.public is public
    assert settings.secure is public


def test_offered_and_skipped_on_loopback(app):
    """On the machine itself the second factor is offered after set-up and can be left for later."""
    visitor = Visitor(app)
    path = f"/en/admin/setup/{app.store.run_write(admins.new_setup_link, NOW)}"
    sent = {"name": "Camille", "password": PASSWORD, "again": PASSWORD}
    offered = visitor.get(visitor.post(path, sent).headers["location"])
    assert 'href="/en/admin">Not now</a>' in offered.text
    assert visitor.get("/en/admin").status_code == 200
    assert app.store.run_read(factors.get, 1) is None


def test_nothing_is_stored_before_a_code_proves_it(camille):
    """Looking at the page stores nothing; a wrong code shows the same secret again."""
    enter(camille)
    page = Read(camille.get("/en/admin/factor").text)
    answer = camille.post("/en/admin/factor", {"nonce": page.values["nonce"], "code": "000000"})
    assert answer.status_code == 422
    assert Read(answer.text).values["nonce"] == page.values["nonce"]
    assert camille.app.store.run_read(factors.get, 1) is None


def test_the_code_follows_the_password(armed):
    """After the password nothing opens until a code was given; then the page that was wanted does."""
    answer = enter(armed, next="/en/admin/journal?action=admin.")
    assert answer.headers["location"].startswith("/en/admin/code?next=/en/admin/journal%3F")
    assert armed.get("/en/admin/queue").headers["location"].startswith("/en/admin/code?next=")
    assert armed.post("/en/admin/undo/1").headers["location"].startswith("/en/admin/code?next=")
    half = armed.cookies["__Host-admin"]
    back = armed.post("/en/admin/code", {"code": code(armed), "next": "/en/admin/journal?action=admin."})
    assert back.headers["location"] == "/en/admin/journal?action=admin."
    assert armed.cookies["__Host-admin"] != half
    assert armed.app.store.run_read(log_in.visit_of, half, armed.app.clock.now()) is None
    assert armed.get("/en/admin/queue").status_code == 200


def test_a_code_serves_once(armed):
    """The code that was taken is refused in another browser, even in the same half minute."""
    shown = code(armed)
    enter(armed)
    assert armed.post("/en/admin/code", {"code": shown}).status_code == 303
    other = Visitor(armed.app, BASE)
    enter(other)
    assert other.post("/en/admin/code", {"code": shown}).status_code == 422
    armed.app.clock.advance(timedelta(seconds=totp.STEP_S))
    assert other.post("/en/admin/code", {"code": code(other)}).status_code == 303


def test_recovery_codes_serve_once_each(camille):
    """A recovery code lets in once, however it is typed; only keyed hashes are kept."""
    enter(camille)
    one, two, *_ = enrol(camille)
    for typed, status in ((one.upper().replace("-", " "), 303), (one, 422), (two, 303)):
        browser = Visitor(camille.app, BASE)
        enter(browser)
        assert browser.post("/en/admin/code", {"code": typed}).status_code == status
    assert camille.app.store.run_read(factors.codes_left, 1) == 8
    folder = camille.app.settings.data_dir
    kept = b"".join(path.read_bytes() for path in folder.glob("languette.db*"))
    assert one.encode() not in kept
    assert one.replace("-", "").encode() not in kept
    assert camille.app.store.run_read(journal.read, action="admin.code_used")[0].details["left"] == 8


def test_the_secret_is_not_in_the_database(camille):
    """Neither the database nor its log holds what the app knows."""
    enter(camille)
    enrol(camille)
    nonce = camille.app.store.run_read(factors.get, 1).nonce
    secret = totp.secret_of(camille.app.keys, 1, nonce)
    kept = b"".join(path.read_bytes() for path in camille.app.settings.data_dir.glob("languette.db*"))
    assert secret not in kept
    assert totp.plain_secret(secret).encode() not in kept


def test_ten_wrong_codes_lock_for_a_quarter_of_an_hour(armed):
    """The tenth wrong code locks; the right one is refused then, and taken fifteen minutes later."""
    enter(armed)
    for _ in range(10):
        assert armed.post("/en/admin/code", {"code": "000000"}).status_code == 422
    answer = armed.post("/en/admin/code", {"code": code(armed)})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"
    assert "Wait 15 minutes" in answer.text
    armed.app.clock.advance(timedelta(minutes=15))
    enter(armed)  # the half session lasted ten minutes
    assert armed.post("/en/admin/code", {"code": code(armed)}).status_code == 303


def test_wrong_codes_of_a_stranger_do_not_lock_a_known_browser(armed):
    """Who has the password but not the phone locks out other strangers, not the browser of every day."""
    stranger = Visitor(armed.app, BASE)
    enter(stranger)
    for _ in range(11):
        answer = stranger.post("/en/admin/code", {"code": "000000"})
    assert answer.status_code == 429
    enter(armed)
    assert armed.post("/en/admin/code", {"code": code(armed)}).status_code == 303


def test_half_a_log_in_ends_after_ten_minutes(armed):
    """Whoever does not give the code within ten minutes starts anew."""
    enter(armed)
    armed.app.clock.advance(log_in.sessions.HALF_LONGEST + timedelta(seconds=1))
    answer = armed.post("/en/admin/code", {"code": code(armed)})
    assert answer.headers["location"].startswith("/en/admin/login")


def test_dangerous_acts_want_a_fresh_proof(armed, public):
    """Ten minutes after the last code, what makes keys or cannot be undone asks for a new one; it waits."""
    enter(armed)
    armed.post("/en/admin/code", {"code": code(armed)})
    public.clock.advance(timedelta(minutes=11))
    of_notice = [f"/en/admin/notice/1/{name}" for name in ("recall", "close", "reset", "link")]
    of_volunteer = [f"/en/admin/volunteers/1/{name}" for name in ("remove", "link")]
    others = [
        "/en/admin/admins/add",
        "/en/admin/admins/1/reset",
        "/en/admin/factor/codes",
        "/en/admin/resume",
    ]
    for path in of_notice + of_volunteer:
        assert armed.post(path, {"choice": "withdrawn"}).headers["location"].startswith("/en/admin/prove")
    for path in others:
        answer = armed.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/en/admin/prove?next={path}")
        assert armed.post(path, {"choice": "reader"}).headers["location"].startswith("/en/admin/prove")
    assert armed.get("/en/admin/factor").headers["location"].startswith("/en/admin/prove")
    wrong = armed.post("/en/admin/prove", {"code": "000000", "next": "/en/admin/admins/add"})
    assert wrong.status_code == 422
    right = armed.post("/en/admin/prove", {"code": code(armed), "next": "/en/admin/admins/add"})
    assert right.headers["location"] == "/en/admin/admins/add"
    assert armed.get("/en/admin/admins/add").status_code == 200
    assert armed.get("/en/admin/queue").status_code == 200  # reading never asks


def test_the_password_proves_where_there_is_no_second_factor(app, password_hash):
    """On loopback without a second factor the password is asked again."""
    app.store.run_write(stored.add, "Camille", password_hash, stored.Role.OPERATOR, NOW)
    visitor = Visitor(app)
    enter(visitor)
    app.clock.advance(timedelta(minutes=11))
    assert 'type="password"' in visitor.get(visitor.get("/en/admin/admins/add").headers["location"]).text
    assert visitor.post("/en/admin/prove", {"code": "wrong"}).status_code == 422
    assert visitor.post("/en/admin/prove", {"code": PASSWORD}).status_code == 303
    assert visitor.get("/en/admin/admins/add").status_code == 200


def test_a_reset_takes_the_second_factor_away(armed, public):
    """The reset link sets a new password, ends the old factor and codes, and asks for a new factor."""
    token = public.store.run_write(admins.new_reset_link, 1, now=public.clock.now())
    enter(armed)
    assert armed.post("/en/admin/code", {"code": code(armed)}).status_code == 303  # not used yet
    new = {"password": "eight green bicycles", "again": "eight green bicycles"}
    assert Visitor(public, BASE).post(f"/en/admin/setup/{token}", new).status_code == 303
    assert public.store.run_read(factors.get, 1) is None
    assert public.store.run_read(factors.codes_left, 1) == 0
    assert armed.get("/en/admin/queue").headers["location"].startswith("/en/admin/login")
    assert enter(armed, new["password"]).headers["location"] == "/en/admin"
    assert armed.get("/en/admin").headers["location"].startswith("/en/admin/factor")


def test_the_qr_code_is_our_own(camille):
    """The picture stands in the page, without style, script or an address of anybody else."""
    enter(camille)
    page = camille.get("/fr/admin/factor").text
    picture = page[page.index('<svg class="qr"') :]
    picture = picture[: picture.index("</svg>")]
    assert "style" not in picture
    assert "http" not in picture
    assert picture.count("h1v1h-1z") > 300
