"""Is there room for one more call? Everything that networks limit, kept in the transaction of the claim."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.delivery.allow import Later
from bot.model.budget import Budget
from bot.model.calls import Action, Learnt, Scope
from bot.model.lane import Lane, Rest
from bot.model.quota import (
    FRESH,
    REST,
    Key,
    Window,
    holds,
    key_for,
    learnt_key,
    named,
    opens,
    shut,
    spend,
    use,
)
from bot.networks.api.base import Api
from bot.storage import Session, quotas, spending

SCOPES = tuple(Scope)
NO_BUDGET = Budget(0, 0)
"""Of a network whose calls cost money and that has no budget: nothing is spent."""


class Room:
    """The limits that bear on some lanes. `known` is changed in place; nothing is read or kept here."""

    def __init__(self, known: dict[Key, Window], apis: Mapping[str, Api], now: datetime) -> None:
        self._known, self._apis, self._now = known, apis, now
        self.changed: dict[Key, Window] = {}

    def refuse(self, lane: Lane, action: Action) -> Later | None:
        """Say until when a limit holds back a call; None: there is room."""
        ends = [(until, Rest.RATE_LIMITED) for until in self._rests(lane)]
        for scope in SCOPES:
            learnt = self._at(learnt_key(lane.network, scope, *who(lane), action))
            if until := shut(learnt, self._now):
                ends.append((until, Rest.RATE_LIMITED))
        for limit in self._apis[lane.network].limits:
            if action not in limit.actions:
                continue
            window = self._at(key_for(lane.network, limit.scope, *who(lane), named(limit)))
            if until := opens(limit, window, self._now, limit.weight(action)):
                ends.append((until, Rest.LIMIT))
        return Later(*max(ends), lane=True) if ends else None

    def take(self, lane: Lane, action: Action) -> None:
        """Note a call that there is room for."""
        for scope in SCOPES:
            key = learnt_key(lane.network, scope, *who(lane), action)
            if holds(self._at(key), self._now):
                self._set(key, spend(self._at(key)))
        for limit in self._apis[lane.network].limits:
            if action in limit.actions:
                key = key_for(lane.network, limit.scope, *who(lane), named(limit))
                self._set(key, use(limit, self._at(key), self._now, limit.weight(action)))

    def learn(self, lane: Lane, told: Iterable[Learnt]) -> None:
        """Keep what an answer said of its windows."""
        for one in told:
            key = learnt_key(lane.network, one.scope, *who(lane), one.action)
            self._set(key, Window(None, one.left, one.until))

    def rest(self, lane: Lane, scope: Scope, until: datetime, why: str) -> None:
        """Let everything in a scope rest."""
        key = key_for(lane.network, scope, *who(lane), REST)
        before = self._at(key)
        later = max(until, before.until) if holds(before, self._now) and before.until else until
        self._set(key, Window(None, min(before.left, 0) - 1, later, why))

    def failures(self, lane: Lane, scope: Scope) -> int:
        """Count the failures in a row in a scope."""
        return -min(self._at(key_for(lane.network, scope, *who(lane), REST)).left, 0)

    def recover(self, lane: Lane) -> None:
        """Forget the failures before an answer that came."""
        for scope in SCOPES:
            key = key_for(lane.network, scope, *who(lane), REST)
            if self._at(key).left < 0 and not holds(self._at(key), self._now):
                self._set(key, FRESH)

    def _rests(self, lane: Lane) -> list[datetime]:
        keys = (key_for(lane.network, scope, *who(lane), REST) for scope in SCOPES)
        found = (shut(self._at(key), self._now) for key in keys)
        return [until for until in found if until]

    def _at(self, key: Key) -> Window:
        return self._known.get(key, FRESH)

    def _set(self, key: Key, window: Window) -> None:
        self._known[key] = self.changed[key] = window


def room_for(session: Session, lanes: Iterable[Lane], apis: Mapping[str, Api], now: datetime) -> Room:
    """Read the limits that bear on some lanes."""
    wanted = {key_for(lane.network, scope, *who(lane), "") for lane in lanes for scope in SCOPES}
    return Room(quotas.some(session, wanted), apis, now)


def keep(session: Session, room: Room) -> None:
    """Write down what has changed."""
    quotas.keep(session, list(room.changed.items()))


def who(lane: Lane) -> tuple[int, str]:
    """Give what limits are counted by: the account and its instance."""
    return lane.account_id, lane.instance


def reserve(
    session: Session, network: str, action: Action, price: int, budget: Budget | None, now: datetime
) -> int | Later:
    """Reserve what a call costs; give the entry of the ledger, or until when there is no money."""
    got = spending.reserve(
        session, network, action.value, price=price, least=1, most=1, budget=budget or NO_BUDGET, now=now
    )
    if isinstance(got, tuple):
        return got[0]
    return Later(max(got, now + timedelta(minutes=1)), Rest.BUDGET, lane=True)
