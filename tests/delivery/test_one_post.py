"""Two calls for one post are never on their way together."""

from datetime import timedelta

from bot.model.boost import BoostState
from bot.storage import boosts, calls, lanes
from tests.delivery.lending import Lending
from tests.fakes.recording import RecordingNet


def test_a_boost_waits_for_the_one_that_is_on_its_way(lending: Lending, net: RecordingNet):
    """Another process holds it; another post's goes. When nobody holds it any more, it goes too."""
    notice, other = lending.notice(), lending.notice()
    first = lending.due(notice, lending.volunteer())
    lending.due(other, lending.volunteer())
    lending.deliver()
    person, write, now = lending.volunteer(), lending.app.store.run_write, lending.clock.now()
    busy, waits, free = (
        lending.due(one, who)
        for one, who in ((notice, person), (notice, lending.volunteer()), (other, lending.volunteer()))
    )
    write(boosts.move, busy, BoostState.SENDING)
    write(lanes.claim, [person.accounts[0].id], "other", now + timedelta(seconds=50))
    intent = {"boost_id": busy, "epoch": 1, "post_id": lending.call(first).post_id, "sent_at": now}
    write(calls.change, [intent])
    lending.deliver()
    assert (lending.state(waits), lending.state(free)) == (BoostState.DUE, BoostState.VERIFIED)
    lending.advance(seconds=51)
    lending.deliver()
    assert (lending.state(waits), lending.state(busy)) == (BoostState.VERIFIED, BoostState.UNCERTAIN)
    assert net.requests("boost") == 4
