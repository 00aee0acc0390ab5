"""Taking back all boosts of a notice."""

import time
from datetime import timedelta

import pytest

from bot.delivery import recall
from bot.errors import NotFoundError
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI
from bot.model.notice import NoticeState
from bot.reporting import recall as reporting
from bot.storage import Session, boosts, journal, notices, recalls
from bot.storage.store import Store
from tests.conftest import NOW
from tests.planned import plan_boost

VOLUNTEERS = 1_000
PROMISE_S = 600
"""TRUST.md 6 row 13: a thousand within ten minutes."""


@pytest.fixture
def boost(store: Store, make_volunteer):
    """Make a boost of a notice in a state, by a new volunteer: `boost(notice, state)`."""

    def make(notice, state: BoostState):
        person = make_volunteer()

        def insert(session: Session) -> int:
            made = plan_boost(session, notice, person)
            if state is not BoostState.PLANNED:
                boosts.move(session, made, BoostState.ASKED, asked_at=NOW)
            if state not in {BoostState.PLANNED, BoostState.ASKED}:
                boosts.move(session, made, state, ended_at=NOW)
            return made

        return person, store.run_write(insert)

    return make


def take_back(store: Store, notice) -> recall.Recalled:
    """Take back as an operator."""
    return store.run_write(recall.take_back, notice.id, now=NOW, actor=CLI)


def test_planned_and_asked_are_cancelled_and_done_are_listed(store, make_notice, boost):
    """What was not made never is; those who made theirs are asked to undo it; the notice is read again."""
    notice = make_notice()
    boost(notice, BoostState.PLANNED)
    _, asked = boost(notice, BoostState.ASKED)
    person, done = boost(notice, BoostState.DECLARED)
    found = take_back(store, notice)
    assert found.cancelled == 2
    assert [one.id for one in found.to_undo] == [done]
    assert store.run_read(boosts.get, asked).state is BoostState.CANCELLED
    assert store.run_read(recalls.waiting, person.id) == [done]
    assert store.run_read(notices.get, notice.id).state is NoticeState.PENDING
    (line,) = store.run_read(journal.read, action="notice.recalled")
    assert dict(line.details) == {"cancelled": 2, "asked": 1, "by_bot": 0}


def test_other_notices_stay_as_they_are(store, make_notice, boost):
    """Taking one notice back touches nobody else's boosts, made or not."""
    notice, other = make_notice(), make_notice()
    _, mine = boost(notice, BoostState.DECLARED)
    _, waiting = boost(other, BoostState.ASKED)
    _, done = boost(other, BoostState.DECLARED)
    assert [one.id for one in take_back(store, notice).to_undo] == [mine]
    assert store.run_read(boosts.get, waiting).state is BoostState.ASKED
    assert store.run_read(boosts.get, done).state is BoostState.DECLARED
    assert store.run_read(notices.get, other.id).state is NoticeState.ACTIVE
    assert store.run_read(recalls.count) == 1


def test_what_was_undone_is_written_down(store, make_notice, boost):
    """The boost ends at that moment; the journal says who undid which share of which notice."""
    notice = make_notice()
    person, done = boost(notice, BoostState.DECLARED)
    take_back(store, notice)
    store.run_write(recall.undone, done, volunteer_id=person.id, now=NOW + timedelta(hours=1))
    assert store.run_read(boosts.get, done).ended_at == NOW + timedelta(hours=1)
    (line,) = store.run_read(journal.read, action="boost.removed")
    assert (line.actor, line.subject) == (f"volunteer:{person.id}", f"boost:{done}")
    assert dict(line.details) == {"notice": notice.id}


def test_twice_asks_nobody_twice(store, make_notice, boost):
    """Doing it again cancels nothing, and lists the same shares."""
    notice = make_notice()
    boost(notice, BoostState.DECLARED)
    take_back(store, notice)
    again = take_back(store, notice)
    assert (again.cancelled, len(again.to_undo), store.run_read(recalls.count)) == (0, 1, 1)


def test_an_undone_share_no_longer_counts(store, make_notice, boost):
    """The volunteer says it is undone: the boost is cancelled, once, and nothing is asked any more."""
    notice = make_notice()
    person, done = boost(notice, BoostState.DECLARED)
    take_back(store, notice)
    for _ in range(2):
        store.run_write(recall.undone, done, volunteer_id=person.id, now=NOW)
    assert store.run_read(boosts.get, done).state is BoostState.CANCELLED
    assert store.run_read(recalls.waiting, person.id) == []
    assert len(store.run_read(journal.read, action="boost.removed")) == 1


def test_only_ones_own_share_can_be_undone(store, make_notice, make_volunteer, boost):
    """Somebody else's share is not there; one that nobody asked for stays as it is."""
    notice = make_notice()
    person, done = boost(notice, BoostState.DECLARED)
    store.run_write(recall.undone, done, volunteer_id=person.id, now=NOW)
    assert store.run_read(boosts.get, done).state is BoostState.DECLARED
    take_back(store, notice)
    other = make_volunteer()
    for boost_id in (done, 999):
        with pytest.raises(NotFoundError):
            store.run_write(recall.undone, boost_id, volunteer_id=other.id, now=NOW)


def test_a_closed_notice_stays_closed(store, make_notice, boost):
    """Taking back the shares of a notice that has ended does not open it again."""
    notice = make_notice(state=NoticeState.CLOSED)
    take_back(store, notice)
    assert store.run_read(notices.get, notice.id).state is NoticeState.CLOSED


def test_the_page_has_the_link_to_the_post(app, store, make_notice, boost):
    """The volunteer sees what to undo, on which network, with the post's address."""
    notice = make_notice()
    person, _ = boost(notice, BoostState.DECLARED)
    take_back(store, notice)
    (one,) = store.run_read(reporting.waiting, person.id, networks=app.networks)
    assert (one.network, one.url, one.notice.id) == ("X", notice.posts[0].url, notice.id)


@pytest.mark.slow
def test_a_thousand_volunteers_are_asked_at_once(store, make_notice, make_volunteer):
    """A notice that a thousand have shared: every one of them is asked to undo it, none is missed."""
    notice = make_notice()

    def insert(session: Session) -> None:
        for _ in range(VOLUNTEERS):
            made = boosts.plan(
                session,
                notice_id=notice.id,
                volunteer_id=person(session),
                account_id=1,
                network="x",
                mode=Mode.BY_HAND,
                due_at=NOW,
                reason={},
            )
            boosts.move(session, made, BoostState.ASKED, asked_at=NOW)
            boosts.move(session, made, BoostState.DECLARED, ended_at=NOW)

    first = make_volunteer()
    numbers = iter(range(first.id, first.id + VOLUNTEERS))
    columns = [row[1] for row in store.run_read(_columns)]

    def person(session: Session) -> int:
        number = next(numbers)
        if number != first.id:
            kept = ", ".join(name for name in columns if name not in {"id", "token_hash"})
            session.connection().exec_driver_sql(
                f"INSERT INTO volunteer (id, token_hash, {kept})"
                f" SELECT ?, ?, {kept} FROM volunteer WHERE id = ?",
                (number, f"hash {number}", first.id),
            )
        return number

    store.run_write(insert)
    begin = time.monotonic()
    found = take_back(store, notice)
    assert len(found.to_undo) == store.run_read(recalls.count) == VOLUNTEERS
    assert time.monotonic() - begin < PROMISE_S


def _columns(session: Session):
    return session.connection().exec_driver_sql("PRAGMA table_info(volunteer)").fetchall()
