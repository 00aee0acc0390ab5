"""Decisions of moderators: what they change, who may take them, and how they are taken back."""

from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError, UsageError
from bot.intake import life
from bot.model.boost import BoostState
from bot.model.calls import Action
from bot.model.journal import Actor
from bot.model.moderation import Reason, Verdict
from bot.model.notice import CloseReason, NoticeState
from bot.moderation import decide as moderation
from bot.storage import boosts, calls, cases, journal, notices, reports
from tests.conftest import NOW
from tests.planned import plan_boost

UNDO = timedelta(seconds=30)
HOLD = timedelta(minutes=5)
PHONE = "Ten years of TIG welding. Tel. 06 12 34 56 78."


@pytest.fixture
def camille(make_admin):
    """A moderator."""
    return make_admin("Camille").id


@pytest.fixture
def sofia(make_admin):
    """Another moderator."""
    return make_admin("Sofia").id


@pytest.fixture
def pending(make_notice):
    """A notice that waits."""
    return make_notice(state=NoticeState.PENDING)


@pytest.fixture
def decide(store, settings):
    """Decide on a notice."""

    def run(notice, verdict, *, by=None, at=NOW, **values):
        return store.run_write(
            moderation.decide,
            notice.id,
            verdict,
            settings=settings,
            admin_id=by,
            now=at,
            undo=UNDO,
            **values,
        )

    return run


@pytest.fixture
def undo(store):
    """Take a decision back."""

    def run(decision, *, by=None, at=NOW):
        return store.run_write(moderation.undo, decision.id, admin_id=by, now=at, undo=UNDO)

    return run


@pytest.fixture
def now_is(store):
    """The notice as it stands now."""
    return lambda notice: store.run_read(notices.get, notice.id)


@pytest.fixture
def asked_boost(store, make_volunteer):
    """A boost of a notice that a volunteer was asked for."""

    def make(notice):
        volunteer = make_volunteer()

        def insert(session):
            boost_id = plan_boost(session, notice, volunteer)
            later = NOW + timedelta(days=1)
            return boosts.move(session, boost_id, BoostState.ASKED, asked_at=NOW, expires_at=later)

        return store.run_write(insert)

    return make


@pytest.fixture
def reported(store, make_notice, make_volunteer):
    """A notice that goes round and that a volunteer reported."""
    notice = make_notice()
    why = {"notice_id": notice.id, "volunteer_id": make_volunteer().id, "why": "An advert", "now": NOW}
    store.run_write(reports.add, **why)
    return notice


def test_accept_opens_after_the_window(decide, pending, now_is, camille):
    """An accepted notice is active; its boosts start when the decision can no longer be undone."""
    decide(pending, Verdict.ACCEPT, by=camille)
    notice = now_is(pending)
    assert notice.state is NoticeState.ACTIVE
    assert notice.opened_at == NOW + UNDO
    assert notice.deadline == NOW + UNDO + timedelta(days=7)


def test_fix_removes_the_number_and_counts_a_revision(decide, make_notice, now_is, camille):
    """Accepting with a fix publishes the words without the phone number, as a new revision."""
    notice = make_notice(state=NoticeState.PENDING, text=PHONE)
    decide(notice, Verdict.ACCEPT_FIXED, by=camille)
    assert now_is(notice).words.text == "Ten years of TIG welding."
    assert now_is(notice).revision == 2


def test_fix_needs_something_to_remove(decide, pending, camille):
    """Accepting with a fix is refused when there is nothing to remove."""
    with pytest.raises(UsageError):
        decide(pending, Verdict.ACCEPT_FIXED, by=camille)


def test_sector_and_region_are_corrected(decide, pending, now_is, camille):
    """A moderator corrects what the roster is matched by in the same act."""
    decide(pending, Verdict.ACCEPT, by=camille, match={"sector": "F", "region": None})
    assert (now_is(pending).sector, now_is(pending).region) == ("F", None)


@pytest.mark.parametrize("verdict", [Verdict.REFUSE, Verdict.ASK])
def test_a_reason_is_required(decide, pending, now_is, camille, verdict):
    """Neither a refusal nor a request for a change goes out without a word the person can read."""
    with pytest.raises(UsageError):
        decide(pending, verdict, by=camille)
    assert now_is(pending).state is NoticeState.PENDING


def test_a_note_is_enough_to_ask(decide, pending, now_is, store, camille):
    """A sentence of the moderator's own is reason enough to ask for a change."""
    decide(pending, Verdict.ASK, by=camille, note=" Which town? ")
    assert now_is(pending).state is NoticeState.ASKED
    assert store.run_read(cases.last_decision, pending.id).note == "Which town?"


def test_a_note_has_a_length(decide, pending, camille):
    """A sentence to the seeker stays a sentence."""
    with pytest.raises(UsageError):
        decide(pending, Verdict.ASK, by=camille, note="x" * 401)


def test_refusal_closes(decide, pending, now_is, camille):
    """A refused notice is closed with that reason."""
    decide(pending, Verdict.REFUSE, by=camille, reason=Reason.SCAM)
    assert now_is(pending).close_reason is CloseReason.REFUSED


def test_later_hides_for_two_hours(decide, pending, now_is, camille):
    """Later leaves the notice pending and hides it for two hours."""
    decide(pending, Verdict.LATER, by=camille)
    assert now_is(pending).state is NoticeState.PENDING
    assert now_is(pending).snoozed_until == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("verdict", "values", "action"),
    [
        (Verdict.ACCEPT, {}, "notice.accepted"),
        (Verdict.ASK, {"reason": Reason.PERSONAL_DATA}, "notice.change_asked"),
        (Verdict.LATER, {}, "notice.postponed"),
        (Verdict.REFUSE, {"reason": Reason.SCAM, "note": "secret words"}, "notice.refused"),
    ],
)
def test_every_decision_is_in_the_journal(decide, pending, store, camille, verdict, values, action):
    """The journal says who decided what, with codes only."""
    decide(pending, verdict, by=camille, **values)
    entry = store.run_read(journal.read, subject=f"notice:{pending.id}")[0]
    assert (entry.action, entry.actor) == (action, f"admin:{camille}")
    assert "secret" not in str(entry.details)


def test_somebody_else_was_faster(decide, pending, camille, sofia):
    """The second moderator reads who decided what."""
    decide(pending, Verdict.ACCEPT, by=camille)
    with pytest.raises(ConflictError, match="Already accepted by Camille"):
        decide(pending, Verdict.REFUSE, by=sofia, reason=Reason.SCAM)


def test_the_same_decision_twice_is_one(decide, pending, store, camille):
    """A form sent twice by the same person decides once."""
    first = decide(pending, Verdict.ACCEPT, by=camille)
    assert decide(pending, Verdict.ACCEPT, by=camille).id == first.id
    assert len(store.run_read(cases.decisions)) == 1


def test_a_claim_keeps_others_out(store, decide, pending, camille, sofia):
    """Nobody else decides on a notice that somebody reads, until the claim runs out."""
    store.run_write(moderation.claim, pending.id, admin_id=camille, now=NOW, hold=HOLD)
    with pytest.raises(ConflictError, match="Camille is on it"):
        decide(pending, Verdict.ACCEPT, by=sofia)
    with pytest.raises(ConflictError, match="Camille is on it"):
        store.run_write(moderation.claim, pending.id, admin_id=sofia, now=NOW, hold=HOLD)
    decide(pending, Verdict.ACCEPT, by=sofia, at=NOW + HOLD)


def test_reading_another_lets_go(store, decide, make_notice, camille, sofia):
    """A moderator holds one notice at a time."""
    first, second = make_notice(state=NoticeState.PENDING), make_notice(state=NoticeState.PENDING)
    for notice in (first, second):
        store.run_write(moderation.claim, notice.id, admin_id=camille, now=NOW, hold=HOLD)
    decide(first, Verdict.ACCEPT, by=sofia)


def test_time_to_decide_counts_from_the_claim(store, decide, pending, camille):
    """The seconds between claim and decision are kept for the status bar."""
    store.run_write(moderation.claim, pending.id, admin_id=camille, now=NOW, hold=HOLD)
    decide(pending, Verdict.ACCEPT, by=camille, at=NOW + timedelta(seconds=7))
    assert store.run_read(cases.reading_times, NOW) == [7]


def test_words_changed_meanwhile(store, decide, make_notice, camille):
    """Nobody accepts other words than those they read."""
    notice = make_notice(state=NoticeState.PENDING)
    store.run_write(notices.set_words, notice.id, notice.words)
    with pytest.raises(ConflictError, match="words have changed"):
        decide(notice, Verdict.ACCEPT, by=camille, revision=1)


@pytest.mark.parametrize(
    ("verdict", "values"),
    [
        (Verdict.ACCEPT, {"match": {"sector": "F"}}),
        (Verdict.ACCEPT_FIXED, {}),
        (Verdict.ASK, {"reason": Reason.PERSONAL_DATA}),
        (Verdict.LATER, {}),
        (Verdict.REFUSE, {"reason": Reason.SCAM}),
    ],
)
def test_undo_restores_everything(decide, undo, make_notice, now_is, camille, verdict, values):
    """Within the window, undo puts state, words, revision, match and dates back."""
    notice = make_notice(state=NoticeState.PENDING, text=PHONE, sector="H")
    undo(decide(notice, verdict, by=camille, **values), by=camille, at=NOW + UNDO)
    assert now_is(notice) == notice


def test_undo_has_a_window(decide, undo, pending, camille):
    """After the window a decision stands."""
    decision = decide(pending, Verdict.ACCEPT, by=camille)
    with pytest.raises(ConflictError, match="30 seconds"):
        undo(decision, by=camille, at=NOW + UNDO + timedelta(seconds=1))


def test_undo_is_the_decider_s(decide, undo, pending, now_is, camille, sofia):
    """Another moderator cannot undo it; the operator's command line can."""
    decision = decide(pending, Verdict.ACCEPT, by=camille)
    with pytest.raises(ConflictError):
        undo(decision, by=sofia)
    undo(decision)
    assert now_is(pending).state is NoticeState.PENDING


def test_undo_works_once(decide, undo, pending, camille):
    """A decision is taken back once."""
    decision = decide(pending, Verdict.ACCEPT, by=camille)
    undo(decision, by=camille)
    with pytest.raises(ConflictError):
        undo(decision, by=camille)


def test_undo_of_nothing(store):
    """An unknown decision is not found."""
    with pytest.raises(NotFoundError):
        store.run_write(moderation.undo, 99, admin_id=None, now=NOW, undo=UNDO)


def test_undo_leaves_a_withdrawal_alone(decide, undo, pending, store, camille):
    """A seeker who withdrew since is not brought back."""
    decision = decide(pending, Verdict.ACCEPT, by=camille)
    store.run_write(life.withdraw, pending.id, now=NOW, actor=Actor("seeker"))
    with pytest.raises(ConflictError, match="moved on"):
        undo(decision, by=camille)


def test_removed_words_are_forgotten(decide, store, make_notice, camille):
    """What undo would have put back is erased by the first decision after the window."""
    notice = make_notice(state=NoticeState.PENDING, text=PHONE)
    first = decide(notice, Verdict.ACCEPT_FIXED, by=camille)
    assert "06 12" in str(store.run_read(cases.before_of, first.id))
    decide(make_notice(state=NoticeState.PENDING), Verdict.ACCEPT, by=camille, at=NOW + 2 * UNDO)
    assert store.run_read(cases.before_of, first.id) == {}


def test_a_reported_notice_is_kept(decide, reported, now_is, store, camille):
    """Accepting a reported notice settles the reports and leaves it as it goes."""
    decide(reported, Verdict.ACCEPT, by=camille)
    assert now_is(reported) == reported
    assert store.run_read(reports.unsettled) == {}


def test_refusing_a_reported_notice_cancels_its_boosts(decide, undo, reported, asked_boost, store, camille):
    """Its boosts are cancelled with it, and back when the refusal is undone, and so is the report."""
    boost = asked_boost(reported)
    decision = decide(reported, Verdict.REFUSE, by=camille, reason=Reason.SCAM)
    assert store.run_read(boosts.get, boost.id).state is BoostState.CANCELLED
    undo(decision, by=camille)
    assert store.run_read(boosts.get, boost.id) == boost
    assert list(store.run_read(reports.unsettled)) == [reported.id]


def test_an_undone_refusal_lets_calls_go_on(decide, undo, reported, asked_boost, store, camille):
    """A boost that was about to be called for is due again, and its call is open again."""
    boost = asked_boost(reported)
    store.run_write(boosts.move, boost.id, BoostState.DUE)
    store.run_write(calls.open_call, boost.id, Action.BOOST, NOW)
    decision = decide(reported, Verdict.REFUSE, by=camille, reason=Reason.SCAM)
    store.run_write(calls.change, [{"boost_id": boost.id, "next_at": None}])  # as delivery does with it
    undo(decision, by=camille, at=NOW + timedelta(seconds=5))
    assert store.run_read(boosts.get, boost.id).state is BoostState.DUE
    assert store.run_read(calls.of, [boost.id])[boost.id].next_at == NOW + timedelta(seconds=5)


def test_asking_about_a_reported_notice_stops_it(decide, reported, now_is, camille):
    """A reported notice whose seeker is asked for a change does not go round meanwhile."""
    decide(reported, Verdict.ASK, by=camille, reason=Reason.PERSONAL_DATA)
    assert now_is(reported).state is NoticeState.ASKED


def test_an_edited_notice_keeps_its_round(decide, make_notice, now_is, store, camille):
    """Editing gives no second round: the days left when it was edited are left when it is accepted again."""
    notice = make_notice(at=NOW - timedelta(days=5))
    store.run_write(notices.move, notice.id, NoticeState.PENDING)
    store.run_write(journal.write, NOW - timedelta(days=1), Actor("seeker"), cases.CHANGED, "notice:1")
    decide(notice, Verdict.ACCEPT, by=camille)
    assert now_is(notice).deadline == NOW + UNDO + timedelta(days=3)


def test_a_refusal_is_contested_once(decide, pending, now_is, store, camille):
    """A refused seeker asks again once; a second refusal stands."""
    decide(pending, Verdict.REFUSE, by=camille, reason=Reason.SCAM)
    store.run_write(moderation.contest, pending.id, now=NOW)
    assert now_is(pending).state is NoticeState.PENDING
    assert now_is(pending).close_reason is None
    decide(pending, Verdict.REFUSE, by=camille, reason=Reason.CHARTER)
    with pytest.raises(ConflictError):
        store.run_write(moderation.contest, pending.id, now=NOW)


def test_only_a_refusal_is_contested(pending, store):
    """A notice that was not refused cannot be contested."""
    with pytest.raises(ConflictError):
        store.run_write(moderation.contest, pending.id, now=NOW)


def test_an_ended_notice_is_not_decided(decide, pending, store, camille):
    """Nothing is decided on a notice that its seeker withdrew."""
    store.run_write(life.withdraw, pending.id, now=NOW, actor=Actor("seeker"))
    with pytest.raises(ConflictError, match="ended"):
        decide(pending, Verdict.ACCEPT, by=camille)
