"""How delivery stands: what each network waits for, why, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.calls import Scope
from bot.storage import Session, lanes, quotas


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something at a network waits. `what`: `accounts`, or the scope that rests; `why`: a code of `Rest`.

    `count` accounts of that network wait for the same; `says` is the network's own sentence, may be empty.
    """

    network: str
    what: str
    why: str
    until: datetime
    count: int = 1
    says: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that waits, and the numbers of the engine; see `bot.storage.lanes.figures`."""

    waiting: tuple[Waiting, ...]
    figures: Mapping[str, float]


def standing(session: Session, now: datetime) -> Standing:
    """Look at what waits at `now` (aware UTC). Reads only."""
    found = [
        Waiting(one.network, "accounts", one.why, one.last, one.lanes) for one in lanes.waits(session, now)
    ]
    for key, window in quotas.rests(session, now).items():
        if key.scope is not Scope.ACCOUNT and window.until is not None:
            where = f"{key.scope.value} {key.key}".strip()
            found.append(Waiting(key.network, where, "rate_limited", window.until, says=window.why))
    for (network, instance), until in lanes.breakers(session).items():
        found.append(Waiting(network, instance or "network", "breaker", until))
    return Standing(
        tuple(sorted(found, key=lambda one: (one.network, one.until))), lanes.figures(session, now)
    )
