"""The demo goes on living while somebody watches."""

import random
from datetime import timedelta

from bot.app import App
from bot.demo import ADMIN, PASSWORD, story
from bot.demo.people import COMING, ROUND, WAITING
from bot.model.moderation import Reason
from bot.model.notice import CloseReason, NoticeState
from bot.moderation import admins, decide
from bot.storage import cases, notices
from tests.clocks import StillClock


def test_the_day_goes_on(app: App, clock: StillClock):
    """Twenty hours bring notices, which are read, boosted, and end with a job now and then."""
    rng = random.Random(7)
    for index in range(30):
        story.recruit(app, rng, index, clock.now())
    sent = 0
    for turn in range(600):
        now = clock.advance(timedelta(minutes=2))
        sent = story.go_on(app, rng, now, sent)
        if turn % 5 == 0:
            story.tick(app, now)
            story.answer(app, rng, now, besides=1, eagerness=0.4)
    found = app.store.run_read(notices.listed)
    assert len(found) == sent > 10
    waiting = [one for one in found if one.state is NoticeState.PENDING]
    assert all(clock.now() - one.created_at <= story.READ_AFTER for one in waiting)
    assert any(one.close_reason is CloseReason.FOUND_JOB for one in found)


def _decided(app: App, clock: StillClock, parts) -> dict[str, tuple[NoticeState, Reason | None, str]]:
    """Let the demo's moderators read notices; give what became of each."""
    found = {}
    for index, part in enumerate(parts):
        notice, _token = story.send(app, part, index, clock.now())
        story.read(app, notice, clock.now())
        after = app.store.run_read(notices.get, notice.id)
        last = app.store.run_read(cases.last_decision, notice.id)
        found[part.name] = after.state, last.reason, after.words.text
    return found


def test_its_moderators_keep_what_the_pages_promise(app: App, clock: StillClock):
    """What waits is told apart: without the number, no scam, no offer."""
    found = _decided(app, clock, WAITING)
    assert found["Nora"] == (NoticeState.ACTIVE, None, "Huit ans d’expérience, libre en janvier.")
    assert found["Job facile"][:2] == (NoticeState.CLOSED, Reason.SCAM)
    assert found["Société Exemple"][:2] == (NoticeState.CLOSED, Reason.NOT_A_SEARCH)
    assert sum(state is NoticeState.ACTIVE for state, _, _ in found.values()) == len(WAITING) - 2


def test_the_rest_of_the_cast_goes_round(app: App, clock: StillClock):
    """No flag stops a notice that is in order."""
    states = {state for state, _, _ in _decided(app, clock, (*ROUND, *COMING)).values()}
    assert states == {NoticeState.ACTIVE}


def test_what_the_visitor_reads_is_left_to_them(app: App, clock: StillClock):
    """The demo goes on while the visitor sits over a notice longer than its moderators would."""
    notice, _token = story.send(app, WAITING[0], 0, clock.now())
    admin = app.store.run_write(admins.create, ADMIN, PASSWORD, now=clock.now())
    now = clock.advance(story.READ_AFTER * 2)
    app.store.run_write(decide.claim, notice.id, admin_id=admin.id, now=now, hold=timedelta(minutes=5))
    story.go_on(app, random.Random(7), now, 0)
    assert app.store.run_read(notices.get, notice.id).state is NoticeState.PENDING
    story.go_on(app, random.Random(7), clock.advance(timedelta(minutes=6)), 0)
    assert app.store.run_read(notices.get, notice.id).state is NoticeState.ACTIVE
