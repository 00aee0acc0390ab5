"""One tap on the day's page: the share is asked for, shown under way, made or not, taken back."""

import pytest

from bot.delivery import tokens
from bot.model.boost import BoostState, Mode
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.storage import access, boosts, reports
from tests.clocks import NOW
from tests.fakes.lender import FakeLender
from tests.lent import make_vault
from tests.planned import plan_boost
from tests.web.visitor import Read, Visitor

TOKEN = "samirs-own-link-000001"
POST = PostRef("mastodon", "https://piaille.fr/@lise/1", "https://piaille.fr/@lise/1", "lise@piaille.fr")
INBOX = f"/fr/inbox/{TOKEN}"


@pytest.fixture
def volunteer(app, make_volunteer, tmp_path):
    """Somebody whose account is lent in one tap."""
    made = make_volunteer(accounts=[("mastodon", "samir@piaille.fr")], token=TOKEN)
    seal = make_vault(app, tmp_path / "vault.key")
    app.store.run_write(tokens.give, seal, made.accounts[0], Secret("t"), mode=Mode.ONE_TAP, now=NOW)
    return made


@pytest.fixture
def visitor(app):
    """The volunteer's browser; no page waits for the daemon, which the test plays."""
    lender = FakeLender()
    yield Visitor(app, lenders=lender.lenders())
    lender.end()


@pytest.fixture
def boost(store, make_notice, volunteer):
    """A boost asked for."""

    def make(mode=Mode.ONE_TAP, *states):
        number = store.run_write(plan_boost, make_notice(posts=[POST]), volunteer, mode=mode)
        store.run_write(boosts.move, number, BoostState.ASKED, asked_at=NOW)
        for state in states:
            store.run_write(boosts.move, number, state, ended_at=NOW)
        return number

    return make


def test_a_card_in_one_tap_has_one_button(visitor, boost):
    """It posts here instead of opening the network; a card by hand keeps its link."""
    number, other = boost(), boost(Mode.BY_HAND)
    page = Read(visitor.get(INBOX).text)
    assert f"{INBOX}/boosts/{number}/tap" in page.links()
    assert f"{INBOX}/boosts/{other}/tap" not in page.links()


def test_without_a_key_the_card_is_by_hand(store, visitor, volunteer, boost):
    """A key that was lost or taken back makes a link of the button, and the page says why."""
    number = boost()
    store.run_write(access.lose, volunteer.accounts[0].id, NOW)
    page = visitor.get(INBOX).text
    assert f"/boosts/{number}/tap" not in page
    assert "ne marche plus" in page


def test_a_tap_is_followed_to_its_end(store, visitor, boost):
    """Under way it says so and looks again by itself; made, it stands among the day's shares."""
    number = boost()
    assert visitor.post(f"{INBOX}/boosts/{number}/tap").headers["location"] == f"{INBOX}#boost-{number}"
    assert store.run_read(boosts.get, number).state is BoostState.DUE
    page = visitor.get(INBOX).text
    assert "data-pending" in page
    assert f"{INBOX}/boosts/{number}/take-back" in Read(page).links()
    for state in (BoostState.SENDING, BoostState.VERIFIED):
        store.run_write(boosts.move, number, state, ended_at=NOW)
    page = visitor.get(INBOX).text
    assert "data-pending" not in page
    assert visitor.post(f"{INBOX}/boosts/{number}/take-back").status_code == 303
    assert "s’annule en ce moment" in visitor.get(INBOX).text
    assert 'class="level undoing"' in visitor.get(f"{INBOX}/history").text


def test_a_page_older_than_a_report_is_told_of_it(store, visitor, boost):
    """A tap on a notice that somebody has reported meanwhile makes no call, and says what it waits for."""
    number = boost()
    notice_id = store.run_read(boosts.get, number).notice_id
    store.run_write(reports.add, notice_id=notice_id, volunteer_id=None, why="scam", now=NOW)
    answer = visitor.post(f"{INBOX}/boosts/{number}/tap")
    assert answer.status_code == 409
    assert "a signalé cette annonce" in answer.text
    assert store.run_read(boosts.get, number).state is BoostState.ASKED


def test_what_failed_shows_the_way_by_hand(store, visitor, boost):
    """The network's own page is offered, and the answer that it was done."""
    number = boost(Mode.ONE_TAP, BoostState.DUE, BoostState.FAILED)
    page = Read(visitor.get(INBOX).text)
    assert any("authorize_interaction" in link for link in page.links())
    assert visitor.post(f"{INBOX}/boosts/{number}/by-hand").status_code == 303
    assert store.run_read(boosts.get, number).state is BoostState.DECLARED


def test_what_was_made_by_itself_says_so(visitor, boost):
    """An automatic share is told as made for the volunteer, with its reason and its undo."""
    made = BoostState.DUE, BoostState.SENDING, BoostState.VERIFIED
    number = boost(Mode.AUTOMATIC, *made)
    page = visitor.get(INBOX).text
    assert "relayée pour vous" in page
    assert "Pourquoi moi" in page
    assert "fait tout seul" in page
    assert f"/boosts/{number}/take-back" in page


def test_looking_taps_nothing(store, visitor, boost):
    """The addresses that take a POST lead back to the day when they are only looked at."""
    number = boost()
    for act in ("tap", "take-back", "by-hand"):
        assert visitor.get(f"{INBOX}/boosts/{number}/{act}").status_code == 303
    assert store.run_read(boosts.get, number).state is BoostState.ASKED
