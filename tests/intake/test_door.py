"""The seeker's form is closed by a moderator, or by a full queue."""

from datetime import timedelta

import pytest

from bot.errors import UsageError
from bot.intake import door
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.storage import doors, journal
from tests.conftest import NOW

CAMILLE = Actor("admin", 1)
HOUR = timedelta(hours=1)


def test_it_is_closed_until_its_moment(store):
    """It opens by itself at that moment; what was done is in the journal."""
    assert store.run_read(doors.closed, NOW) is None
    made = store.run_write(door.close, NOW + HOUR, now=NOW, actor=CAMILLE)
    assert (made.since, made.until) == (NOW, NOW + HOUR)
    assert store.run_read(doors.closed, NOW + HOUR - timedelta(seconds=1)) == made
    assert store.run_read(doors.closed, NOW + HOUR) is None
    (entry,) = store.run_read(journal.read, action="form.closed")
    assert (entry.actor, entry.details["until"]) == ("admin:1", (NOW + HOUR).isoformat())


def test_without_a_moment_somebody_opens_it(store):
    """It stays closed for as long as nobody opens it; opening it twice is noted once."""
    store.run_write(door.close, None, now=NOW, actor=CAMILLE)
    assert store.run_read(doors.closed, NOW + timedelta(days=365)).until is None
    for _ in range(2):
        store.run_write(door.reopen, now=NOW, actor=CAMILLE)
        assert store.run_read(doors.closed, NOW) is None
    assert len(store.run_read(journal.read, action="form.opened")) == 1


@pytest.mark.parametrize("until", [NOW, NOW - HOUR])
def test_a_moment_that_is_past_is_refused(store, until):
    """Nothing is closed and nothing noted."""
    with pytest.raises(UsageError, match="still to come"):
        store.run_write(door.close, until, now=NOW, actor=CAMILLE)
    assert store.run_read(doors.closed, NOW) is None
    assert store.run_read(journal.read, action="form.") == []


def test_the_queue_is_full_at_its_number(store, make_notice):
    """With as many waiting as are taken it is full; one more than that is not needed."""
    for _ in range(2):
        make_notice(state=NoticeState.PENDING)
    make_notice()  # goes round: waits for nobody
    assert [store.run_read(door.full, most, NOW) for most in (1, 2, 3)] == [True, True, False]
