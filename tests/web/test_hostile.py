"""Two hundred and more hostile inputs through the form: none stored unescaped, none a 500."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from bot.app import App, build
from bot.intake import life
from bot.model.journal import Actor
from bot.model.notice import OPEN_STATES
from bot.settings import Settings
from bot.storage import Session, notices
from bot.web import gate
from bot.web.forms import FIELD_MAX
from bot.web.notice_form import TYPED_MAX
from tests.conftest import StillClock
from tests.web.visitor import NOTICE, Read, Visitor

PAYLOADS = [
    # HTML and templates
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '" onmouseover="alert(1)" x="',
    "</textarea><script>alert(1)</script>",
    "</title></head><body><h1>Pris",
    "<!-- ",
    "]]><b>",
    '<a href="javascript:alert(1)">clic</a>',
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "<form action=//evil.example><input name=x>",
    "<base href=//evil.example>",
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;",
    "{{ 7 * 7 }}{{ settings.data_dir }}",
    "{% include '/etc/passwd' %}",
    "${7*7}#{7*7}",
    # characters nobody sees, or that turn the page around
    "droite\u202egauche",
    "\u2066isolé\u2069 \u200f",
    "zé\u200bro\u200c lar\u200dgeur\u2060",
    "\ufeffmarque",
    "مرحبا بالعالم",
    "שלום עולם",
    "z" + "\u0335\u0336\u0337" * 60 + "algo",
    "drapeau \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "privé \ue000\U0010ffff\uffff\ufdd0",
    "remplacement \ufffd\ufffd",
    # look-alikes
    "Ѕоudеur à Раrіѕ",
    "ＦＵＬＬ ＷＩＤＴＨ ＜ｂ＞",
    "𝓼𝓸𝓾𝓭𝓮𝓾𝓻 ①②③",
    "ﬁn ﷺ ǆ",
    # controls
    "nul\x00octet",
    "\x1b[31mrouge\x1b[0m \x07\x08",
    "\x7f\x85\x9b fin",
    "ligne\u2028paragraphe\u2029",
    "retour\r\nligne\rfin\n",
    "\t\v\f tabulations",
    # spreadsheets, headers, SQL, shells, formats, paths
    "=1+1",
    '=HYPERLINK("//evil.example","clic")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "a\r\nSet-Cookie: pris=1",
    "a\r\nLocation: //evil.example\r\n\r\n<b>",
    "%0d%0aSet-Cookie:%20pris=1",
    "x\nBcc: tous@example.org",
    "'; DROP TABLE notice; --",
    '" OR ""="',
    "$(reboot) `reboot` ; reboot | reboot",
    "%s%s%n %(name)s %x 100 %",
    "{0.__class__} {name!r}",
    "../../../../etc/passwd",
    "C:\\Windows\\system32 \\\\hote\\part",
    # sizes
    "a" * 2_000,
    "é" * 3_000,
    "mot " * 1_000,
    "👩🏽" * 1_000,
    "9" * 5_000,
    "<" * 5_000,
    "x" * 40_000,
    # words that programs take for something else
    "null",
    "undefined",
    "NaN",
    "0",
    "-1",
    "[object Object]",
    "__proto__",
]
FIELDS = ("title", "place", "text", "name")
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//x.com/a/status/1",
    "javascript://x.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://x.com/a/status/1",
    "http://127.0.0.1:8000/fr/admin/@a/1",
    "http://169.254.169.254/@latest/1",
    "https://[::1]/@a/1",
    "https://x.com@evil.example/a/status/1",
    "https://x.com\\@evil.example/a/status/1",
    "https://x.com%00.evil.example/a/status/1",
    "https://xn--x-7sb.com/a/status/1",
    "https://х.com/a/status/1",
    "//evil.example/a/status/1",
    "https://x.com/a/status/1\r\nLocation: //evil.example",
    'https://x.com/"><script>alert(1)</script>/status/1',
    "https://piaille.fr/@a'onclick='alert(1)/1",
    "https://x.com/a/status/" + "1" * 10_000,
    "https://" + "a." * 5_000 + "fr/@a/1",
    "=HYPERLINK(1)",
]
CODES = {303, 413, 422}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """One installation for all of them."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("hostile"), _env_file=None)  # type: ignore[call-arg]
    app = build(settings, clock=StillClock())
    yield Visitor(app)
    app.close()


@pytest.fixture
def visitor(site: Visitor) -> Iterator[Visitor]:
    """A fresh browser on it; whatever it sent is withdrawn afterwards, so that the next may send."""
    site.forget()
    site.app.clock.advance(gate.SHARED_PER)  # type: ignore[attr-defined]  all come from nobody knows where
    yield site

    def end(session: Session) -> None:
        for notice in notices.listed(session, states=OPEN_STATES):
            life.withdraw(session, notice.id, now=site.app.clock.now(), actor=Actor("seeker"))

    site.app.store.run_write(end)


def harmless(page: Read) -> None:
    """Fail on anything in a page that our templates would not have put there."""
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "style", "base", "object", "embed", "img"}, tag
        assert not any(name.startswith("on") or name in {"style", "autofocus"} for name in attributes), (
            attributes
        )
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/")
        if tag == "meta":
            assert "http-equiv" not in attributes
    for link in page.links():
        assert link.startswith(("/", "#", "https://x.com/", "data:image/")), link
        assert not link.startswith("//")


def stored(app: App) -> list[str]:
    """Give every word of the open notices."""
    found = app.store.run_read(notices.listed, states=OPEN_STATES)
    return [word for n in found for word in (n.words.title, n.words.place, n.words.text, n.words.name)]


def lines(text: str) -> str:
    """Write every line break as one character, as a form does."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check(visitor: Visitor, answer: object) -> None:
    """Check the answer to a form, and the page of the notice where one was made."""
    assert answer.status_code in CODES  # type: ignore[attr-defined]
    assert "pris" not in visitor.cookies
    if answer.status_code == 413:  # type: ignore[attr-defined]
        return
    if answer.status_code == 422:  # type: ignore[attr-defined]
        harmless(Read(answer.text))  # type: ignore[attr-defined]
        return
    path = answer.headers["location"]  # type: ignore[attr-defined]
    assert re.fullmatch(r"/fr/n/[\w-]{22}\?sent=1", path)
    for page in (path, "/fr/"):
        shown = visitor.get(page)
        assert shown.status_code == 200
        harmless(Read(shown.text))
    change = Read(visitor.get(path.partition("?")[0] + "/change").text)
    harmless(change)
    assert [change.values[name] for name in FIELDS] == stored(visitor.app)
    for word in stored(visitor.app):
        assert not any(unicodedata.category(char).startswith("C") for char in word)
        assert word == word.strip()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_words(visitor: Visitor, field: str, payload: str):
    """Hostile words are shown as the words they are, or refused with what was typed kept."""
    answer = visitor.send(**{field: payload}, answer="keep_personal")
    check(visitor, answer)
    if answer.status_code == 422:
        again = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", payload)
        kept = Read(answer.text).values[field]
        assert lines(kept) in lines(again[:TYPED_MAX])
        assert len(kept) >= min(len(again), FIELD_MAX) - 3


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_hostile_links(visitor: Visitor, link: str):
    """No link but a post's is taken, and the page that says so holds it as text only."""
    answer = visitor.send(has_post="yes", link=link)
    assert answer.status_code == 422
    harmless(Read(answer.text))


@pytest.mark.parametrize(
    "email", [*PAYLOADS[:12], "a@b.fr\r\nBcc: x@y.fr", "a@b.fr, c@d.fr", "x" * 3_000 + "@b.fr"]
)
def test_hostile_addresses(visitor: Visitor, email: str):
    """An address with anything more than an address in it is refused."""
    answer = visitor.send(email=email)
    assert answer.status_code == 422
    harmless(Read(answer.text))


@pytest.mark.parametrize(
    "name", ["contract", "has_post", "remote", "consent", "shown", "confirm_empty", "keep", "answer"]
)
@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", "\x00", "é" * 3_000, "1.0." + "é" * 32, "keep_\x00", "٣.٣"]
)
def test_hostile_choices(visitor: Visitor, name: str, payload: str):
    """Values that no control of ours sends change nothing but the answer."""
    check(visitor, visitor.send(**{name: payload}))


@pytest.mark.parametrize("name", list(NOTICE))
def test_missing_and_doubled_fields(visitor: Visitor, name: str):
    """A field left out or sent three times is a form like any other."""
    check(visitor, visitor.send(**{name: None}))
    visitor.forget()
    answer = visitor.send(**{name: ["un", "<b>deux</b>", "\x00"]})
    assert answer.status_code in CODES | {409}


def part(disposition: str, value: bytes) -> bytes:
    """Write one part of a multipart body with the boundary `b`."""
    return b"--b\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + value + b"\r\n"


RAW = [
    (b"", "application/x-www-form-urlencoded"),
    (b"title=%ff%fe%00&text=%c3%28&name=%ed%a0%80", "application/x-www-form-urlencoded"),
    (b"\xff\xfe\x00=\x80\x81&title=\xc0\xaf", "application/x-www-form-urlencoded"),
    (b"%", "application/x-www-form-urlencoded"),
    (b"title=%zz&&&==&=x", "application/x-www-form-urlencoded"),
    (b"title=a;text=b", "application/x-www-form-urlencoded; charset=utf-16"),
    (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
    (b'{"title": "<script>"}', "application/json"),
    (b"<xml/>", "text/xml"),
    (b"title=x", "text/plain"),
    (b"title=x", ""),
    (b"x", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary="),
    (b"--b\r\n", "multipart/form-data; boundary=b"),
    (b"--b\r\nContent-Disposition: form-data; name=title\r\n\r\ncut", "multipart/form-data; boundary=b"),
    (b"--b\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--b--", "multipart/form-data; boundary=b"),
    (b"--b\r\nX: y\r\n\r\nno disposition\r\n--b--", "multipart/form-data; boundary=b"),
    (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\x00\r\n--b--',
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nvaleur\r\n--b--',
        "multipart/form-data; boundary=b; charset=rot13",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nvaleur\r\n--b--',
        "multipart/form-data; boundary=b; charset=no-such",
    ),
    (
        part('name="_charset_"', b"hex") + part('name="title"', b"zz") + b"--b--",
        "multipart/form-data; boundary=b",
    ),
    (
        part('name="title"; filename="../../<b>.html"', b"<script>alert(1)</script>") + b"--b--",
        "multipart/form-data; boundary=b",
    ),
    (
        part('name="consent"; filename="a\r\nSet-Cookie: pris=1"', b"x") + b"--b--",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n' * 60 + b"--b--",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\nx\r\n' * 900 + b"--b--",
        "multipart/form-data; boundary=b",
    ),
]


@pytest.mark.parametrize(("body", "kind"), RAW, ids=range(len(RAW)))
def test_hostile_bodies(visitor: Visitor, body: bytes, kind: str):
    """Bodies that are no form, or a broken one, get a page or a plain refusal."""
    answer = visitor.ask("POST", "/fr/", content=body, headers={"content-type": kind})
    assert answer.status_code in {400, 413, 422}
    if "html" in answer.headers["content-type"]:
        harmless(Read(answer.text))
    assert stored(visitor.app) == []


def test_files_instead_of_words(visitor: Visitor):
    """Uploads in place of every field are as good as nothing."""
    files = dict.fromkeys(NOTICE, ("x.html", b"<script>alert(1)</script>", "text/html"))
    answer = visitor.ask("POST", "/fr/", files=files)
    assert answer.status_code == 422
    harmless(Read(answer.text))


def test_a_megabyte_is_refused_before_it_is_read(visitor: Visitor):
    """A field of 1 MB is refused in both languages, announced by its length or not."""
    answer = visitor.send(text="x" * 1_000_000)
    assert answer.status_code == 413
    assert "128" in answer.text

    async def chunks() -> object:
        yield b"text="
        for _ in range(1_000):
            yield b"x" * 1_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.ask("POST", "/fr/", content=chunks(), headers=kind).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/fr/n/<script>alert(1)<%2Fscript>",
        "/fr/n/%00",
        "/fr/n/%ff%fe",
        "/fr/n/..%2f..%2fetc%2fpasswd",
        "/fr/n/" + "a" * 5_000,
        "/fr/n/%F0%9F%91%A9/found",
        "/fr/n/'%20OR%201=1--/change",
        "/xx/n/abc",
        "/fr/n/",
        "/fr//n/abc",
    ],
)
def test_hostile_addresses_of_pages(visitor: Visitor, path: str):
    """Tokens that cannot be ours lead nowhere, by GET and by POST."""
    for answer in (visitor.get(path), visitor.post(path)):
        assert answer.status_code in {307, 404, 405}
        if answer.status_code == 307:
            assert re.match(r"/(fr|en)/", answer.headers["location"])
        else:
            harmless(Read(answer.text))


@pytest.mark.parametrize("value", ["<script>", "\x00", "a" * 4_000, "../..", "null", "é", '"; Path=/admin'])
def test_hostile_cookies_and_queries(visitor: Visitor, value: str):
    """A made-up cookie or query is as good as none."""
    token = visitor.send().headers["location"].partition("?")[0]
    raw = value.encode()
    answer = visitor.get("/fr/", headers={"cookie": b"notice=" + raw.replace(b"\x00", b"")})
    assert answer.status_code == 200
    harmless(Read(answer.text))
    page = visitor.get(token, params={"sent": value, "did": value, "lang": value})
    assert page.status_code == 200
    harmless(Read(page.text))


def test_another_site_cannot_send_the_form(visitor: Visitor):
    """A form on somebody else's page is refused, for the form and for every act."""
    path = visitor.send().headers["location"].partition("?")[0]
    for origin in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        for act in ("/fr/", f"{path}/withdraw", f"{path}/found", f"{path}/change"):
            assert visitor.post(act, dict(NOTICE), headers=origin).status_code == 403
    assert len(stored(visitor.app)) == 4


def test_there_are_two_hundred_of_them():
    """The number that the issue names."""
    assert len(PAYLOADS) * len(FIELDS) + len(LINKS) + len(RAW) >= 200
