"""Thirty days of boosts against the windows of four kinds of server: a pure play with a clock of its own.

The servers count as the notes on their networks say, in every span and not only from one reset to the next.
Everybody boosts as soon as the limits that our adapters declare, and what the answers tell, let them.
"""

import heapq
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.delivery.quotas import Room
from bot.model.calls import Action, Learnt, Scope
from bot.model.lane import Lane
from bot.model.quota import Key, Window
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.api.mastodon import MastodonApi
from bot.networks.api.x import XApi
from bot.networks.api.x_answers import learnt as told_by_x
from bot.networks.atproto.answers import CALLS_MOST
from tests.fakes.x_bounds import Windows

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 30
CALL_S = 0.3
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNDO_EACH, LOOK_EACH = 10, 20
"""One boost in so many is taken back, and one in so many is made after a look where looks are kept."""


@dataclass
class Bound:
    """A server's own count: at most `most` in any `per`, by account or by host, of what actions weigh."""

    most: int
    per: timedelta
    weights: dict[Action, int]
    host: bool = False
    seen: dict[object, deque[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(deque))
    sums: Counter[object] = field(default_factory=Counter)
    fullest: int = 0

    def fits(self, lane: Lane, action: Action, now: datetime) -> bool:
        """Count a call."""
        weight, key = self.weights.get(action, 0), lane.instance if self.host else lane.account_id
        calls = self.seen[key]
        while calls and calls[0][0] <= now - self.per:
            self.sums[key] -= calls.popleft()[1]
        calls.append((now, weight))
        self.sums[key] += weight
        self.fullest = max(self.fullest, self.sums[key])
        return self.sums[key] <= self.most


class Server:
    """Counts by bounds, and tells nothing: what our adapters declare has to be enough."""

    def __init__(self, *bounds: Bound) -> None:
        self.bounds = bounds

    def call(self, lane: Lane, action: Action, now: datetime) -> tuple[bool, tuple[Learnt, ...]]:
        """Say whether the call fits, and what the answer tells of windows."""
        return not sum(not bound.fits(lane, action, now) for bound in self.bounds), ()


class XServer(Server):
    """Counts as the tests' X does, the app's day included, which nobody declares: the headers tell of it."""

    def __init__(self, day_app: int) -> None:
        calls = {Action.BOOST: 1}
        super().__init__(Bound(50, 15 * MINUTE, calls), Bound(300, 3 * HOUR, calls))
        self._windows = Windows(day_app=day_app)

    def call(self, lane: Lane, action: Action, now: datetime) -> tuple[bool, tuple[Learnt, ...]]:
        """See `Server.call`."""
        fits, _ = super().call(lane, action, now)
        there, lines = self._windows.count(_ENDPOINTS[action], str(lane.account_id), now.timestamp())
        headers = dict(line.split(": ") for line in lines)
        told = told_by_x(headers, action, Scope.ACCOUNT, now)
        return fits and there, () if action is Action.UNDO else told  # an undo's answer is not kept


_ENDPOINTS = {
    Action.LOOK: ("GET", "tweets"),
    Action.BOOST: ("POST", "retweets"),
    Action.UNDO: ("DELETE", "retweets"),
}
_EACH = dict.fromkeys((Action.LOOK, Action.BOOST, Action.UNDO), 1)
_APIS = {"mastodon": MastodonApi, "gotosocial": MastodonApi, "bluesky": BlueskyApi, "x": XApi}


def servers() -> dict[str, Server]:
    """Give a server of each kind, as ../shared/networks/*.md have measured or read them."""
    points = {Action.BOOST: 2, Action.UNDO: 1}
    return {
        "mastodon": Server(
            Bound(300, 5 * MINUTE, _EACH),
            Bound(300, 3 * HOUR, {Action.BOOST: 1}),
            Bound(30, 30 * MINUTE, {Action.UNDO: 1}),
        ),
        "gotosocial": Server(Bound(300, 5 * MINUTE, _EACH | {Action.BOOST: 2}, host=True)),
        "bluesky": Server(
            Bound(5_000, HOUR, points),
            Bound(35_000, DAY, points),
            Bound(3_000, 5 * MINUTE, dict.fromkeys(_EACH, CALLS_MOST), host=True),
        ),
        "x": XServer(day_app=150),
    }


@dataclass
class Month:
    """What came of a play."""

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Calls that a server answered 429."""
    held: Counter[str] = field(default_factory=Counter)
    """Calls that we held back before they were made."""
    boosts: Counter[str] = field(default_factory=Counter)
    fullest: dict[str, list[str]] = field(default_factory=dict)


def wishes(network: str, number: int) -> Iterator[tuple[datetime, int]]:
    """Give when an account is asked for how many boosts: a few each morning, and storms beyond limits."""
    for day in range(DAYS):
        morning = BEGIN + timedelta(days=day, hours=7, minutes=number)
        if network == "x":
            yield morning, 60
        elif network == "bluesky":
            yield morning, 20_000 if (day, number) == (12, 0) else 30
        else:
            yield morning, 400 if day % 10 == 3 else 12


def actions(network: str, number: int) -> Iterator[tuple[datetime, Action]]:
    """Give the calls of an account in their order, each with the moment from which it is wanted."""
    count = 0
    for at, boosts in wishes(network, number):
        for _ in range(boosts):
            count += 1
            if network != "bluesky" or count % LOOK_EACH == 0:
                yield at, Action.LOOK
            yield at, Action.BOOST
            if count % UNDO_EACH == 0:
                yield at, Action.UNDO


def play(accounts: int = 4) -> Month:
    """Play the month with so many accounts at each server."""
    month, there, end = Month(), servers(), BEGIN + timedelta(days=DAYS)
    known: dict[Key, Window] = {}
    people = [
        (lane_of(number * 10 + index, name), actions(name, index))
        for number, name in enumerate(there, 1)
        for index in range(accounts)
    ]
    queue: list[tuple[datetime, int, Action]] = []
    for number, (_, calls) in enumerate(people):
        at, action = next(calls)
        heapq.heappush(queue, (at, number, action))
    while queue[0][0] < end:
        now, number, action = heapq.heappop(queue)
        lane, calls = people[number]
        room = Room(known, _APIS, now)
        if (held := room.refuse(lane, action)) is not None:
            month.held[lane.network] += 1
            heapq.heappush(queue, (held.until, number, action))
            continue
        room.take(lane, action)
        fits, told = there[lane.network].call(lane, action, now)
        room.learn(lane, told)
        month.calls[lane.network] += 1
        month.refused[lane.network] += not fits
        month.boosts[lane.network] += action is Action.BOOST
        at, following = next(calls, (end, action))
        heapq.heappush(queue, (max(at, now + timedelta(seconds=CALL_S)), number, following))
    for name, server in there.items():
        month.fullest[name] = [f"{bound.fullest} of {bound.most}" for bound in server.bounds]
    return month


def lane_of(account_id: int, name: str) -> Lane:
    """Give the lane of an account at a kind of server."""
    return Lane(account_id, name, f"{name}.example", leased=False, epoch=0, refusals=0)


def run() -> list[tuple[str, str, str]]:
    """Give a row for each kind of server."""
    begin = time.process_time()
    month = play()
    spent = time.process_time() - begin
    rows = []
    for name, count in month.calls.items():
        note = (
            f"{count:,} calls, {month.boosts[name]:,} of them boosts, held back {month.held[name]:,} times; "
        )
        note += f"fullest spans {', '.join(month.fullest[name])}"
        rows.append((f"{name}: answers 429", f"{month.refused[name]}", note))
    each = f"{spent / sum(month.calls.values()) * 1e6:.0f} µs"
    return [*rows, ("processor time of a call's limits", each, f"{spent:.1f} s in all")]
