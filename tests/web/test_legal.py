"""What the law wants to be said: the notices from the settings, terms, data, security; none is missing."""

import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from bot.app import build
from bot.intake import life
from bot.locale import formats
from bot.model.journal import Actor
from bot.model.legal import LEGAL, OPTIONAL, missing
from bot.settings import Settings
from bot.trust.links import new_token
from bot.web import legal
from bot.web.cookies import COOKIES
from tests.clocks import NOW, StillClock
from tests.web.visitor import Read, Visitor

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r'<h2 id="([\w-]+)">')
WORDS_LEAST = 8
"""A section that says less says nothing."""
ITEMS = {
    "responsible, contact, DPO": ("data", "controller"),
    "purposes one by one, with the ground of each": ("data", "purposes"),
    "categories: of seekers": ("data", "seekers"),
    "categories: of volunteers": ("data", "volunteers"),
    "categories: of people who report": ("data", "reporters"),
    "source, art. 14": ("data", "source"),
    "fields that must be filled in, and what follows": ("data", "required"),
    "recipients and networks": ("data", "recipients"),
    "transfers outside the EU": ("data", "abroad"),
    "durations": ("data", "durations"),
    "no automated decision; logic of the order": ("data", "decisions"),
    "cookies": ("data", "cookies"),
    "rights": ("data", "rights"),
    "how to use them": ("data", "exercise"),
    "complaint to the CNIL": ("data", "complaint"),
    "date and version of the information": ("data", "version"),
    "purpose": ("terms", "purpose"),
    "free of charge": ("terms", "free"),
    "age and who may use it": ("terms", "who"),
    "forbidden conduct": ("terms", "conduct"),
    "moderation: criteria and automatic tools": ("terms", "moderation"),
    "statement of reasons": ("terms", "reasons"),
    "recourse": ("terms", "recourse"),
    "report of a content, art. 16": ("terms", "report"),
    "suspension": ("terms", "suspension"),
    "contact point, art. 11 and 12": ("terms", "contact"),
    "date and version of the terms": ("terms", "version"),
    "how to report a weakness": ("security", "weakness"),
    "time frames": ("security", "frames"),
    "versions": ("security", "versions"),
    "what is encrypted": ("security", "sealed"),
    "what an admin sees": ("security", "admins"),
    "incidents": ("security", "incidents"),
}
"""What the specification (TRUST.md, section 5) wants on pages of ours, and where it stands."""


def sections(page: str) -> dict[str, str]:
    """Give the text of each section of a page by its anchor."""
    _, *parts = SECTION.split(page)
    return {name: Read(text).text for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_what_is_missing_is_said(app, settings):
    """An installation without settings says on the page, and to its operator, that nothing is filled in."""
    page = Read(Visitor(app).get("/fr/legal").text).text
    assert page.count("pas encore rempli") == len(LEGAL)
    assert missing(settings) == [name for name in LEGAL if name not in OPTIONAL]
    assert Visitor(app).get("/fr/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_item_is_shown(tmp_path: Path, lang: str):
    """Each setting stands on the page as it is; the address for weaknesses is in security.txt, dated."""
    values = {name: f"https://{name}.example" for name in LEGAL}
    values |= {"publisher_mail": "us@example.org"}
    settings = Settings(data_dir=tmp_path / "data", _env_file=None, **values)  # type: ignore[call-arg]
    app = build(settings, clock=StillClock())
    page = Visitor(app).get(f"/{lang}/legal").text
    assert [value for value in values.values() if value not in page] == []
    assert missing(settings) == []
    answer = Visitor(app).get("/.well-known/security.txt")
    assert answer.headers["location"].endswith("/.well-known/security.txt")
    text = Visitor(app).get(answer.headers["location"]).text
    assert "Contact: mailto:us@example.org\n" in text
    assert "Expires: 2027-05-16T09:00:00Z\n" in text
    app.close()


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", ["terms", "data", "security"])
def test_every_section_is_there(app, name: str, lang: str):
    """What the specification asks for has a section each, with words in it, in the contents of the page."""
    page = Visitor(app).get(f"/{lang}/{name}").text
    found = sections(page)
    assert list(found) == list(getattr(legal, name.upper()))
    assert {anchor for where, anchor in ITEMS.values() if where == name} == found.keys()
    assert [anchor for anchor, text in found.items() if len(text.split()) < WORDS_LEAST] == []
    assert [anchor for anchor in found if f'href="#{anchor}"' not in page] == []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_leads_to_them(app, lang: str):
    """The foot of the first page leads to each; they name each other's date."""
    links = Read(Visitor(app).get(f"/{lang}/").text).links()
    assert {f"/{lang}/{name}" for name in ("terms", "data", "security", "legal", "accessibility")} <= set(
        links
    )
    day = formats.year_date(legal.VERSION, lang)
    assert all(day in Visitor(app).get(f"/{lang}/{name}").text for name in ("terms", "data", "security"))


def set_by_us() -> set[str]:
    """Give the cookies that the code and the scripts set."""
    found: set[str] = set()
    for file in (ROOT / "bot/web").glob("*.py"):
        module = import_module(f"bot.web.{file.stem}")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("set_cookie")):
                continue
            name = call.args[2] if isinstance(call.func, ast.Name) else call.args[0]
            if isinstance(name, ast.Constant):
                found.add(str(name.value))
            elif isinstance(name, ast.Name):
                found.add(getattr(module, name.id))
            elif file.stem != "session":  # whose callers name it
                found.add(module.COOKIE)
    for script in (ROOT / "bot/web/static").glob("*.js"):
        found |= set(re.findall(r"document\.cookie = .(\w+)=", script.read_text(encoding="utf-8")))
    return found


def test_the_cookies_of_the_page_are_those_that_are_set(app):
    """Each cookie that the code or a script sets stands in the table, and no other."""
    assert set_by_us() == {one.name for one in COOKIES} >= {"notice", "admin", "lang"}
    shown = re.findall(r"<code>(\w+)</code>", Visitor(app).get("/fr/data").text)
    assert shown == [one.name for one in COOKIES]
    elsewhere = [f for f in (ROOT / "bot").rglob("*.py") if "set_cookie" in f.read_text(encoding="utf-8")]
    assert {file.parent.name for file in elsewhere} == {"web"}


def test_time_frames_are_those_of_the_maintainers(app):
    """The page promises what docs/security.md promises."""
    row = r"^\| (?:critical|high|other)[^|]*\| (\d+) (hours|days) \|"
    docs = re.findall(row, (ROOT / "docs/security.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [timedelta(**{unit: int(count)}) for count, unit in docs] == [span for _, span in legal.FRAMES]
    assert [
        f"{n} {unit}" for n, unit in docs if f"{n} {unit}" not in Visitor(app).get("/en/security").text
    ] == []


def test_a_watched_hashtag_is_told(tmp_path: Path):
    """Whose post was found reads where it came from and how to object, where a hashtag is watched."""
    settings = Settings(data_dir=tmp_path / "data", watch=("bluesky",), _env_file=None)  # type: ignore[call-arg]
    app = build(settings, clock=StillClock())
    found = sections(Visitor(app).get("/en/data").text)
    assert "#nobot" in found["source"]
    assert "hashtag" in found["purposes"]
    app.close()


FORM = ("before-public", "before-age", "before-time", "text-h")
LEFT_OUT = {
    "en": ("phone", "address", "health", "RQTH", "family", "opinions", "social security", "bank"),
    "fr": ("téléphone", "adresse", "santé", "RQTH", "famille", "opinions", "sécurité sociale", "IBAN"),
}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_form_warns(app, lang: str):
    """Before sending: what public means, what to leave out, from which age, how long; terms, data near."""
    page = Visitor(app).get(f"/{lang}/").text
    found = {name: re.search(rf'id="{name}">([^<]+)<', page) for name in FORM}
    assert [name for name, text in found.items() if text is None] == []
    hint = re.search(r'id="text-h">([^<]+)<', page)
    assert hint is not None
    assert [word for word in LEFT_OUT[lang] if word not in hint[1]] == []
    assert f"{app.settings.minimum_age}" in Read(page[page.index('id="before-age"') :][:200]).text
    form = page[page.index("<main") : page.index("</main>")]
    assert {f"/{lang}/terms", f"/{lang}/data"} <= set(Read(form).links())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_of_a_notice_advises_against_scams(app, make_notice, lang: str):
    """Never pay, nothing before a contract, messengers, check the company; gone once the search is over."""
    token = new_token()
    notice = make_notice(token=token)
    page = Visitor(app).get(f"/{lang}/n/{token}").text
    advice = Read(page[page.index('id="advice"') :].partition("</section>")[0]).text
    assert [word for word in ("IBAN", "WhatsApp", "Telegram", "SIRET") if word not in advice] == []
    app.store.run_write(life.withdraw, notice.id, now=NOW, actor=Actor("seeker"))
    assert 'id="advice"' not in Visitor(app).get(f"/{lang}/n/{token}").text
