"""Whoever merely knows an address or an account of somebody opens nothing of theirs."""

import pytest

from bot.app import App
from bot.intake import life
from bot.model.journal import Actor
from bot.web import impact
from tests.clocks import NOW
from tests.web.visitor import Visitor

VICTIM = {
    "title": "Infirmière de nuit", "place": "Rennes", "name": "Nadège", "email": "nadege@example.org",
    "text": "Je veux quitter la clinique des Lilas.", "has_post": "yes",
    "link": "https://x.com/nadege_v/status/1111111111111111111",
}  # fmt: skip
KNOWN = [
    {"email": "nadege@example.org"},
    {"has_post": "yes", "link": "https://x.com/nadege_v/status/2222222222222222222"},
]


def sent(visitor: Visitor, **values) -> str:
    """Send a notice as a browser that keeps nothing; give its page."""
    visitor.forget()
    answer = visitor.send(**values)
    assert answer.status_code == 303
    visitor.forget()
    return answer.headers["location"].partition("?")[0]


@pytest.mark.parametrize("known", KNOWN, ids=["address", "author"])
def test_a_stranger_reads_and_erases_nothing(app: App, known):
    """The victim's notice has ended (a job was found): a stranger's page holds the stranger's notice only."""
    visitor = Visitor(app)
    mine = sent(visitor, **VICTIM)
    assert visitor.post(f"{mine}/found").status_code == 303
    theirs = sent(visitor, title="Jardinier", name="X", **known)
    seen = visitor.get(f"{theirs}/data").text + visitor.get(f"{theirs}/data.json").text
    for word in ("Lilas", "Nadège", "Infirmière", "1111111111111111111"):
        assert word not in seen
    assert visitor.post(f"{theirs}/erase").status_code == 200
    assert visitor.get(mine).status_code == 200
    assert "Lilas" in visitor.get(f"{mine}/data").text


def test_a_stranger_does_not_hinder_the_way_back(app: App):
    """A found job can be taken back although a stranger sent a notice with the same address since."""
    visitor = Visitor(app)
    mine = sent(visitor, **VICTIM)
    visitor.post(f"{mine}/found")
    sent(visitor, title="Jardinier", name="X", **KNOWN[0])
    assert "did=undo" in visitor.post(f"{mine}/undo").headers["location"]


def test_who_came_first_with_an_address_sees_nothing_that_comes_later(app: App):
    """A stranger sends and ends a notice with the victim's account first; hers does not hang on it."""
    visitor = Visitor(app)
    theirs = sent(visitor, title="Jardinier", name="X", **KNOWN[1])
    visitor.post(f"{theirs}/found")
    sent(visitor, **VICTIM)
    assert "Lilas" not in visitor.get(f"{theirs}/data").text


def test_who_used_a_computer_before_reads_and_erases_nothing(app: App):
    """At a job centre the former user's notice has ended; the cookie stays, and so does the old link."""
    box = Visitor(app)
    theirs = box.send(title="Jardinier", name="X").headers["location"].partition("?")[0]
    box.post(f"{theirs}/withdraw")
    mine = box.send(**VICTIM).headers["location"].partition("?")[0]
    home = Visitor(app)
    assert "Lilas" not in home.get(f"{theirs}/data").text
    home.post(f"{theirs}/erase")
    assert "Lilas" in home.get(f"{mine}/data").text


def found_by(visitor: Visitor) -> int:
    """Give how many the public figures say found a job, past the seconds for which they are kept."""
    impact._kept.clear()
    found: int = visitor.get("/fr/impact.json").json()["found"]
    return found


def test_the_figures_tell_nothing_of_forms_that_nobody_read(app: App, make_notice):
    """Ended by whoever sent them, they neither count nor tell who is known, and their names are not shown."""
    visitor = Visitor(app)
    for _ in range(6):
        app.store.run_write(life.found_job, make_notice().id, show_name=False, now=NOW, actor=Actor("seeker"))
    sent(visitor, **VICTIM)
    before = found_by(visitor)
    for number, known in enumerate(KNOWN):
        theirs = sent(
            visitor, behind=f"2001:db8:{number:x}::1", title="Jardinier", name="evil.example", **known
        )
        visitor.post(f"{theirs}/found", {"show_name": "1"})
    assert found_by(visitor) == before == 6
    assert "evil.example" not in visitor.get("/fr/impact").text
