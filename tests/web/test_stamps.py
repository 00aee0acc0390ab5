"""A form is taken once: over an end, erasure and restart, at the same moment; nothing is kept of anybody."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from bot.app import App, build
from bot.model.forms import Stamp
from bot.privacy import retention
from bot.storage import notices, stamps, volunteers
from bot.storage.tables import StampRow
from tests.conftest import NOW
from tests.web.test_volunteer import JOIN
from tests.web.visitor import NOTICE, Read, Visitor


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A browser that does its work."""
    return Visitor(app)


def path_of(answer: httpx.Response) -> str:
    """Give the page that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def refused(answer: httpx.Response, title: str) -> Read:
    """Check that a form is shown once more with what was typed and another stamp; give the page."""
    assert answer.status_code == 422
    page = Read(answer.text)
    assert "Ce formulaire a déjà été envoyé." in page.text
    assert page.values["title"] == title
    return page


@pytest.mark.parametrize("end", ["withdraw", "found", "erase"])
def test_the_same_form_brings_one_notice(app, visitor, end):
    """Sent, ended, and sent again with other words: nothing comes in, from whichever network."""
    form = visitor.stamped(NOTICE)
    path = path_of(visitor.post("/fr/", form))
    assert visitor.post(f"{path}/{end}").status_code in {200, 303}
    for number in range(3):
        visitor.forget()
        again = {**form, "title": f"Soudeur {number}"}
        at = {"x-forwarded-for": f"198.51.100.{number}"}
        page = refused(visitor.post("/fr/", again, headers=at), again["title"])
    assert len(app.store.run_read(notices.listed)) == 1
    shown = page.values["shown"]
    assert shown != form["shown"]
    assert visitor.send(shown=shown).status_code == 303  # a person sends it once more, at once


def test_a_restart_forgets_no_form(app, visitor, settings, clock):
    """What was taken in before a restart is not taken in after it."""
    form = visitor.stamped(NOTICE)
    path = path_of(visitor.post("/fr/", form))
    visitor.post(f"{path}/withdraw")
    app.close()
    again = build(settings, clock=clock)
    refused(Visitor(again).post("/fr/", form), NOTICE["title"])
    again.close()


def test_two_at_once_bring_one(app, visitor):
    """The same form many times at the same moment is one notice; the others are told that there is one."""
    form = visitor.stamped(NOTICE)

    async def crowd() -> list[int]:
        transport = httpx.ASGITransport(app=visitor.site, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=visitor.base) as client:
            sent = [client.post("/fr/", data=form, headers={"cookie": ""}) for _ in range(4)]
            return sorted([answer.status_code for answer in await asyncio.gather(*sent)])

    assert asyncio.run(crowd()) == [303, 409, 409, 409]
    assert len(app.store.run_read(notices.listed)) == 1


def test_a_form_of_joining_is_taken_once(app, visitor):
    """Joined, left, and sent again, by the same person or another: once more, with all that was typed."""
    form = visitor.stamped(JOIN)
    path = path_of(visitor.post("/fr/join", form))
    assert visitor.post(f"{path}/leave").status_code == 200
    before = len(app.store.run_read(volunteers.listed))
    for typed in (form, {**form, "name": "Agnès", "handle-x": "agnes"}):
        answer = visitor.post("/fr/join", typed)
        page = Read(answer.text)
        assert (answer.status_code, page.values["name"]) == (422, typed["name"])
        assert "Ce formulaire a déjà été envoyé." in page.text
    assert len(app.store.run_read(volunteers.listed)) == before
    shown = page.values["shown"]
    path_of(visitor.post("/fr/join", {**typed, "shown": shown, "work": visitor.work(shown)}))


def test_whoever_asks_who_is_on_the_roster_works_for_it(visitor):
    """A form that names somebody who has joined is used up as well, and a notice's form as one of joining."""
    path_of(visitor.join(JOIN))
    form = visitor.stamped(JOIN)
    assert "déjà" in visitor.post("/fr/join", form).text
    for other in ({"handle-x": "agnes"}, {}):
        assert (
            "Ce formulaire a déjà été envoyé." in Read(visitor.post("/fr/join", {**form, **other}).text).text
        )
    refused(visitor.send(shown=form["shown"]), NOTICE["title"])


def test_only_a_keyed_hash_is_kept_for_a_day(app, visitor, clock):
    """The stamp itself is nowhere in the database, and its hash goes when it is too old to come back."""
    shown = visitor.shown()
    path = path_of(visitor.send(shown=shown))
    visitor.post(f"{path}/erase")
    stamp = Stamp(app.keys.digest("form", shown), NOW)
    assert app.store.run_read(stamps.taken, stamp)
    until = app.store.run_read(lambda session: session.get(StampRow, stamp.key).until)
    assert timedelta(hours=23, minutes=58) < until - NOW < timedelta(hours=24)
    for rest, kept in ((timedelta(seconds=1), True), (timedelta(0), False)):
        clock.advance(until - rest - clock.now())
        retention.sweep(app.store, app.ledger(), now=clock.now())
        assert app.store.run_read(stamps.taken, stamp) is kept
    files = b"".join(path.read_bytes() for path in app.settings.data_dir.glob("languette.db*"))
    assert shown.encode() not in files
    assert stamp.key.encode() not in files
