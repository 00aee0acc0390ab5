"""What a seeker is told: the place in the queue, the round, and never more than may be known."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.app import App
from bot.intake import life
from bot.model.boost import BoostState
from bot.model.journal import Actor
from bot.model.moderation import Verdict
from bot.model.notice import Notice, NoticeState
from bot.model.volunteer import Volunteer
from bot.moderation.decide import decide
from bot.reporting.seeker import Phase, Place, Status, ordinal, status
from bot.storage import boosts
from tests.conftest import NOW
from tests.planned import plan_boost

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEEKER = Actor("seeker")


@pytest.fixture
def read(app: App) -> Callable[..., Status]:
    """Read a status: `read(notice, now=…)`."""

    def reading(notice: Notice, now: datetime = NOW + HOUR) -> Status:
        return app.store.run_read(
            status, notice.id, networks=app.networks, now=now, undo=timedelta(seconds=30)
        )

    return reading


@pytest.fixture
def boost(app: App, make_volunteer: Callable[..., Volunteer]) -> Callable[..., None]:
    """Make a boost of a notice that went through these states: `boost(notice, BoostState.ASKED)`."""

    def made(notice: Notice, *states: BoostState, at: datetime = NOW) -> None:
        volunteer = make_volunteer()
        boost_id = app.store.run_write(plan_boost, notice, volunteer, due_at=at)
        for state in states:
            times = {"asked_at": at} if state is BoostState.ASKED else {"ended_at": at}
            app.store.run_write(boosts.move, boost_id, state, **times)

    return made


DONE = (BoostState.ASKED, BoostState.DECLARED)


def test_the_least_boosted_is_first_then_the_earliest_deadline(
    read: Callable[..., Status], boost: Callable[..., None], make_notice: Callable[..., Notice]
):
    """The place counts active notices only: by boosts done, then by deadline."""
    busy, late, early = make_notice(), make_notice(at=NOW + timedelta(minutes=1)), make_notice()
    make_notice(state=NoticeState.PAUSED)
    make_notice(state=NoticeState.PENDING)
    boost(busy, *DONE)
    boost(late, BoostState.ASKED)
    assert [read(one).place for one in (early, late, busy)] == [Place(1, 3), Place(2, 3), Place(3, 3)]


def test_done_counts_and_asked_comes_next(
    read: Callable[..., Status], boost: Callable[..., None], make_notice: Callable[..., Notice]
):
    """Declared boosts take strips; one before a volunteer comes before those planned."""
    notice = make_notice()
    boost(notice, *DONE)
    boost(notice, at=NOW + 2 * HOUR)
    assert (len(read(notice).torn), read(notice).left) == (1, 11)
    coming = read(notice).coming
    assert coming is not None
    assert (coming.network, coming.at, coming.asked) == ("X", NOW + 2 * HOUR, False)
    boost(notice, BoostState.ASKED, at=NOW + 3 * HOUR)
    coming = read(notice).coming
    assert coming is not None
    assert coming.asked


def test_without_a_next_boost_there_is_a_reason(
    read: Callable[..., Status], make_notice: Callable[..., Notice]
):
    """Either what comes next or why nothing does."""
    found = read(make_notice())
    assert found.coming is None
    assert found.why is not None


def test_another_round_starts_with_all_its_strips(
    app: App, read: Callable[..., Status], boost: Callable[..., None], make_notice: Callable[..., Notice]
):
    """Boosts of the round before are counted in the total, not torn again."""
    notice = make_notice()
    boost(notice, *DONE)
    app.store.run_write(life.renew, notice.id, settings=app.settings, now=NOW + 7 * DAY, actor=SEEKER)
    boost(notice, *DONE, at=NOW + 8 * DAY)
    found = read(notice, NOW + 9 * DAY)
    assert (found.strips, len(found.done), found.total_done) == (app.settings.boosts_wanted, 1, 2)


def test_small_groups_are_not_counted_aloud(
    read: Callable[..., Status], make_notice: Callable[..., Notice], make_volunteer: Callable[..., Volunteer]
):
    """Four volunteers whom a notice fits are not named as a number, five are."""
    notice = make_notice(state=NoticeState.PENDING)
    for index in range(4):
        make_volunteer(accounts=[("x", f"v{index}")])
    make_volunteer(accounts=[("bluesky", "elsewhere.example.org")])
    assert read(notice).followers is None
    make_volunteer(accounts=[("x", "fifth")])
    assert read(notice).followers == 5


def test_an_accepted_notice_runs_once_it_is_open(
    read: Callable[..., Status], make_notice: Callable[..., Notice]
):
    """Before `opened_at` the seeker still reads "received"."""
    notice = make_notice(at=NOW)
    assert read(notice, NOW - timedelta(seconds=1)).phase is Phase.RECEIVED
    assert read(notice, NOW).phase is Phase.RUNNING


def test_a_moderators_fix_is_no_change_of_the_seekers(
    app: App, read: Callable[..., Status], make_notice: Callable[..., Notice]
):
    """While a fix can be undone the seeker reads thanks, not that changes of theirs are being read."""
    notice = make_notice(state=NoticeState.PENDING, text="Ten years of TIG welding. Tel. 06 12 34 56 78.")
    app.store.run_write(
        decide,
        notice.id,
        Verdict.ACCEPT_FIXED,
        settings=app.settings,
        admin_id=None,
        now=NOW,
        undo=timedelta(seconds=30),
    )
    found = read(notice, NOW + timedelta(seconds=5))
    assert (found.phase, found.changed) == (Phase.RECEIVED, False)


def test_a_pause_says_until_when(app: App, read: Callable[..., Status], make_notice: Callable[..., Notice]):
    """A paused notice keeps its turn for thirty days from the pause."""
    notice = make_notice()
    app.store.run_write(life.pause, notice.id, now=NOW, actor=SEEKER)
    found = read(notice)
    assert (found.phase, found.kept_until) == (Phase.PAUSED, NOW + 30 * DAY)


@pytest.mark.parametrize("done", [0, 1, 5, 12, 30])
def test_torn_strips_are_as_many_as_boosts(
    read: Callable[..., Status], make_notice: Callable[..., Notice], done: int
):
    """Never more strips torn than there are, whatever was done."""
    from dataclasses import replace

    found = replace(read(make_notice()), done=(("X", NOW),) * done)
    assert len(found.torn) == min(done, 12)
    assert found.left == max(0, 12 - done)


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals(n: int, word: str):
    """English ranks."""
    assert str(ordinal(n)) == word


def test_an_end_by_the_seeker_shows_at_once(
    app: App, make_notice: Callable[..., Notice], read: Callable[..., Status]
):
    """What a moderator decided a moment ago stays hidden; what the seeker did does not."""
    notice = make_notice(state=NoticeState.PENDING)
    app.store.run_write(
        decide,
        notice.id,
        Verdict.ACCEPT,
        settings=app.settings,
        admin_id=None,
        now=NOW,
        undo=timedelta(seconds=30),
    )
    at = NOW + timedelta(seconds=5)
    assert read(notice, at).phase is Phase.RECEIVED
    app.store.run_write(life.withdraw, notice.id, now=at, actor=SEEKER)
    assert read(notice, at).phase is Phase.WITHDRAWN
