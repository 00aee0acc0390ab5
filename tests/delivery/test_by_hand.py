"""Boosts by hand: each act once, only one's own, only on active notices."""

from datetime import datetime, timedelta

import pytest

from bot.delivery import by_hand
from bot.errors import ConflictError, NotFoundError, UsageError
from bot.model.boost import Boost, BoostState
from bot.model.notice import CloseReason
from bot.storage import Session, boosts, journal, notices, reports
from bot.storage.store import Store
from tests.conftest import NOW
from tests.planned import plan_boost

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def ask(store: Store, make_notice, make_volunteer):
    """Ask a volunteer for a notice: `ask(volunteer=…, notice=…, state=…)`."""

    def make(volunteer=None, notice=None, state: BoostState = BoostState.ASKED) -> Boost:
        volunteer = volunteer or make_volunteer()
        notice = notice or make_notice()

        def insert(session: Session) -> Boost:
            boost_id = plan_boost(session, notice, volunteer)
            if state is BoostState.PLANNED:
                return boosts.get(session, boost_id)
            asked = boosts.move(session, boost_id, BoostState.ASKED, asked_at=NOW)
            return asked if state is BoostState.ASKED else boosts.move(session, boost_id, state, ended_at=NOW)

        return store.run_write(insert)

    return make


def act(store: Store, fn, boost: Boost, now: datetime = LATER, **values) -> Boost:
    """Act as the boost's own volunteer."""
    return store.run_write(fn, boost.id, volunteer_id=boost.volunteer_id, now=now, **values)


def verbs(store: Store, boost: Boost) -> list[str]:
    """Give what the journal says about a boost, oldest first."""
    return [line.action for line in reversed(store.run_read(journal.read, subject=f"boost:{boost.id}"))]


def test_opened_then_declared(store: Store, ask):
    """The tap is a step with its hour; the yes ends the boost; both are in the journal."""
    boost = ask()
    assert act(store, by_hand.open_boost, boost).opened_at == LATER
    done = act(store, by_hand.declare, boost)
    assert (done.state, done.ended_at) == (BoostState.DECLARED, LATER)
    assert verbs(store, boost) == ["boost.opened", "boost.declared"]


@pytest.mark.parametrize(
    ("fn", "verb", "values"),
    [
        (by_hand.open_boost, "boost.opened", {}),
        (by_hand.declare, "boost.declared", {}),
        (by_hand.skip, "boost.skipped", {"why": "later"}),
        (by_hand.report, "boost.skipped", {"why": "A scam"}),
    ],
)
def test_every_act_is_written_down(store: Store, ask, fn, verb, values):
    """The journal says who did what with which boost of which notice, and when."""
    boost = ask()
    act(store, fn, boost, **values)
    (line,) = store.run_read(journal.read, subject=f"boost:{boost.id}")
    assert (line.actor, line.action, line.at) == (f"volunteer:{boost.volunteer_id}", verb, LATER)
    assert dict(line.details) == {"notice": boost.notice_id}


def test_a_report_is_written_down_with_its_notice(store: Store, ask):
    """The journal says who reported which notice, by which boost; never in which words."""
    boost = ask()
    act(store, by_hand.report, boost, why="A scam")
    (line,) = store.run_read(journal.read, action="notice.reported")
    assert (line.actor, line.subject) == (f"volunteer:{boost.volunteer_id}", f"notice:{boost.notice_id}")
    assert dict(line.details) == {"boost": boost.id}


def test_an_undone_skip_leaves_nothing(store: Store, ask):
    """The hour of opening and the private reason go with it; the journal keeps both acts."""
    boost = ask()
    act(store, by_hand.open_boost, boost)
    act(store, by_hand.skip, boost, why="later")
    undone = act(store, by_hand.undo, boost)
    assert (undone.state, undone.opened_at, undone.ended_at) == (BoostState.ASKED, None, None)
    assert store.run_read(boosts.skip_whys, boost.volunteer_id) == {}
    assert verbs(store, boost) == ["boost.opened", "boost.skipped", "boost.undone"]


@pytest.mark.parametrize("fn", [by_hand.open_boost, by_hand.declare, by_hand.skip])
def test_twice_is_once(store: Store, ask, fn):
    """A double tap changes nothing and is no error."""
    boost = ask()
    first = act(store, fn, boost)
    assert act(store, fn, boost, now=LATER + timedelta(seconds=1)) == first
    assert len(verbs(store, boost)) == 1


def test_a_late_beacon_does_not_take_a_yes_back(store: Store, ask):
    """Opened after declared leaves it declared."""
    boost = ask()
    act(store, by_hand.declare, boost)
    assert act(store, by_hand.open_boost, boost).state is BoostState.DECLARED


@pytest.mark.parametrize("fn", [by_hand.open_boost, by_hand.declare, by_hand.skip, by_hand.undo])
def test_another_volunteers_boost_does_not_exist(store: Store, ask, make_volunteer, fn):
    """Neither somebody else's boost nor an invented number can be acted on."""
    boost, other = ask(), make_volunteer()
    for boost_id in (boost.id, 999, 2**63 - 1):
        with pytest.raises(NotFoundError):
            store.run_write(fn, boost_id, volunteer_id=other.id, now=LATER)


@pytest.mark.parametrize("fn", [by_hand.open_boost, by_hand.declare, by_hand.skip])
@pytest.mark.parametrize("cancelled", [True, False])
def test_a_notice_taken_back_needs_nothing(store: Store, ask, fn, cancelled):
    """After a withdrawal every act says so, whether or not the boost was already cancelled."""
    boost = ask()

    def withdraw(session: Session) -> None:
        notices.close(session, boost.notice_id, CloseReason.WITHDRAWN, NOW)
        if cancelled:
            boosts.cancel(session, NOW, notice_id=boost.notice_id)

    store.run_write(withdraw)
    with pytest.raises(by_hand.TakenBackError, match="taken back"):
        act(store, fn, boost)


@pytest.mark.parametrize(
    ("state", "words"),
    [(BoostState.PLANNED, "not yours to share yet"), (BoostState.EXPIRED, "waited too long")],
)
def test_only_what_was_asked_can_be_answered(store: Store, ask, state, words):
    """A planned boost is too early, an expired one too late; the sentence says which."""
    with pytest.raises(ConflictError, match=words):
        act(store, by_hand.declare, ask(state=state))


def test_all_opened_at_once(store: Store, ask, make_volunteer, make_notice):
    """The bar declares what was opened on active notices, and nothing that was not."""
    volunteer = make_volunteer()
    opened, withdrawn, untouched = (ask(volunteer, make_notice()) for _ in range(3))
    for boost in (opened, withdrawn):
        act(store, by_hand.open_boost, boost)
    store.run_write(notices.close, withdrawn.notice_id, CloseReason.WITHDRAWN, NOW)
    assert store.run_write(by_hand.declare_opened, volunteer_id=volunteer.id, now=LATER) == 1
    assert [store.run_read(boosts.get, b.id).state.value for b in (opened, withdrawn, untouched)] == [
        "declared",
        "opened",
        "asked",
    ]


def test_a_skip_may_carry_a_private_reason_now_or_later(store: Store, ask):
    """The reason is kept with the boost and is not in the journal."""
    boost = ask()
    act(store, by_hand.skip, boost)
    act(store, by_hand.skip, boost, why="audience")
    assert store.run_read(boosts.skip_whys, boost.volunteer_id) == {boost.id: "audience"}
    assert "audience" not in str(store.run_read(journal.read))


def test_a_report_reaches_the_moderators_and_skips_the_boost(store: Store, ask):
    """One remark per volunteer with their words, however often it is sent."""
    boost = ask()
    for _ in range(2):
        done = act(store, by_hand.report, boost, why=" A scam ")
    assert done.state is BoostState.SKIPPED
    found = store.run_read(reports.unsettled, [boost.notice_id])[boost.notice_id]
    assert [(r.volunteer_id, r.why) for r in found] == [(boost.volunteer_id, "A scam")]


def test_a_report_needs_words(store: Store, ask):
    """Nobody can act on an empty remark."""
    with pytest.raises(UsageError):
        act(store, by_hand.report, ask(), why=" \n")


@pytest.mark.parametrize(("fn", "back"), [(by_hand.declare, "opened"), (by_hand.skip, "asked")])
def test_undo_the_same_day(store: Store, ask, fn, back):
    """A yes goes back to opened, a no to asked; undoing twice is no error."""
    boost = ask()
    act(store, fn, boost)
    for _ in range(2):
        undone = act(store, by_hand.undo, boost)
    assert (undone.state.value, undone.ended_at) == (back, None)


def test_undoing_a_report_takes_the_remark_back(store: Store, ask):
    """A report by mistake leaves nothing with the moderators."""
    boost = ask()
    act(store, by_hand.report, boost, why="oops")
    act(store, by_hand.undo, boost)
    assert store.run_read(reports.unsettled, [boost.notice_id]) == {}


@pytest.mark.parametrize(("zone", "allowed"), [("Europe/Paris", False), ("America/Martinique", True)])
def test_the_day_is_the_volunteers_own(store: Store, ask, make_volunteer, zone, allowed):
    """23:30 in Paris is still afternoon in Martinique: an hour later only one of them may undo."""
    boost = ask(make_volunteer(time_zone=zone))
    evening = datetime.fromisoformat("2026-11-17T22:30:00+00:00")
    act(store, by_hand.declare, boost, now=evening)
    if allowed:
        assert act(store, by_hand.undo, boost, now=evening + timedelta(hours=1))
    else:
        with pytest.raises(ConflictError, match="another day"):
            act(store, by_hand.undo, boost, now=evening + timedelta(hours=1))


def test_undo_after_the_notice_ended(store: Store, ask):
    """A yes that was wrong no longer counts, but the notice does not come back to the page."""
    said_yes, said_no = ask(), ask()
    act(store, by_hand.declare, said_yes)
    act(store, by_hand.skip, said_no)
    for boost in (said_yes, said_no):
        store.run_write(notices.close, boost.notice_id, CloseReason.FOUND_JOB, NOW)
    assert act(store, by_hand.undo, said_yes).state is BoostState.CANCELLED
    with pytest.raises(by_hand.TakenBackError):
        act(store, by_hand.undo, said_no)


def test_a_turn_given_to_somebody_else_stays_theirs(store: Store, ask, make_notice):
    """A skip gave its place back; once the notice has all its boosts, the skip cannot be undone."""
    notice = make_notice(demand=1)
    skipped = ask(notice=notice)
    act(store, by_hand.skip, skipped)
    ask(notice=notice)
    with pytest.raises(ConflictError, match="took this turn"):
        act(store, by_hand.undo, skipped)
