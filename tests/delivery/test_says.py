"""Whoever is refused reads what is the matter, and nothing has changed."""

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import by_hand, panic, recall, retrying, take_back, tap
from bot.delivery import lending as lend
from bot.errors import ConflictError, LanguetteError, NotFoundError, UsageError
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI, Actor
from bot.model.lending import Way
from bot.model.notice import CloseReason
from bot.model.secret import Secret
from bot.storage import access, boosts, calls, journal, notices, recalls, reports, volunteers
from tests.clocks import NOW
from tests.delivery.lending import NETWORK, Lending
from tests.planned import plan_boost

ADMIN = Actor("admin", 7)
DAY = timedelta(days=1)
S = BoostState
SENT = (S.ASKED, S.DUE, S.SENDING)


def brought(lending: Lending, *states: BoostState, mode: Mode = Mode.ONE_TAP) -> tuple[int, int]:
    """Bring a boost of somebody who lends an account into a state; give it and them."""
    person = lending.volunteer(mode=mode)
    boost_id = lending.app.store.run_write(plan_boost_of, lending.notice(), person, mode)
    for state in states:
        lending.app.store.run_write(boosts.move, boost_id, state, ended_at=NOW)
    return boost_id, person.id


def plan_boost_of(session: Any, notice: Any, person: Any, mode: Mode) -> int:
    """Plan it."""
    return plan_boost(session, notice, person, mode=mode)


def refused(lending: Lending, act: Any, *args: Any, **values: Any) -> tuple[type[LanguetteError], Any]:
    """Give the error and its sentence; the journal is as it was before."""
    before = lending.app.store.run_read(journal.read)
    with pytest.raises(LanguetteError) as found:
        lending.app.store.run_write(act, *args, **values)
    assert lending.app.store.run_read(journal.read) == before
    return type(found.value), found.value.args[0]


@pytest.mark.parametrize(
    ("act", "states", "says"),
    [
        (by_hand.open_boost, (), by_hand.NOT_YET),
        (by_hand.declare, (S.ASKED, S.SKIPPED), by_hand.ANSWERED),
        (by_hand.skip, (S.ASKED, S.DECLARED), by_hand.ANSWERED),
        (by_hand.skip, (S.ASKED, S.EXPIRED), by_hand.TOO_LATE),
        (by_hand.declare, (S.ASKED, S.DUE), by_hand.BY_BOT),
        (by_hand.declare, (*SENT, S.VERIFIED), by_hand.BY_BOT),
        (tap.start_tap, (S.ASKED, S.SKIPPED), by_hand.ANSWERED),
        (take_back.start_undo, SENT, take_back.ON_ITS_WAY),
        (take_back.start_undo, (*SENT, S.UNCERTAIN), take_back.ON_ITS_WAY),
        (take_back.start_undo, (S.ASKED, S.DECLARED), by_hand.ANSWERED),
        (take_back.made_by_hand, (S.ASKED, S.EXPIRED), by_hand.TOO_LATE),
    ],
)
def test_a_volunteer_reads_why_a_share_cannot_be_answered(lending: Lending, act, states, says):
    """And whoever else tries reads that it is not theirs."""
    boost_id, person = brought(lending, *states)
    assert refused(lending, act, boost_id, volunteer_id=person, now=NOW) == (ConflictError, says)
    missing = "This share is not on your page."
    for number, who in ((boost_id, person + 1), (boost_id + 1, person)):
        kind, message = refused(lending, act, number, volunteer_id=who, now=NOW)
        assert (kind, message.text) == (NotFoundError, missing)


@pytest.mark.parametrize("act", [by_hand.open_boost, by_hand.declare, by_hand.skip, tap.start_tap])
def test_of_a_notice_that_ended_nothing_is_to_do(lending: Lending, act):
    """It was taken back."""
    boost_id, person = brought(lending, S.ASKED)
    notice = lending.app.store.run_read(boosts.get, boost_id).notice_id
    lending.app.store.run_write(notices.close, notice, CloseReason.FOUND_JOB, NOW)
    answer = refused(lending, act, boost_id, volunteer_id=person, now=NOW)
    assert answer == (by_hand.TakenBackError, by_hand.TAKEN_BACK)


def test_a_tap_needs_a_token_and_a_notice_that_nobody_reads_again(lending: Lending):
    """By hand it goes on; a reported one comes back by itself."""
    store = lending.app.store
    mine, person = brought(lending, S.ASKED, mode=Mode.BY_HAND)
    assert refused(lending, tap.start_tap, mine, person, NOW) == (ConflictError, tap.BY_HAND)
    boost_id, person = brought(lending, S.ASKED)
    boost = store.run_read(boosts.get, boost_id)
    remark = store.run_write(reports.add, notice_id=boost.notice_id, volunteer_id=None, why="scam", now=NOW)
    assert refused(lending, tap.start_tap, boost_id, person, NOW) == (ConflictError, tap.READ_AGAIN)
    store.run_write(reports.settle, [remark], NOW)
    store.run_write(access.lose, boost.account_id, NOW)
    assert refused(lending, tap.start_tap, boost_id, person, NOW) == (ConflictError, tap.BY_HAND)
    store.run_write(access.give_back, boost.account_id)
    assert refused(lending, tap.start_tap, boost_id, person, NOW) == (ConflictError, tap.BY_HAND)


@pytest.mark.parametrize("gone", [access.give_back, access.lose])
def test_what_is_not_lent_any_more_is_undone_on_the_network(lending: Lending, gone):
    """No call can take it back."""
    boost_id, person = brought(lending, *SENT, S.VERIFIED)
    account = lending.app.store.run_read(boosts.get, boost_id).account_id
    lending.app.store.run_write(gone, account, *([NOW] if gone is access.lose else []))
    answer = refused(lending, take_back.start_undo, boost_id, volunteer_id=person, now=NOW)
    assert answer == (ConflictError, take_back.NOT_LENT)
    assert lending.state(boost_id) is S.VERIFIED


def test_a_report_says_what_is_wrong(lending: Lending):
    """Blank is nothing; what is kept of it is trimmed and bounded, and the skip has its hour."""
    boost_id, person = brought(lending, S.ASKED)
    for blank in ("", " \n"):
        answer = refused(lending, by_hand.report, boost_id, volunteer_id=person, why=blank, now=NOW)
        assert answer == (UsageError, by_hand.NO_WHY)
    long = f"  {'x' * 600}  "
    ended = lending.app.store.run_write(by_hand.report, boost_id, volunteer_id=person, why=long, now=NOW)
    assert (ended.state, ended.ended_at) == (S.SKIPPED, NOW)
    (found,) = lending.app.store.run_read(reports.unsettled, [ended.notice_id])[ended.notice_id]
    assert (found.why, found.volunteer_id, found.at) == ("x" * 500, person, NOW)


def test_a_skip_keeps_its_reason_and_a_second_one_adds_it(lending: Lending):
    """At most 500 characters, whether said at once or later."""
    store = lending.app.store
    for at_once in (True, False):
        boost_id, person = brought(lending, S.ASKED)
        who = {"volunteer_id": person, "now": NOW}
        store.run_write(by_hand.skip, boost_id, why="y" * 501 if at_once else "", **who)
        store.run_write(by_hand.skip, boost_id, why="" if at_once else "y" * 501, **who)
        found = store.run_read(boosts.get, boost_id)
        assert (found.state, found.ended_at) == (S.SKIPPED, NOW)
        assert store.run_read(boosts.skip_whys, person) == {boost_id: "y" * 500}


def test_an_answer_is_undone_the_same_day_only(lending: Lending):
    """The next day it stands; a turn that somebody else took does not come back."""
    answered, person = brought(lending, S.ASKED, S.DECLARED)
    late = refused(lending, by_hand.undo, answered, volunteer_id=person, now=NOW + DAY)
    assert late == (ConflictError, by_hand.DAY_OVER)
    skipped, person = brought(lending, S.ASKED, S.SKIPPED)
    notice = lending.app.store.run_read(boosts.get, skipped).notice_id
    lending.app.store.run_write(notices.update, notice, demand=1)
    other = lending.volunteer(mode=None)
    taken = lending.app.store.run_write(
        plan_boost_of, lending.app.store.run_read(notices.get, notice), other, Mode.BY_HAND
    )
    lending.app.store.run_write(boosts.move, taken, S.ASKED)
    gone = refused(lending, by_hand.undo, skipped, volunteer_id=person, now=NOW)
    assert gone == (ConflictError, by_hand.TURN_GONE)
    lending.app.store.run_write(notices.update, notice, demand=2)
    back = lending.app.store.run_write(by_hand.undo, skipped, volunteer_id=person, now=NOW)
    assert (back.state, back.ended_at, back.opened_at) == (S.ASKED, None, None)
    assert lending.app.store.run_read(boosts.skip_whys, person) == {}
    lending.app.store.run_write(notices.close, notice, CloseReason.FOUND_JOB, NOW)
    lending.app.store.run_write(boosts.move, skipped, S.SKIPPED, ended_at=NOW)
    ended = refused(lending, by_hand.undo, skipped, volunteer_id=person, now=NOW)
    assert ended == (by_hand.TakenBackError, by_hand.TAKEN_BACK)


def test_an_admin_reads_why_nothing_is_tried_again(lending: Lending):
    """Only what failed or stays in doubt; not what is asked about by itself; not once its notice ended."""
    store, who = lending.app.store, {"now": NOW, "actor": ADMIN}
    for states in ((S.ASKED,), (*SENT, S.VERIFIED), (*SENT, S.FAILED)):  # the last: without a call
        boost_id, _ = brought(lending, *states)
        assert refused(lending, retrying.retry, boost_id, **who) == (ConflictError, retrying.NOT_RETRIED)
        assert refused(lending, retrying.made, boost_id, **who) == (ConflictError, retrying.NOT_RETRIED)
    doubted = lending.boosted()
    for state in (S.SENDING, S.UNCERTAIN):
        store.run_write(boosts.move, doubted, state)
    for act in (retrying.retry, retrying.made):
        assert refused(lending, act, doubted, **who) == (ConflictError, retrying.STANDS)
    store.run_write(calls.change, [{"boost_id": doubted, "next_at": None, "attempts": 3}])
    notice = store.run_read(boosts.get, doubted).notice_id
    store.run_write(notices.move, notice, notices.NoticeState.PAUSED)
    assert refused(lending, retrying.retry, doubted, **who) == (ConflictError, retrying.OVER)
    store.run_write(notices.move, notice, notices.NoticeState.ACTIVE)
    again = store.run_write(retrying.retry, doubted, **who)
    assert (again.state, again.ended_at, again.expires_at) == (S.DUE, None, NOW + DAY)
    assert (lending.call(doubted).attempts, lending.call(doubted).next_at) == (0, NOW)
    for state in (S.SENDING, S.UNCERTAIN):
        store.run_write(boosts.move, doubted, state)
    store.run_write(calls.change, [{"boost_id": doubted, "next_at": None}])
    found = store.run_write(retrying.made, doubted, **who)
    assert (found.state, found.ended_at) == (S.VERIFIED, NOW)


def test_nobody_undoes_what_nobody_asked_them_to(lending: Lending):
    """No such share, or somebody else's; one that was not asked for changes nothing."""
    boost_id, person = brought(lending, S.ASKED, S.DECLARED)
    for number, who in ((boost_id, person + 1), (boost_id + 1, person)):
        answer = refused(lending, recall.undone, number, volunteer_id=who, now=NOW)
        assert answer == (NotFoundError, recall.NOT_ASKED)
    lending.app.store.run_write(recall.undone, boost_id, volunteer_id=person, now=NOW)
    assert lending.state(boost_id) is S.DECLARED
    lending.app.store.run_write(recalls.add, NOW, [boost_id])
    lending.app.store.run_write(recall.undone, boost_id, volunteer_id=person, now=NOW)
    found = lending.app.store.run_read(boosts.get, boost_id)
    assert (found.state, found.ended_at) == (S.CANCELLED, NOW)


def test_going_on_needs_a_halt_and_a_reason(lending: Lending):
    """Each has its own sentence."""
    who = {"now": NOW, "actor": CLI}
    assert refused(lending, panic.resume, reason=" ", **who) == (UsageError, panic.NO_REASON)
    assert refused(lending, panic.resume, reason="fine", **who) == (ConflictError, panic.NOT_HALTED)


def test_an_account_is_lent_by_whom_it_is_and_as_policy_has_it(lending: Lending):
    """Not somebody else's, not in a way that is not allowed, not from another browser or too late."""
    store, person = lending.app.store, lending.volunteer(mode=None)
    (account,) = person.accounts
    other = lending.volunteer(mode=None)
    assert refused(lending, lend.own, account.id, other.id) == (NotFoundError, lend.NOT_YOURS)
    rules = {"policies": {NETWORK: lending.policy}, "lang": "fr", "now": NOW}
    way: dict[str, Any] = {"way": Way.PAGE, "state": "state"}
    begun = (lending.seal, account, Secret("kept"))
    not_allowed = refused(lending, lend.begin, *begun, mode=Mode.ONE_TAP, **way, **{**rules, "policies": {}})
    assert not_allowed == (ConflictError, lend.NOT_ALLOWED)
    back: dict[str, Any] = {"network": NETWORK, "volunteer_id": person.id, "now": NOW}
    early = refused(lending, lend.come_back, lending.seal, "state", {}, **back)
    assert early == (ConflictError, lend.NOT_BEGUN)
    store.run_write(lend.begin, *begun, mode=Mode.ONE_TAP, **way, **rules)
    for wrong in ({"volunteer_id": other.id}, {"network": "x"}, {"now": NOW + DAY}):
        answer = refused(lending, lend.come_back, lending.seal, "state", {}, **{**back, **wrong})
        assert answer == (ConflictError, lend.NOT_BEGUN)
    mode = (account, Mode.AUTOMATIC)
    unlent = refused(lending, lend.set_mode, *mode, **rules, actor=CLI)
    assert unlent == (ConflictError, lend.NOT_LENT)
    lending.lend(account)
    assert refused(lending, lend.set_mode, *mode, **{**rules, "policies": {}}, actor=CLI) == (
        ConflictError,
        lend.NOT_ALLOWED,
    )
    store.run_write(access.lose, account.id, NOW)
    assert refused(lending, lend.set_mode, *mode, **rules, actor=CLI) == (ConflictError, lend.NOT_LENT)
    assert store.run_read(volunteers.get, person.id).accounts == (account,)
