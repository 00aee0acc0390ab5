"""Which lanes a turn claims: those that wait longest, and at no place more than it can be asked at once."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from bot.delivery.terms import Terms
from bot.model.halt import Halt
from bot.model.lane import Lane
from bot.networks.http import CONNECTIONS
from bot.storage import Session, calls, lanes
from bot.storage.lanes import Place

AT_ONCE = 200
"""Calls on their way at the same time."""
AT_ONE_INSTANCE = CONNECTIONS
"""Calls on their way to one instance: more would wait for a connection while their deadline runs."""
AT_ONE_NETWORK = AT_ONCE // 2
"""The same to a network without instances, whose accounts may live on many servers: half of all calls, so
that no slow one keeps all others out.
"""


def _most(place: Place) -> int:
    return AT_ONE_INSTANCE if place[1] else AT_ONE_NETWORK


def full(under_way: Collection[Lane]) -> list[Place]:
    """Give the places that get no more calls, with those of these lanes under way."""
    at = Counter(lane.place for lane in under_way)
    return [place for place, count in at.items() if count >= _most(place)]


def free(
    session: Session,
    terms: Terms,
    room: int,
    besides: Collection[Lane],
    only: Collection[int] | None,
    now: datetime,
) -> list[Lane]:
    """Take the lanes that wait longest, at one place no more than it takes, `besides` among them."""
    held, at = {lane.account_id for lane in besides}, Counter(lane.place for lane in besides)
    taken: list[Lane] = []
    while len(taken) < room:  # each time round one more place is full, or there are no more lanes
        limit, kept_out = 2 * room + len(held), full([*besides, *taken])
        found = lanes.ready(session, now, list(terms.apis), limit, full=kept_out, only=only)
        for lane in found:
            if lane.account_id not in held and at[lane.place] < _most(lane.place) and len(taken) < room:
                taken.append(lane)
                held.add(lane.account_id)
                at[lane.place] += 1
        if len(found) < limit:
            break
    return taken


def due(
    session: Session,
    terms: Terms,
    *,
    room: int,
    besides: Collection[Lane],
    now: datetime,
    halt: Halt | None,
    among: Collection[int] | None = None,
) -> list[Lane]:
    """Give the lanes that are due; under a halt, only those with what was asked to be undone since."""
    only = among
    if halt is not None:
        undoing = calls.undoing_since(session, halt.since)
        only = undoing if among is None else undoing.intersection(among)
    return free(session, terms, room, besides, only, now)
