"""The demo goes on living while somebody watches."""

import random
from datetime import timedelta

from bot.app import App
from bot.demo import story
from bot.model.notice import CloseReason, NoticeState
from bot.storage import notices
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
