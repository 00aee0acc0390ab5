"""Thirty days of boosts as fast as limits let them: no server ever has to say 429."""

from collections import Counter
from datetime import timedelta

from benchmarks import month
from bot.model.calls import Action


def test_thirty_days_provoke_no_429():
    """Storms beyond every limit, on four kinds of server: all is held back here, in every span."""
    found = month.play(accounts=3)
    assert found.calls.keys() == month.servers().keys()
    assert found.refused.total() == 0
    assert all(found.held[name] for name in found.calls), "no storm met a limit: the play shows nothing"


def test_the_servers_would_say_so():
    """The play's servers do refuse: whatever is more than fits in any span, refused calls counted too."""
    bound = month.Bound(3, timedelta(minutes=1), {Action.BOOST: 1})
    lane = month.lane_of(1, "x")
    fits = [bound.fits(lane, Action.BOOST, month.BEGIN + timedelta(seconds=15 * n)) for n in range(9)]
    assert Counter(fits) == {True: 3, False: 6}
