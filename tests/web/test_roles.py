"""Each role on each route of the admin pages, and on each act: let in or refused, nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot import web
from bot.app import App
from bot.model.access import Role
from bot.model.notice import NoticeState
from bot.moderation import admins, log_in
from bot.storage import admins as stored
from bot.trust import passwords
from tests.conftest import NOW
from tests.web.visitor import Visitor

OPEN = {
    "/admin/login",
    "/admin/setup/{token}",
    "/admin/code",
    "/admin/logout",
    "/admin/factor",
    "/admin/me",
    "/admin/me/logout",
    "/admin/factor/codes",
    "/admin/factor/remove",
    "/admin/login/openid",
    "/admin/openid/link",
    "/admin/openid/unlink",
    "/admin/keys/ask",
    "/admin/keys/add",
    "/admin/keys/add/ask",
    "/admin/keys/{key_id}/remove",
    "/admin/prove",
    "/admin/password",
}
"""For strangers, or about whoever is logged in, whatever the role."""
NEEDS: dict[str, tuple[Role, Role]] = {
    "/admin": (Role.READER, Role.READER),
    "/admin/case/{notice_id}": (Role.MODERATOR, Role.MODERATOR),
    "/admin/case/{notice_id}/claim": (Role.MODERATOR, Role.MODERATOR),
    "/admin/decisions": (Role.MODERATOR, Role.MODERATOR),
    "/admin/undo/{decision_id}": (Role.MODERATOR, Role.MODERATOR),
    "/admin/queue": (Role.READER, Role.READER),
    "/admin/notice/{notice_id}": (Role.READER, Role.READER),
    "/admin/notice/{notice_id}/pause": (Role.MODERATOR, Role.MODERATOR),
    "/admin/notice/{notice_id}/resume": (Role.MODERATOR, Role.MODERATOR),
    "/admin/notice/{notice_id}/recall": (Role.MODERATOR, Role.MODERATOR),
    "/admin/notice/{notice_id}/close": (Role.MODERATOR, Role.MODERATOR),
    "/admin/notice/{notice_id}/link": (Role.OPERATOR, Role.OPERATOR),
    "/admin/volunteers": (Role.READER, Role.READER),
    "/admin/volunteers/{volunteer_id}": (Role.READER, Role.READER),
    "/admin/volunteers/{volunteer_id}/pause": (Role.MODERATOR, Role.MODERATOR),
    "/admin/volunteers/{volunteer_id}/resume": (Role.MODERATOR, Role.MODERATOR),
    "/admin/volunteers/{volunteer_id}/remove": (Role.OPERATOR, Role.OPERATOR),
    "/admin/volunteers/{volunteer_id}/link": (Role.OPERATOR, Role.OPERATOR),
    "/admin/journal": (Role.READER, Role.READER),
    "/admin/health": (Role.READER, Role.READER),
    "/admin/networks": (Role.READER, Role.READER),
    "/admin/halt": (Role.MODERATOR, Role.MODERATOR),
    "/admin/resume": (Role.OPERATOR, Role.OPERATOR),
    "/admin/form/close": (Role.MODERATOR, Role.MODERATOR),
    "/admin/form/open": (Role.MODERATOR, Role.MODERATOR),
    "/admin/admins": (Role.OPERATOR, Role.OPERATOR),
    "/admin/admins/add": (Role.OPERATOR, Role.OPERATOR),
    "/admin/admins/{admin_id}/role": (Role.OPERATOR, Role.OPERATOR),
    "/admin/admins/{admin_id}/reset": (Role.OPERATOR, Role.OPERATOR),
    "/admin/admins/{admin_id}/remove": (Role.OPERATOR, Role.OPERATOR),
}
"""The role that a GET and a POST of each address needs. A route that is not here fails the test below."""
SENT = {"choice": "reader"}


@pytest.fixture
def logged_in(app: App):
    """Log an admin of a role in: `logged_in(Role.READER)`."""

    def make(role: Role) -> Visitor:
        admin = app.store.run_write(stored.add, role.value, "no hash", role, NOW)
        browser = Visitor(app)
        browser.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
        return browser

    return make


def routes_in(router) -> Iterator[Any]:
    """Give every route, those of included routers too."""
    for route in router.routes:
        included = getattr(route, "original_router", None)
        yield from routes_in(included) if included else [route]


def methods_of(app: App) -> dict[str, set[str]]:
    """Give the methods of every admin address without its language; acts by name are spelt out."""
    found: dict[str, set[str]] = {}
    for route in routes_in(web.create(app)):
        path = getattr(route, "path", "").removeprefix("/{lang}")
        if path.startswith("/admin"):
            stem = path.removesuffix("/{name}")
            names = [p for p in NEEDS if p.rpartition("/")[0] == stem] if stem != path else [path]
            for name in names:
                found.setdefault(name, set()).update(route.methods)
    return found


def test_no_route_is_forgotten(app):
    """Every admin address stands in the table above, or is meant for everybody."""
    assert methods_of(app).keys() - OPEN == NEEDS.keys()


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_on_each_route(app, logged_in, make_notice, make_volunteer, role):
    """A stranger is led to the log-in; an admin is refused exactly what the role does not cover."""
    make_notice(state=NoticeState.PENDING)
    make_volunteer()
    app.store.run_write(stored.add, "Zoé", "no hash", Role.READER, NOW)  # admin 1, whom the acts are about
    browser = logged_in(role) if role else Visitor(app)
    for path, methods in methods_of(app).items():
        if path in OPEN:
            continue
        for method, needed in zip(("GET", "POST"), NEEDS[path], strict=True):
            if method not in methods:
                continue
            address = "/en" + path.replace("{admin_id}", "1")
            for name in ("notice_id", "volunteer_id", "decision_id"):
                address = address.replace(f"{{{name}}}", "1")
            answer = browser.ask(method, address, data=SENT if method == "POST" else None)
            if role is None:
                assert answer.headers["location"].startswith("/en/admin/login"), (method, path)
            else:
                refused = answer.status_code == 403
                assert refused is not role.covers(needed), (method, path, answer.status_code)
                assert answer.status_code < 500, (method, path)


def test_readers_are_led_to_the_queue(logged_in):
    """The first page of a reader is the queue; the menu offers only what the role covers."""
    reader = logged_in(Role.READER)
    assert reader.get("/en/admin").headers["location"] == "/en/admin/queue"
    page = reader.get("/en/admin/queue").text
    assert "/en/admin/journal" in page
    assert 'href="/en/admin"' not in page
    assert "/en/admin/admins" not in page


def test_acts_out_of_reach_are_not_offered(logged_in, make_volunteer):
    """A moderator sees the button for a break, not those for removing and for a link."""
    make_volunteer()
    page = logged_in(Role.MODERATOR).get("/en/admin/volunteers/1").text
    assert "/en/admin/volunteers/1/pause" in page
    assert "/en/admin/volunteers/1/remove" not in page
    assert "/en/admin/volunteers/1/link" not in page


def test_an_operator_lets_a_moderator_in(app, logged_in):
    """The link that an operator makes gives exactly the role that was chosen."""
    operator = logged_in(Role.OPERATOR)
    assert operator.post("/en/admin/admins/add", {"choice": "king"}).status_code == 422
    shown = operator.post("/en/admin/admins/add", {"choice": "moderator"}).text
    path = shown.partition("http://127.0.0.1:8000")[2].partition('"')[0]
    sent = {"name": "Lise", "password": "seven green bicycles", "again": "seven green bicycles"}
    newcomer = Visitor(app)
    assert newcomer.post(path, {**sent, "name": "operator"}).status_code == 422  # the name of somebody else
    assert newcomer.post(path, sent).status_code == 303
    assert newcomer.get("/en/admin").status_code == 200
    assert newcomer.get("/en/admin/admins").status_code == 403


def test_a_role_holds_from_the_next_click(app, logged_in):
    """Who becomes a reader is refused at once; who is taken off is logged out at once."""
    operator, moderator = logged_in(Role.OPERATOR), logged_in(Role.MODERATOR)
    assert moderator.get("/en/admin/decisions").status_code == 200
    assert operator.post("/en/admin/admins/2/role", {"choice": "reader"}).status_code == 303
    assert moderator.get("/en/admin/decisions").status_code == 403
    assert operator.post("/en/admin/admins/2/remove").status_code == 303
    assert moderator.get("/en/admin/queue").status_code == 303


def test_the_last_operator_stays(logged_in):
    """The only operator can neither be removed nor become something less."""
    operator = logged_in(Role.OPERATOR)
    for act in ("role", "remove"):
        assert operator.post(f"/en/admin/admins/1/{act}", {"choice": "reader"}).status_code == 409
    assert operator.get("/en/admin/admins").status_code == 200


def test_a_reset_is_for_one_admin(app, logged_in):
    """A link for a new password changes that admin's password only, whatever name is sent with it."""
    operator, lise = logged_in(Role.OPERATOR), logged_in(Role.READER)
    shown = operator.post("/en/admin/admins/2/reset").text
    path = shown.partition("http://127.0.0.1:8000")[2].partition('"')[0]
    assert 'value="reader"' in Visitor(app).get(path).text
    sent = {"name": "operator", "password": "seven green bicycles", "again": "seven green bicycles"}
    assert Visitor(app).post(path, sent).status_code == 303
    assert lise.get("/en/admin/queue").status_code == 303  # her sessions ended
    known = app.store.run_read(log_in.known, "reader")
    assert passwords.password_fits(sent["password"], known[1])
    assert app.store.run_read(log_in.known, "operator")[1] == "no hash"
