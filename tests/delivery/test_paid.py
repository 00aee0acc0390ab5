"""What limits and money do to calls: each span of a limit by itself, what did nothing costs nothing."""

from datetime import timedelta

import pytest

from bot.model.boost import BoostState, Mode
from bot.model.budget import Budget
from bot.model.calls import Action, Limit, Scope
from bot.storage import boosts, spending
from tests.delivery.lending import NETWORK, Lending
from tests.fakes.recording import RecordingNet

PRICE = 15_000


def test_each_span_of_a_limit_holds_by_itself(lending: Lending, net: RecordingNet):
    """Two a minute and three an hour: a call of one limit does not shorten what the other remembers."""
    spans = ((2, timedelta(minutes=1)), (3, timedelta(hours=1)))
    lending.values["limits"] = tuple(
        Limit(Scope.APP, frozenset({Action.BOOST}), most, per, "test") for most, per in spans
    )
    notice = lending.notice()
    for _ in range(6):
        lending.due(notice, lending.volunteer())
    made = []
    for _ in range(100):
        lending.deliver()
        made.append(net.requests("boost"))
        lending.advance(minutes=1)
    assert made[0] == 1
    assert max(late - early for early, late in zip(made, made[60:], strict=False)) == 3


def test_a_no_to_the_whole_app_stops_everybody(lending: Lending, net: RecordingNet):
    """X closed to the app: this boost is made by hand, and nobody asks again before the wait is over."""
    net.scope = "app"
    net.script["boost"].append("e403")
    notice = lending.notice()
    refused = lending.due(notice, lending.volunteer())
    lending.deliver()
    boost = lending.app.store.run_read(boosts.get, refused)
    assert (boost.state, boost.mode) == (BoostState.ASKED, Mode.BY_HAND)
    waits = lending.due(notice, lending.volunteer())
    before = len(net.log)
    lending.deliver()
    assert (len(net.log), lending.state(waits)) == (before, BoostState.DUE)
    lending.advance(minutes=6)
    lending.deliver()
    assert lending.state(waits) is BoostState.VERIFIED


@pytest.mark.parametrize(
    ("fault", "paid"),
    [("", PRICE), ("e403", 0), ("e429", 0), ("e401", 0), ("e500after", PRICE), ("lost", PRICE)],
)
def test_what_did_nothing_costs_nothing(lending: Lending, net: RecordingNet, fault: str, paid: int):
    """A whole answer that says no is free; a boost that may have been made stays in the ledger."""
    lending.values |= {"prices": {Action.BOOST: PRICE}, "reads_back": False}
    lending.terms["budgets"] = {NETWORK: Budget(10 * PRICE, 10 * PRICE)}
    net.script["boost"] += [fault] if fault else []
    lending.boosted()
    lending.deliver()
    assert net.requests("boost") == 1
    assert lending.app.store.run_read(spending.spent, NETWORK, lending.clock.now()).day == paid
