"""A boost by a call: once, within every limit, whatever the network answers."""

from datetime import timedelta

import pytest

from bot.model.boost import BoostState
from bot.storage import access, journal
from tests.delivery.lending import NETWORK, Lending
from tests.fakes.recording import RecordingNet


def test_a_due_boost_is_located_looked_at_and_made(lending: Lending, net: RecordingNet):
    """Three calls in this order; the boost is verified, and counts as sent now."""
    boost_id = lending.boosted()
    lending.deliver()
    assert [one[1] for one in net.log] == ["locate", "look", "boost"]
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert net.boosts() == {("v2", "here:post1"): 1}
    assert lending.call(boost_id).next_at is None


@pytest.mark.parametrize("fault", ["lost", "e500after", "garbage", "early"])
def test_an_unknown_outcome_is_read_back_after_the_quiet_period(
    lending: Lending, net: RecordingNet, fault: str
):
    """Nothing is sent again before; then the network says whether it is there, and it is made once."""
    boost_id = lending.boosted()
    net.script["boost"].append(fault)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.UNCERTAIN
    lending.advance(seconds=119)
    lending.deliver()
    assert net.requests("read_back") == 0
    lending.advance(seconds=2)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]
    assert net.requests("boost") == (2 if fault == "early" else 1)


def test_a_rate_limit_waits_exactly_its_account(lending: Lending, net: RecordingNet):
    """The account rests until the network says so; another one goes on."""
    notice = lending.notice()
    first = lending.due(notice, lending.volunteer())
    net.script["boost"].append("e429")
    lending.deliver()
    second = lending.due(notice, lending.volunteer())
    lending.deliver()
    assert (lending.state(first), lending.state(second)) == (BoostState.DUE, BoostState.VERIFIED)
    lending.advance(seconds=59)
    lending.deliver()
    assert lending.state(first) is BoostState.DUE
    lending.advance(seconds=1)
    lending.deliver()
    assert lending.state(first) is BoostState.VERIFIED


def test_a_refusal_is_the_end(lending: Lending, net: RecordingNet):
    """The boost has failed, with the network's reason, and nothing more is called."""
    boost_id = lending.boosted()
    net.script["boost"].append("e403")
    lending.deliver()
    assert lending.state(boost_id) is BoostState.FAILED
    assert lending.call(boost_id).next_at is None


def test_a_first_refused_token_unlinks_nobody(lending: Lending, net: RecordingNet):
    """It is tried again after minutes, then after an hour; the third time it is lost, and asked by hand."""
    boost_id = lending.boosted()
    account = lending.app.store.run_read(access.page)[0].account_id
    for minutes in (6, 61, 0):
        net.script["look"].append("e401")
        lending.deliver()
        lending.advance(minutes=minutes)
    lost = lending.app.store.run_read(access.of, account)
    assert lost is not None
    assert lost.lost_at == lending.clock.now()
    (line,) = lending.app.store.run_read(journal.read, action="access.lost")
    assert (line.actor, line.subject, dict(line.details)) == ("daemon", "volunteer:1", {"network": NETWORK})
    lending.deliver()
    assert lending.state(boost_id) is BoostState.ASKED
    assert net.requests("look") == 3


def test_a_network_that_is_away_is_asked_ever_less_often(lending: Lending, net: RecordingNet):
    """503: nothing was done; the waits double, and then the boost is made."""
    boost_id = lending.boosted()
    net.script["boost"].extend(["e503"] * 3)
    lending.deliver()
    for seconds in (2.4, 0.1, 4.8, 0.2, 9.7, 0.3):
        before = net.requests("boost")
        lending.advance(seconds=seconds)
        lending.deliver()
        assert net.requests("boost") - before == (seconds < 1), seconds
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_nothing_goes_at_the_expiry(lending: Lending, net: RecordingNet):
    """A boost whose time is up expires without a call."""
    boost_id = lending.due(
        lending.notice(), lending.volunteer(), expires_at=lending.clock.now() + timedelta(minutes=5)
    )
    lending.advance(minutes=5)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.EXPIRED
    assert net.log == []
