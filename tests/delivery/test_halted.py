"""What is asked to be undone in a halt goes out at once, whatever else its account has to do."""

import pytest

from bot.delivery import panic, recall
from bot.model.boost import BoostState
from bot.model.journal import CLI
from tests.delivery.lending import Lending
from tests.fakes.recording import RecordingNet


@pytest.mark.parametrize("others", [0, 3])
def test_no_due_boost_keeps_an_undo_back(lending: Lending, net: RecordingNet, others: int):
    """The same account, and others before it, have boosts that are due for longer: those wait, it goes."""
    notice, person = lending.notice(), lending.volunteer()
    made = lending.due(notice, person)
    lending.deliver()
    due = [lending.due(lending.notice(), person), *(lending.boosted() for _ in range(others))]
    lending.advance(seconds=1)
    lending.app.store.run_write(panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    before = len(net.log)
    lending.advance(seconds=1)
    lending.app.store.run_write(recall.take_back, notice.id, now=lending.clock.now(), actor=CLI)
    lending.deliver(turns=1)
    assert [one[1] for one in net.log[before:]] == ["undo"]
    assert lending.state(made) is BoostState.UNDONE
    assert {lending.state(one) for one in due} == {BoostState.DUE}
