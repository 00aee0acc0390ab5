"""Whoever merely knows an address or an account of somebody opens nothing of theirs."""

import pytest

from bot.app import App
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
