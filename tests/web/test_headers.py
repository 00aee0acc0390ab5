"""The headers of every answer, whatever it is: pages, redirects, refusals, breakdowns, files, pictures."""

import re

import pytest

from bot import web
from bot.app import App, build
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import admins as stored
from tests.conftest import NOW
from tests.web.test_roles import routes_in
from tests.web.visitor import NOTICE, Visitor

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/reports/csp",
}
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}
VALUES = {"lang": "fr", "token": "0123456789abcdefghijkl", "slug": "x", "name": "pause", "act": "pause"}
"""What stands in the addresses; everything else is the number 1."""
HSTS = "max-age=31536000; includeSubDomains"
PUBLIC = {"/robots.txt", "/favicon.ico"}
"""May be kept by caches, besides static files and pictures."""


def check(answer, path: str, *, https: bool = False) -> None:
    """Hold one answer against the whole table."""
    headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == CSP, path
    assert {name: headers.get(name) for name in FIXED} == FIXED, path
    foreign = path.startswith("/picture/") and answer.status_code == 200
    assert headers["cross-origin-resource-policy"] == ("cross-origin" if foreign else "same-origin"), path
    assert headers.get("strict-transport-security") == (HSTS if https else None), path
    cached = answer.status_code in {200, 304} and (path.startswith("/static/") or foreign or path in PUBLIC)
    assert headers["cache-control"].startswith("public, " if cached else "private, no-store"), path
    if not (path.startswith("/static/") and cached):
        shown = re.fullmatch(r"/(fr|en)/(join|impact|fairness)?", path.partition("?")[0])
        assert headers.get("x-robots-tag") == (None if shown else "noindex"), path
    assert "server" not in headers, path
    for cookie in headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie, path
        assert "SameSite" in cookie, path


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A fresh browser."""
    return Visitor(app)


def test_every_route(app, visitor, make_notice, make_volunteer):
    """Every route of the site, asked with GET, HEAD and POST, by a stranger and by an operator."""
    make_notice(token=VALUES["token"])
    make_volunteer(token=VALUES["token"])
    admin = app.store.run_write(stored.add, "Camille", "no hash", stored.Role.OPERATOR, NOW)
    operator = Visitor(app)
    session = app.store.run_write(admins.log_in, admin.id, NOW)
    paths = {getattr(route, "path", "") for route in routes_in(web.create(app))} - {"/static"}
    assert len(paths) > 50
    for template in sorted(paths):
        path = re.sub(r"{(\w+)(:int)?}", lambda found: VALUES.get(found[1], "1"), template)
        for browser in (visitor, operator):
            for method in ("GET", "HEAD", "POST"):
                operator.cookies.set("admin", session)
                answer = browser.ask(method, path)
                assert answer.status_code < 500 or path == "/readyz", (method, path)
                check(answer, path)


def test_refusals(visitor):
    """What the guard refuses carries the same headers as a page."""
    elsewhere = {"sec-fetch-site": "cross-site"}
    for answer, status in (
        (visitor.post("/fr/", dict(NOTICE), headers=elsewhere), 403),
        (visitor.send(text="x" * 200_000), 413),
        (visitor.ask("POST", "/fr/", content=b"x", headers={"content-type": "multipart/form-data"}), 400),
        (visitor.ask("DELETE", "/fr/"), 405),
        (visitor.get("/fr/nothing"), 404),
        (visitor.get("/static/nothing.css"), 404),
        (visitor.get("/static/%2e%2e/%2e%2e/secret.key"), 404),
        (visitor.send(consent=None), 422),
        (visitor.get("/admin"), 307),
        (visitor.get("/fr/admin"), 303),
        (visitor.ask("OPTIONS", "/fr/"), 405),
    ):
        assert answer.status_code == status, answer.request.url
        check(answer, answer.request.url.path)


def test_files_and_pictures(app, visitor, make_notice):
    """Static files, the picture of a notice, and their 304."""
    notice = make_notice()
    for path in (
        "/static/app.css",
        "/static/work.js",
        "/static/icon.svg",
        f"/picture/{notice.share_slug}-{notice.revision}.png",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 200
        check(answer, path)
    etag = visitor.get("/static/app.css").headers["etag"]
    again = visitor.get("/static/app.css", headers={"if-none-match": etag})
    assert again.status_code == 304
    check(again, "/static/app.css")


def test_a_breakdown(app, visitor):
    """Even the page that says that something broke carries every header, in the visitor's language."""
    app.store.close()
    answer = visitor.get("/en/impact")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    check(answer, "/en/impact")


def test_https(tmp_path, clock):
    """On https every answer says that it stays so for a year."""
    settings = Settings(data_dir=tmp_path / "https", site_url="https://example.org", _env_file=None)
    app = build(settings, clock=clock)
    visitor = Visitor(app, "https://example.org")
    for path in ("/fr/", "/static/app.css", "/fr/nothing", "/readyz", "/robots.txt", "/join"):
        check(visitor.get(path), path, https=True)
    sent = visitor.send()
    check(sent, "/fr/", https=True)
    assert "Secure" in sent.headers["set-cookie"]
    assert sent.headers["set-cookie"].startswith("__Host-notice=")
    assert "Domain" not in sent.headers["set-cookie"]
    assert "/fr/n/" in visitor.get("/fr/find").text  # the cookie is found again by that name
    app.close()
