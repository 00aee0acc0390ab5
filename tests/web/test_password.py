"""An admin changes their own password."""

from datetime import timedelta

import pytest

from bot.moderation import admins, log_in
from bot.storage import admins as stored
from bot.storage import journal, sessions
from bot.trust import passwords
from tests.conftest import NOW
from tests.web.test_second_factor import armed, camille, code, enter, public
from tests.web.visitor import Visitor

__all__ = ["armed", "camille", "public"]

PRESENT, NEW = "seven green bicycles", "nine blue tandems uphill"
PAGE = "/en/admin/password"


@pytest.fixture(scope="module")
def password_hash() -> str:
    """Hash the password once: argon2id is slow on purpose."""
    return passwords.hash_password(PRESENT)


@pytest.fixture
def visitor(app, password_hash) -> Visitor:
    """The browser of Camille, admin 1, logged in."""
    admin = app.store.run_write(stored.add, "Camille", password_hash, stored.Role.READER, NOW)
    browser = Visitor(app)
    browser.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    return browser


def change(visitor: Visitor, present: str = PRESENT, password: str = NEW, again: str | None = None):
    """Send the form."""
    sent = {"present": present, "password": password, "again": password if again is None else again}
    return visitor.post(PAGE, sent)


def test_the_new_password_counts_and_other_sessions_end(app, visitor):
    """After the change the old password opens nothing; this browser stays logged in, all others are out."""
    elsewhere = Visitor(app)
    elsewhere.cookies.set("admin", app.store.run_write(admins.log_in, 1, NOW))
    assert change(visitor).status_code == 303
    known = app.store.run_read(log_in.known, "Camille")
    assert passwords.password_fits(NEW, known[1])
    assert not passwords.password_fits(PRESENT, known[1])
    assert visitor.get("/en/admin/me").status_code == 200
    assert elsewhere.get("/en/admin/me").headers["location"].startswith("/en/admin/login")
    assert app.store.run_read(journal.read, action="admin.password_set")[0].actor == "admin:1"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"present": "wrong"}, "This is not your present password."),
        ({"password": "short"}, "Choose a password of 12 to 200 characters"),
        ({"password": "qwertyuiop123"}, "This password is on the lists of those who guess"),
        ({"password": "Camille-2026!!"}, "Too easy to guess"),
        ({"password": "127.0.0.1:8000-languette"}, "Too easy to guess"),
        ({"again": "something else"}, "Type the same password twice."),
    ],
)
def test_what_is_wrong_is_said(app, visitor, values, said):
    """A mistake is said in a sentence, no password is shown again, and the old one stays."""
    answer = change(visitor, **values)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "’")
    assert NEW not in answer.text
    assert passwords.password_fits(PRESENT, app.store.run_read(log_in.known, "Camille")[1])


def test_guessing_the_present_password_is_held(visitor):
    """Ten wrong ones close the door for a quarter of an hour."""
    door = visitor.site.state.lock_out.for_code(1, device="")
    for _ in range(10):
        door.failed(NOW)
    assert change(visitor).status_code == 429


def test_the_second_factor_comes_first(armed):
    """A second factor given more than ten minutes ago is asked for before the form is shown or taken."""
    enter(armed)
    armed.post("/en/admin/code", {"code": code(armed)})
    armed.app.clock.advance(timedelta(minutes=11))
    for answer in (armed.get(PAGE), armed.post(PAGE, {"present": PRESENT})):
        assert answer.headers["location"].startswith("/en/admin/prove?next=")
    assert armed.post("/en/admin/prove", {"code": code(armed)}).status_code == 303
    assert armed.get(PAGE).status_code == 200


def test_setting_up_refuses_the_same(app):
    """The form of a set-up link refuses a password that leaked, and one that is the name of the site."""
    path = f"/en/admin/setup/{app.store.run_write(admins.new_setup_link, NOW)}"
    for password, said in (("qwertyuiop123", "on the lists"), ("languette-2026", "Too easy to guess")):
        answer = Visitor(app).post(path, {"name": "Lise", "password": password, "again": password})
        assert answer.status_code == 422
        assert said in answer.text


def test_ten_sessions_at_most(app, visitor):
    """The eleventh log-in ends the session longest unused, and nobody else's."""
    other = app.store.run_write(stored.add, "Lise", "no hash", stored.Role.READER, NOW).id
    app.store.run_write(admins.log_in, other, NOW - timedelta(hours=1))
    tokens = [
        app.store.run_write(admins.log_in, 1, NOW + timedelta(minutes=number + 1)) for number in range(9)
    ]
    assert visitor.get("/en/admin/me").status_code == 200
    app.store.run_write(log_in.touch, tokens[0], NOW + timedelta(hours=1))
    tokens.append(app.store.run_write(admins.log_in, 1, NOW + timedelta(hours=2)))
    held = [app.store.run_read(log_in.visit_of, token, NOW) is not None for token in tokens]
    assert held == [True] * 10
    assert visitor.get("/en/admin/me").status_code == 303
    app.store.run_write(admins.log_in, 1, NOW + timedelta(hours=3))
    assert app.store.run_read(log_in.visit_of, tokens[0], NOW) is not None
    assert app.store.run_read(log_in.visit_of, tokens[1], NOW) is None
    assert len(app.store.run_read(sessions.listed, 1)) == sessions.MOST
    assert len(app.store.run_read(sessions.listed, other)) == 1


def test_logging_out_clears_the_browser(visitor):
    """The answer to a log-out tells the browser to forget the pages it keeps."""
    assert visitor.post("/en/admin/logout").headers["clear-site-data"] == '"cache"'
