"""The stop button and what people see of it."""

import pytest

from bot.app import App
from bot.delivery import panic, recall
from bot.model.access import Role
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.moderation import admins
from bot.storage import admins as stored
from bot.storage import boosts, halts
from tests.conftest import NOW
from tests.planned import plan_boost
from tests.web.test_volunteer import TOKEN, asked
from tests.web.visitor import Visitor

__all__ = ["asked"]


@pytest.fixture
def operator(app: App) -> Visitor:
    """An operator's browser."""
    admin = app.store.run_write(stored.add, "Ada", "no hash", Role.OPERATOR, NOW)
    browser = Visitor(app)
    browser.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    return browser


def halt(app: App) -> None:
    """Stop everything from the command line."""
    app.store.run_write(panic.halt, reason="odd <b>posts</b>", now=NOW, actor=CLI)


def test_stop_and_go_on_by_the_pages(app, operator):
    """Health has the button; it asks first; every admin page says it; going on wants a reason."""
    assert "/fr/admin/halt" in operator.get("/fr/admin/health").text
    assert "Tout arrêter" in operator.get("/fr/admin/halt").text
    assert app.store.run_read(halts.current) is None, "looking stops nothing"
    assert operator.post("/fr/admin/halt", {"reason": "un doute"}).headers["location"] == "/fr/admin/health"
    assert app.store.run_read(halts.current).reason == "un doute"
    for path in ("queue", "volunteers", "journal", "health"):
        assert "Tout est arrêté depuis" in operator.get(f"/fr/admin/{path}").text
    refused = operator.post("/fr/admin/resume", {"reason": " "})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert operator.post("/fr/admin/resume", {"reason": "fausse alerte"}).status_code == 303
    assert app.store.run_read(halts.current) is None
    assert operator.post("/fr/admin/resume", {"reason": "deux fois"}).status_code == 303


def test_a_second_stop_is_told_that_the_first_stands(app, operator):
    """The first reason stays, and whoever wrote another reads that it is not kept."""
    operator.post("/fr/admin/halt", {"reason": "un doute\u202e\u0007\nfin"})
    again = operator.post("/fr/admin/halt", {"reason": "moi aussi"})
    assert again.status_code == 409
    assert "Tout est déjà arrêté depuis" in again.text
    assert "moi aussi" in again.text
    assert operator.post("/fr/admin/halt", {"reason": ""}).status_code == 303
    assert app.store.run_read(halts.current).reason == "un doute fin"


def test_a_reason_is_shown_as_text(app, operator):
    """What was written as a reason is never read as a page."""
    halt(app)
    assert "odd &lt;b&gt;posts" in operator.get("/en/admin/health").text


def test_the_inbox_asks_nothing_while_halted(app, asked):
    """A volunteer sees that everything is stopped, and no notice to share."""
    client = Visitor(app)
    assert "Soudeuse" in client.get(f"/fr/inbox/{TOKEN}").text
    halt(app)
    page = client.get(f"/fr/inbox/{TOKEN}").text
    assert "Tout est arrêté pour l’instant" in page
    assert "Soudeuse" not in page


def test_the_status_page_says_it(app, make_notice, make_volunteer):
    """A seeker whose notice goes round reads that everybody waits, not that a volunteer has it."""
    notice, path = make_notice(token="abcdefghijklmnopqrstuv"), "/fr/n/abcdefghijklmnopqrstuv"
    boost = app.store.run_write(plan_boost, notice, make_volunteer())
    app.store.run_write(boosts.move, boost, BoostState.ASKED, asked_at=NOW)
    client = Visitor(app)
    page = client.get(path).text
    assert "l’a sous les yeux" in page
    assert "a arrêté tous les relais" not in page
    halt(app)
    page = client.get(path).text
    assert "a arrêté tous les relais" in page
    assert "sous les yeux" not in page
    assert "Rien ne part tant que le collectif vérifie quelque chose." in page


def test_the_inbox_asks_to_undo_a_share(app, asked):
    """A share that was taken back is shown with its post; saying that it is undone takes it off the page."""
    app.store.run_write(boosts.move, asked, BoostState.DECLARED, ended_at=NOW)
    notice_id = app.store.run_read(boosts.get, asked).notice_id
    app.store.run_write(recall.take_back, notice_id, now=NOW, actor=CLI)
    client = Visitor(app)
    page = client.get(f"/fr/inbox/{TOKEN}").text
    assert "Merci d’annuler ce relais" in page
    assert "https://x.com/" in page
    assert client.post(f"/fr/inbox/{TOKEN}/boosts/{asked}/removed").status_code == 303
    assert "Merci d’annuler" not in client.get(f"/fr/inbox/{TOKEN}").text
    assert app.store.run_read(boosts.get, asked).state is BoostState.CANCELLED


def test_an_admin_takes_all_shares_back(app, asked, operator):
    """The notice's page offers it, asks first, and says that it is done."""
    notice_id = app.store.run_read(boosts.get, asked).notice_id
    path = f"/fr/admin/notice/{notice_id}/recall"
    assert "Retirer tous les relais" in operator.get(path).text
    answer = operator.post(path)
    assert answer.headers["location"].endswith(f"/admin/notice/{notice_id}?done=notice.recall")
    assert "Tous les relais de cette annonce sont retirés" in operator.get(answer.headers["location"]).text
    assert app.store.run_read(boosts.get, asked).state is BoostState.CANCELLED
