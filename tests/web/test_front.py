"""Pages for everybody."""

import pytest

from bot.app import App, build
from bot.settings import Settings
from bot.trust.links import new_token
from bot.web.front import contact_link
from bot.web.notice_form import COOKIE
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A fresh browser."""
    return Visitor(app)


@pytest.mark.parametrize("path", ["find", "fairness", "data", "accessibility", "contact"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pages_are_there(visitor, lang, path):
    """Each page answers in both languages and tells machines its language."""
    answer = visitor.get(f"/{lang}/{path}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}"' in answer.text


def test_find_by_cookie(visitor, make_notice):
    """The browser that sent the notice finds a link to it."""
    token = new_token()
    make_notice(token=token)
    visitor.cookies.set(COOKIE, token)
    assert f'href="/en/n/{token}"' in visitor.get("/en/find").text


def test_find_without_cookie(visitor):
    """Any other browser is told that the link is the only key."""
    assert "only key" in visitor.get("/en/find").text


@pytest.mark.parametrize("path", ["find", "contact"])
@pytest.mark.parametrize(("lang", "hour"), [("en", "about the hour"), ("fr", "heure approximative")])
def test_no_link_for_what_everybody_can_read(visitor, path, lang, hour):
    """Who has lost their link is asked for what does not stand on the notice's public page."""
    page = visitor.get(f"/{lang}/{path}").text
    assert hour in page
    assert "which name" not in page
    assert "quel nom" not in page


@pytest.mark.parametrize(
    "form", ["{t}", "http://old.example/fr/n/{t}", " https://x.example/n/{t}?a=1 ", "<{t}>"]
)
def test_find_by_pasting(visitor, make_notice, form):
    """The token, or a link with it whatever its host, leads to the notice."""
    token = new_token()
    make_notice(token=token)
    answer = visitor.post("/en/find", {"link": form.format(t=token)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/n/{token}")


def test_find_opens_a_volunteers_page_too(visitor, make_volunteer):
    """A volunteer's link leads to the inbox."""
    token = new_token()
    make_volunteer(token=token)
    assert visitor.post("/fr/find", {"link": token}).headers["location"] == f"/fr/inbox/{token}"


@pytest.mark.parametrize(
    "typed", ["", "nope", "a" * 22, "x" * 99_000, "\x00" * 30, "<script>alert(1)</script>"]
)
def test_find_unknown(visitor, typed):
    """What opens nothing gives an error that keeps what was typed, escaped."""
    answer = visitor.post("/en/find", {"link": typed})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "<script>alert" not in answer.text


def test_find_file(visitor):
    """A file in place of the text is an error, not a crash."""
    answer = visitor.ask("POST", "/en/find", files={"link": ("a.txt", b"x")})
    assert answer.status_code == 422


def test_data_page_tells_the_settings(visitor, settings):
    """The page says how long a notice goes round in this installation."""
    assert f"{settings.round_days} days" in visitor.get("/en/data").text


def test_contact_of_the_settings(tmp_path):
    """The address of the settings is linked; without one the page says so."""
    made = build(Settings(data_dir=tmp_path / "d", contact="a@b.example", _env_file=None))
    try:
        assert 'href="mailto:a@b.example"' in Visitor(made).get("/en/contact").text
    finally:
        made.close()


def test_contact_missing(visitor):
    """No address is said plainly."""
    assert "have not given an address" in visitor.get("/en/contact").text


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("", None),
        ("a@b.example", ("mailto:a@b.example", "a@b.example")),
        ("https://b.example/us/", ("https://b.example/us/", "b.example/us")),
        ("@us on Mastodon", ("", "@us on Mastodon")),
        ("javascript:alert(1)", ("", "javascript:alert(1)")),
        ("a@b.example?cc=c@d.example", ("mailto:a%40b.example", "")),
    ],
)
def test_contact_link(text, link):
    """A mail or web address is a link, anything else only text."""
    if text.startswith("a@b.example?"):
        found = contact_link(text)
        assert found is not None
        assert "?" not in found[0]
    else:
        assert contact_link(text) == link


def test_robots(visitor):
    """Programs may read the first pages and share pages, nothing else."""
    text = visitor.get("/robots.txt").text
    assert "Allow: /fr/s/" in text
    assert text.rstrip().endswith("Disallow: /")
    assert "admin" not in text


def test_a_collective_can_be_found(visitor):
    """Search engines may show the first pages; a page that only a link leads to stays out."""
    for path, shown in (("/fr/", True), ("/en/join", True), ("/fr/impact", True), ("/fr/find", False)):
        answer = visitor.get(path)
        assert ("noindex" in answer.text) != shown, path
        assert ("x-robots-tag" in answer.headers) != shown, path


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
def test_head(visitor, path):
    """HEAD answers as GET would, without a body."""
    answer = visitor.ask("HEAD", path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_unknown_page(visitor):
    """An unknown address is a page of ours with the way back."""
    answer = visitor.get("/fr/nowhere")
    assert answer.status_code == 404
    assert 'href="/fr/find"' in answer.text


def test_head_is_answered_like_get(visitor: Visitor):
    """A robot that only looks gets the same status and headers, no body, and changes nothing."""
    for path in ("/fr/", "/fr/impact", "/healthz", "/fr/nothing-here"):
        get, head = visitor.get(path), visitor.ask("HEAD", path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
