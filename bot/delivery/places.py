"""Which lanes a turn claims: those that wait longest, and at no place more than it can be asked at once."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from bot.delivery.terms import Terms
from bot.model.lane import Lane
from bot.networks.http import CONNECTIONS
from bot.storage import Session, lanes
from bot.storage.lanes import Place

AT_ONE_PLACE = CONNECTIONS
"""Calls on their way to one instance, or to a network that has none.

More would wait for a connection while their deadline runs, and where a place is slow keep all the others out.
"""


def full(under_way: Collection[Lane]) -> list[Place]:
    """Give the places that get no more calls, with those of these lanes under way."""
    at = Counter(lane.place for lane in under_way)
    return [place for place, count in at.items() if count >= AT_ONE_PLACE]


def free(
    session: Session,
    terms: Terms,
    room: int,
    besides: Collection[Lane],
    only: Collection[int] | None,
    now: datetime,
) -> list[Lane]:
    """Take the lanes that wait longest, at one place no more than `AT_ONE_PLACE`, `besides` among them."""
    held, at = {lane.account_id for lane in besides}, Counter(lane.place for lane in besides)
    taken: list[Lane] = []
    while len(taken) < room:  # each time round one more place is full, or there are no more lanes
        limit, kept_out = 2 * room + len(held), full([*besides, *taken])
        found = lanes.ready(session, now, list(terms.apis), limit, full=kept_out, only=only)
        for lane in found:
            if lane.account_id not in held and at[lane.place] < AT_ONE_PLACE and len(taken) < room:
                taken.append(lane)
                held.add(lane.account_id)
                at[lane.place] += 1
        if len(found) < limit:
            break
    return taken
