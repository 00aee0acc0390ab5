"""How an admin comes in by the pages."""

from datetime import timedelta

import pytest

from bot.app import App, build
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import notices
from bot.web.session import safe_next
from tests.conftest import NOW
from tests.web.visitor import Visitor

PASSWORD = "seven green bicycles"


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A browser that is not logged in."""
    return Visitor(app)


@pytest.fixture
def camille(app: App):
    """An admin."""
    return app.store.run_write(admins.create, "Camille", PASSWORD, now=NOW)


def log_in(visitor, name="Camille", password=PASSWORD, **values):
    """Send the log-in form."""
    return visitor.post("/fr/admin/login", {"name": name, "password": password, **values})


def test_setup_by_the_link(app, visitor):
    """The one-time link leads to a form that makes the admin and lets them in, once."""
    path = f"/fr/admin/setup/{app.store.run_write(admins.new_setup_link, NOW)}"
    assert visitor.get(path).status_code == 200
    answer = visitor.post(path, {"name": "Camille", "password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/admin/factor?first=1")
    assert visitor.get("/fr/admin").status_code == 200
    assert visitor.get(path).status_code == 404
    assert visitor.post(path, {"name": "Eve", "password": PASSWORD, "again": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "something else"}, "again"),
        ({"password": "x" * 300, "again": "x" * 300}, "password"),
    ],
)
def test_setup_says_what_is_wrong(app, visitor, values, field):
    """A mistake is shown beside its field, the name is kept, no password is, and the link keeps working."""
    path = f"/en/admin/setup/{app.store.run_write(admins.new_setup_link, NOW)}"
    good = {"name": "Camille", "password": PASSWORD, "again": PASSWORD}
    answer = visitor.post(path, good | values)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "<title>Error: " in answer.text
    assert PASSWORD not in answer.text
    assert visitor.post(path, good).status_code == 303


def test_cookie_is_kept_from_scripts_and_other_sites(visitor, camille):
    """The session cookie is HttpOnly and SameSite=Strict."""
    cookie = log_in(visitor).headers["set-cookie"]
    assert cookie.startswith("admin=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_cookie_is_bound_to_the_host_on_https(tmp_path, clock):
    """On https the cookie is __Host- and Secure."""
    settings = Settings(data_dir=tmp_path / "data", site_url="https://example.org", _env_file=None)
    app = build(settings, clock=clock)
    app.store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    cookie = log_in(Visitor(app)).headers["set-cookie"]
    app.close()
    assert cookie.startswith("__Host-admin=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_wrong_name_and_wrong_password_look_alike(visitor, camille):
    """The answer does not tell whether the name exists."""
    wrong, unknown = log_in(visitor, password="wrong"), log_in(visitor, name="Nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("Camille", "?") == unknown.text.replace("Nobody", "?")
    assert "set-cookie" not in wrong.headers


def test_log_out(visitor, camille):
    """After log-out the pages are closed."""
    log_in(visitor)
    assert visitor.get("/fr/admin").status_code == 200
    assert visitor.post("/fr/admin/logout").headers["location"] == "/fr/admin/login"
    assert visitor.get("/fr/admin").status_code == 303


def test_log_out_everywhere(app, camille):
    """One button ends the sessions of all browsers of an admin, and of nobody else."""
    app.store.run_write(admins.create, "Lise", PASSWORD, now=NOW)
    here, there, other = Visitor(app), Visitor(app), Visitor(app)
    log_in(here), log_in(there), log_in(other, name="Lise")
    assert here.post("/fr/admin/me/logout").headers["location"] == "/fr/admin/login"
    assert [browser.get("/fr/admin").status_code for browser in (here, there, other)] == [303, 303, 200]


def test_a_busy_session_ends_too(visitor, camille, clock):
    """However busy, a session ends after seven days."""
    log_in(visitor)
    for _ in range(14):
        clock.advance(timedelta(hours=11, minutes=59))
        assert visitor.post("/en/admin/undo/1").status_code == 404  # counts as a sign of life
    clock.advance(timedelta(hours=1))
    assert visitor.get("/fr/admin").status_code == 303


def test_an_idle_session_ends(visitor, camille, clock):
    """After more than twelve idle hours somebody has to log in again."""
    log_in(visitor)
    clock.advance(timedelta(hours=13))
    assert visitor.get("/fr/admin").status_code == 303


def test_the_way_back(visitor, camille):
    """Who is led to the log-in comes back to the page asked for, query included."""
    answer = visitor.get("/fr/admin/queue?state=active&q=x")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/fr/admin/login?next=/fr/admin/queue%3Fstate%3Dactive")
    assert 'value="/fr/admin/queue?state=active&amp;q=x"' in visitor.get(location).text
    back = log_in(visitor, next="/fr/admin/queue?state=active&q=x")
    assert back.headers["location"] == "/fr/admin/queue?state=active&q=x"


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "https://evil.example/fr/admin",
        "//evil.example/fr/admin",
        "/\\evil.example/fr/admin",
        "/fr/admin/../../n/x",
        "/fr/n/token",
        "/de/admin",
        "/fr/admin\r\nX: y",
        "/fr/admin/login",
        "/fr/admin/logout",
        "/fr/admin/code",
        "/fr/admin/prove",
        "/fr/administration",
        "/fr/admin/" + "x" * 300,
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_elsewhere(wanted):
    """Only our own admin pages are gone back to."""
    assert safe_next("fr", wanted) == "/fr/admin"


@pytest.mark.parametrize("wanted", ["/fr/admin", "/en/admin/case/12", "/fr/admin/journal?action=notice."])
def test_admin_pages_are_gone_back_to(wanted):
    """Admin pages of either language are accepted."""
    assert safe_next("fr", wanted) == wanted


def test_closed_pages_change_nothing(visitor, make_notice):
    """Without a session a decision leads to the log-in and decides nothing."""
    notice = make_notice()
    for path in ("case/1", "case/1/claim", "undo/1", "logout"):
        answer = visitor.post(f"/fr/admin/{path}", {"verdict": "refuse", "reason": "scam"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/fr/admin/login?next=/fr/admin"
    assert visitor.app.store.run_read(notices.get, notice.id) == notice


@pytest.mark.parametrize(("speed", "status"), [(1.0, 303), (600.0, 200)])
def test_a_session_lasts_as_long_for_a_person_on_a_fast_clock(visitor, camille, clock, speed, status):
    """In the demo twelve hours pass in a minute or so: nobody is logged out by that."""
    clock.speed = speed
    log_in(visitor)
    clock.advance(timedelta(hours=13))
    assert visitor.get("/fr/admin").status_code == status
