"""A volunteer takes back what was made in their name."""

import pytest

from bot.delivery import take_back, tap, tokens
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.storage import access, boosts, calls
from tests.clocks import NOW
from tests.lent import make_vault
from tests.planned import plan_boost

POST = PostRef("mastodon", "https://piaille.fr/@lise/1", "https://piaille.fr/@lise/1", "lise@piaille.fr")


@pytest.fixture
def volunteer(app, make_volunteer, tmp_path):
    """Somebody whose account is lent in one tap."""
    made = make_volunteer(accounts=[("mastodon", "samir@piaille.fr")])
    seal = make_vault(app, tmp_path / "vault.key")
    app.store.run_write(tokens.give, seal, made.accounts[0], Secret("t"), mode=Mode.ONE_TAP, now=NOW)
    return made


@pytest.fixture
def boost(store, make_notice, volunteer):
    """A boost asked in one tap, brought into a state: `boost(DUE, VERIFIED)`."""

    def make(*states: BoostState) -> int:
        number = store.run_write(plan_boost, make_notice(posts=[POST]), volunteer, mode=Mode.ONE_TAP)
        store.run_write(boosts.move, number, BoostState.ASKED, asked_at=NOW)
        for state in states:
            store.run_write(boosts.move, number, state, ended_at=NOW)
        return number

    return make


DUE, SENDING, VERIFIED = BoostState.DUE, BoostState.SENDING, BoostState.VERIFIED


@pytest.fixture
def undo(store, volunteer):
    """Ask to undo a boost; give its state."""

    def do(number: int) -> BoostState:
        who = volunteer.id
        return store.run_write(take_back.start_undo, number, volunteer_id=who, now=NOW).state

    return do


def test_what_was_made_is_undone_by_a_call(store, boost, undo):
    """The boost no longer counts and the call that undoes it is open; a second tap changes nothing."""
    number = boost(DUE, SENDING, VERIFIED)
    assert undo(number) is BoostState.UNDOING
    assert store.run_read(calls.of, [number])[number].kind is Action.UNDO
    assert undo(number) is BoostState.UNDOING
    assert store.run_read(boosts.done_by_notice) == {}


def test_what_only_waits_is_cancelled(store, volunteer, boost, undo):
    """Before the call nothing was made: it never is."""
    number = boost()
    store.run_write(tap.start_tap, number, volunteer.id, NOW)
    assert undo(number) is BoostState.CANCELLED


def test_what_is_on_its_way_must_arrive_first(boost, undo):
    """While a call runs nobody can say what there is to undo."""
    with pytest.raises(ConflictError, match="on its way"):
        undo(boost(DUE, SENDING))


def test_without_the_key_it_is_undone_by_hand(store, volunteer, boost, undo):
    """An account that is not lent any more is not called for."""
    number = boost(DUE, SENDING, VERIFIED)
    store.run_write(access.give_back, volunteer.accounts[0].id)
    with pytest.raises(ConflictError, match="on the network itself"):
        undo(number)


def test_what_failed_may_be_made_by_hand(store, volunteer, boost):
    """The volunteer's own hand counts like any other; only after a failure."""
    number, who = boost(DUE, BoostState.FAILED), volunteer.id
    for _ in range(2):
        store.run_write(take_back.made_by_hand, number, volunteer_id=who, now=NOW)
    assert store.run_read(boosts.get, number).state is BoostState.DECLARED
    with pytest.raises(ConflictError):
        store.run_write(take_back.made_by_hand, boost(), volunteer_id=who, now=NOW)


def test_it_is_nobody_elses(store, boost, make_volunteer):
    """Another volunteer's boost does not exist."""
    other = make_volunteer().id
    for act in (take_back.start_undo, take_back.made_by_hand):
        with pytest.raises(NotFoundError):
            store.run_write(act, boost(DUE, SENDING, VERIFIED), volunteer_id=other, now=NOW)
