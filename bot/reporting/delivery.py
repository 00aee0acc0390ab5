"""How delivery stands: what each network waits for, why, and until when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.calls import Scope
from bot.model.lane import Rest
from bot.storage import Session, lanes, quotas


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something at a network waits. `what`: `accounts`, or the scope that rests; `why`: a code of `Rest`.

    `count` accounts of that network wait for the same; `says` is the network's own sentence, may be empty.
    """

    network: str
    what: str
    why: str
    until: datetime | None
    """None: until the settings change."""
    count: int = 1
    says: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that waits, and the numbers of the engine; see `bot.storage.lanes.figures`."""

    waiting: tuple[Waiting, ...]
    figures: Mapping[str, float]


def standing(session: Session, now: datetime, called: Collection[str]) -> Standing:
    """Look at what waits at `now` (aware UTC). `called`: the networks that can be called. Reads only."""
    found = [
        Waiting(network, "accounts", Rest.UNUSED, None, count)
        for network, count in lanes.unused(session, called)
    ]
    found += [
        Waiting(one.network, "accounts", one.why, one.last, one.lanes)
        for one in lanes.waits(session, now)
        if one.network in called
    ]
    for key, window in quotas.rests(session, now).items():
        if key.scope is not Scope.ACCOUNT and window.until is not None:
            where = f"{key.scope.value} {key.key}".strip()
            found.append(Waiting(key.network, where, "rate_limited", window.until, says=window.why))
    for (network, instance), until in lanes.breakers(session).items():
        found.append(Waiting(network, instance or "network", "breaker", until))
    return Standing(
        tuple(sorted(found, key=lambda one: (one.network, one.until or now))),
        lanes.figures(session, now, called),
    )
