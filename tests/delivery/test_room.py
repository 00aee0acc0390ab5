"""Whether there is room for one more call: what was learnt, what rests, and what is declared."""

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import retry
from bot.delivery.allow import Later
from bot.delivery.quotas import Room
from bot.model.calls import Action, Learnt, Limit, Scope
from bot.model.lane import Lane, Rest
from tests.clocks import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MINE = Lane(1, "mastodon", "one.example", leased=False, epoch=0, refusals=0)
BESIDE = Lane(2, "mastodon", "one.example", leased=False, epoch=0, refusals=0)
ELSEWHERE = Lane(3, "mastodon", "two.example", leased=False, epoch=0, refusals=0)
FAR = Lane(4, "bluesky", "", leased=False, epoch=0, refusals=0)
CONCERNED = {
    Scope.ACCOUNT: [MINE],
    Scope.INSTANCE: [MINE, BESIDE],
    Scope.APP: [MINE, BESIDE, ELSEWHERE],
}


class _Api:
    """What a room asks of an adapter."""

    def __init__(self, *limits: Limit) -> None:
        self.limits = limits


def room(known: Any = None, *, limits: tuple[Limit, ...] = (), later: timedelta = timedelta()) -> Room:
    """Give the room at a moment; `known` is what an earlier one left."""
    apis: Any = {"mastodon": _Api(*limits), "bluesky": _Api()}
    return Room(known._known if known else {}, apis, NOW + later)


def held(found: Room, action: Action = Action.BOOST) -> list[Lane]:
    """Give the lanes that may not call."""
    return [lane for lane in (MINE, BESIDE, ELSEWHERE, FAR) if found.refuse(lane, action) is not None]


@pytest.mark.parametrize("scope", Scope)
def test_a_rest_holds_exactly_those_in_its_scope(scope: Scope):
    """Until its end, whatever the call; in that second they go."""
    found = room()
    found.rest(MINE, scope, NOW + MINUTE, "busy")
    for action in (Action.BOOST, Action.LOOK):
        assert held(found, action) == CONCERNED[scope]
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + MINUTE, Rest.RATE_LIMITED, lane=True)
    assert held(room(found, later=59 * SECOND)) == CONCERNED[scope]
    assert held(room(found, later=MINUTE)) == []
    (kept,) = found.changed.values()
    assert kept.why == "busy"


@pytest.mark.parametrize("scope", Scope)
def test_a_second_rest_shortens_no_first_one(scope: Scope):
    """The later end counts while the first holds; after it the new one alone."""
    found = room()
    found.rest(MINE, scope, NOW + 10 * MINUTE, "first")
    found.rest(MINE, scope, NOW + MINUTE, "second")
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + 10 * MINUTE, Rest.RATE_LIMITED, lane=True)
    found.rest(MINE, scope, NOW + 20 * MINUTE, "third")
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + 20 * MINUTE, Rest.RATE_LIMITED, lane=True)
    after = room(found, later=30 * MINUTE)
    after.rest(MINE, scope, NOW + 31 * MINUTE, "fourth")
    assert after.refuse(MINE, Action.BOOST) == Later(NOW + 31 * MINUTE, Rest.RATE_LIMITED, lane=True)


@pytest.mark.parametrize("scope", Scope)
def test_failures_in_a_row_are_counted_where_they_happened(scope: Scope):
    """Each rest is one; an answer after its end forgets them, one that was on its way before does not."""
    found = room()
    assert found.failures(MINE, scope) == 0
    for count in (1, 2, 3):
        found.rest(MINE, scope, NOW + MINUTE, "away")
        assert found.failures(MINE, scope) == count
    assert found.failures(FAR, scope) == 0
    found.recover(MINE)
    assert found.failures(MINE, scope) == 3
    after = room(found, later=MINUTE)
    after.recover(FAR)
    assert after.failures(MINE, scope) == 3
    after.recover(MINE)
    assert after.failures(MINE, scope) == 0


@pytest.mark.parametrize("scope", Scope)
def test_what_an_answer_says_is_left_is_spent_call_by_call(scope: Scope):
    """Of this action, in this scope; the third of two waits for the window's end."""
    found = room()
    found.learn(MINE, [Learnt(scope, Action.BOOST, 2, NOW + MINUTE)])
    for _ in range(2):
        assert held(found) == []
        found.take(MINE, Action.BOOST)
        found.take(MINE, Action.LOOK)
    assert held(found) == CONCERNED[scope]
    assert held(found, Action.LOOK) == []
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + MINUTE, Rest.RATE_LIMITED, lane=True)
    assert held(room(found, later=MINUTE)) == []


def test_what_holds_longest_is_told():
    """A rest, a learnt window and a declared limit at once: the last end, and its reason."""
    limit = Limit(Scope.ACCOUNT, frozenset({Action.BOOST}), 1, 5 * MINUTE, "test")
    found = room(limits=(limit,))
    found.rest(MINE, Scope.APP, NOW + MINUTE, "")
    found.learn(MINE, [Learnt(Scope.INSTANCE, Action.BOOST, 0, NOW + 2 * MINUTE)])
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + 2 * MINUTE, Rest.RATE_LIMITED, lane=True)
    found.take(MINE, Action.BOOST)
    assert found.refuse(MINE, Action.BOOST) == Later(NOW + 5 * MINUTE, Rest.LIMIT, lane=True)
    assert found.refuse(ELSEWHERE, Action.LOOK) == Later(NOW + MINUTE, Rest.RATE_LIMITED, lane=True)


@pytest.mark.parametrize("scope", Scope)
def test_a_declared_limit_counts_what_it_names(scope: Scope):
    """Its own actions, each with its weight, in its scope."""
    weights = {Action.UNDO: 2}
    limit = Limit(scope, frozenset({Action.BOOST, Action.UNDO}), 20, 20 * MINUTE, "test", weights)
    found = room(limits=(limit,))
    found.take(MINE, Action.LOOK)
    found.take(MINE, Action.BOOST)
    assert held(found) == []
    assert held(found, Action.UNDO) == CONCERNED[scope]
    found.take(MINE, Action.BOOST)
    assert held(found) == CONCERNED[scope]
    assert held(found, Action.LOOK) == []


def test_waits_double_from_five_seconds_to_a_quarter_of_an_hour():
    """With all of the jitter the whole span is waited, with none of it half."""
    waits = [retry.backoff(failures, 1.0).total_seconds() for failures in (0, 1, 2, 3, 4, 8, 9, 50)]
    assert waits == [5, 5, 10, 20, 40, 640, 900, 900]
    assert retry.backoff(3, 0.0) == 10 * SECOND
