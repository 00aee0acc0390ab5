"""The engine: turns of one short transaction, and between them the calls, all at once, one for each account.

A turn settles the calls that ended and claims those that are due. Everything that must survive a crash is in
the database before a call is made; what is only here is which of our own calls are on their way.
"""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.delivery import aside, call, tokens
from bot.delivery.claim import Claim, claim
from bot.delivery.outcome import Ended
from bot.delivery.places import AT_ONCE, full
from bot.delivery.settle import settle
from bot.delivery.terms import Terms
from bot.errors import DataError
from bot.model.clock import Clock
from bot.model.lane import OWN_RESTS, Lane
from bot.model.secret import Secret
from bot.model.steady import Mark, Steady
from bot.storage import Session, lanes
from bot.storage.store import Store

log = structlog.get_logger()

LOOK_S = 1.0
"""At least so often the database is looked at: other processes write to it too."""
BREATH_S = 0.02
"""Between two turns, so that ends of calls gather."""
GATHER_S = 0.2
"""The same at most, when as many calls are on their way as may be: a turn costs little more for many."""
BLOCKED_S = 0.25
"""Between two looks when what is due cannot go."""
DRAIN_S = 4.0
"""How long calls may still take when the program stops."""
FAILED_S = 5.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a turn did: claims to make now, ends that came too late, and when the next lane may go."""

    claims: list[Claim]
    stale: int
    wake_at: datetime | None


def turn(
    session: Session,
    terms: Terms,
    ended: list[Ended],
    *,
    room: int,
    besides: Collection[Lane],
    now: datetime,
    mark: Mark,
    share: float,
) -> Taken:
    """Settle what ended, claim what is due: one transaction."""
    stale = settle(session, terms, ended, now=now, mark=mark, share=share) if ended else 0
    made = claim(session, terms, room=room, besides=besides, now=now, mark=mark) if room > 0 else []
    if len(made) >= room:  # nothing more can go before a call ends
        return Taken(made, stale, None)
    under_way = [*besides, *(one.lane for one in made)]
    return Taken(made, stale, lanes.next_wake(session, list(terms.apis), full(under_way)))


class Engine:
    """Delivers until it is cancelled. One for each process and database."""

    def __init__(
        self,
        store: Store,
        terms: Terms,
        opener: "tokens.Opener",
        clock: Clock,
        steady: Steady,
        *,
        at_once: int = AT_ONCE,
        look_s: float = LOOK_S,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._terms, self._opener = store, terms, opener
        self._clock, self._steady, self._rng = clock, steady, rng
        self._at_once, self._look_s = at_once, look_s
        self._running: dict[int, tuple[Claim, asyncio.Task[None]]] = {}
        self._ended: list[Ended] = []
        self._news = asyncio.Event()
        self._wake_at: datetime | None = None

    async def run(self) -> None:
        """Deliver. What a process of this name left behind is in doubt from now on. Cancelled, it drains."""
        await self.begin()
        loop = asyncio.get_running_loop()
        self._store.on_wake = lambda: loop.call_soon_threadsafe(self._news.set)
        try:
            while True:
                await self._breathe(await self._safely())
        finally:
            self._store.on_wake = None
            await self._drain()

    async def begin(self) -> None:
        """Take over what a process of this name left behind, and look anew at what the settings hold back."""
        now = self._clock.now()
        await self._store.write(lanes.lapse, self._terms.owner, now)
        await self._store.write(lanes.rouse, now, OWN_RESTS)

    async def step(self) -> Taken:
        """Take one turn and begin its calls."""
        ended = self._ended[:]
        besides = self._under_way(ended)
        taken = await self._store.write(
            turn,
            self._terms,
            ended,
            room=self._at_once - len(besides),
            besides=besides,
            now=self._clock.now(),
            mark=self._steady.mark(),
            share=self._rng(),
        )
        self._forget(ended)
        self._wake_at = taken.wake_at
        self._begin(taken.claims)
        if taken.stale:
            log.warning("ends_too_late", count=taken.stale)
        return taken

    async def settled(self) -> None:
        """Wait until no call is on its way, and write down how they ended."""
        while self._running:
            await asyncio.gather(*(task for _, task in self._running.values() if not task.done()))
            await self._settle(self._ended[:])

    def _under_way(self, ended: Sequence[Ended] = ()) -> list[Lane]:
        """Give the lanes of our calls but these: a lease that lapsed by a step of the clock is still ours."""
        over = {one.claim.lane.account_id for one in ended}
        return [one.lane for number, (one, _) in self._running.items() if number not in over]

    def _begin(self, claims: Sequence[Claim]) -> None:
        """Make the calls that are claimed."""
        for one in claims:
            task = asyncio.create_task(self._call(one), name=f"boost {one.call.boost_id}")
            self._running[one.lane.account_id] = one, task

    def _forget(self, ended: Sequence[Ended]) -> None:
        """Let go of ends that are written down, the oldest."""
        del self._ended[: len(ended)]
        for one in ended:
            self._running.pop(one.claim.lane.account_id, None)

    async def _safely(self) -> Taken | None:
        """Take a turn; a database that fails is tried again, and nothing is called meanwhile."""
        try:
            return await self._turn_or_parts()
        except DataError:
            log.exception("delivery_waits")
        except Exception:
            log.exception("delivery_failed")
        await asyncio.sleep(FAILED_S)
        return None

    async def _turn_or_parts(self) -> Taken:
        """Take a turn; one that a row breaks is taken in parts, so that it holds back no other."""
        try:
            return await self._step_if_due()
        except Exception as error:
            if aside.is_whole(error) or not await self._in_parts():
                raise
        return Taken([], 0, self._clock.now())

    async def _in_parts(self) -> int:
        """Settle and claim in halves, and put aside what breaks alone; give how much was dealt with."""
        done = await aside.sift(self._ended[:], self._settle, self._let_go)
        now, besides = self._clock.now(), self._under_way()
        room = self._at_once - len(besides)
        waiting = await self._store.read(aside.waiting, self._terms, room, besides, now)
        return done + await aside.sift(waiting, self._claim, self._put_aside)

    async def _claim(self, account_ids: Sequence[int]) -> None:
        """Claim for these accounts alone, and begin the calls."""
        besides = self._under_way()
        made = await self._store.write(
            claim,
            self._terms,
            room=self._at_once - len(besides),
            besides=besides,
            now=self._clock.now(),
            mark=self._steady.mark(),
            among=account_ids,
        )
        self._begin(made)

    async def _let_go(self, one: Ended, error: Exception) -> None:
        """Write no end: the lease lapses, so the boost is in doubt and the network is asked."""
        log.error("end_not_written", boost=one.claim.call.boost_id, **aside.found_at(error))
        self._forget([one])

    async def _put_aside(self, account_id: int, error: Exception) -> None:
        now, share = self._clock.now(), self._rng()
        boost_id = await self._store.write(aside.put_aside, account_id, now=now, share=share)
        log.error("lane_put_aside", account=account_id, boost=boost_id, **aside.found_at(error))

    async def _step_if_due(self) -> Taken:
        """Take a turn only when there is something to do, so that an idle program does not write."""
        self._news.clear()
        if not self._ended and not self._is_due():
            kept_out = full([one.lane for one, _ in self._running.values()])
            self._wake_at = await self._store.read(lanes.next_wake, list(self._terms.apis), kept_out)
            if not self._is_due():
                return Taken([], 0, self._wake_at)
        return await self.step()

    def _is_due(self) -> bool:
        """Whether a lane is due, as far as was seen."""
        return self._wake_at is not None and self._wake_at <= self._clock.now()

    async def _breathe(self, taken: Taken | None) -> None:
        """Wait for the next thing to do: a call that ends, a lane that is due or woken, or time to look."""
        self._cancel_late()
        wait = self._look_s
        if taken is not None and taken.wake_at is not None:
            wait = min(wait, (taken.wake_at - self._clock.now()).total_seconds())
        if wait <= 0:  # it came due meanwhile, or what is in its way is gone in a moment
            wait = BREATH_S if taken is not None and taken.claims else BLOCKED_S
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._news.wait()
                await self._gather()

    async def _gather(self) -> None:
        """Let ends of calls gather while they keep coming, the longer the more calls are on their way."""
        seen, most = 0, BREATH_S + len(self._running) / self._at_once * (GATHER_S - BREATH_S)
        start = time.monotonic()
        # None ended: it was a tap, whose volunteer waits.
        while len(self._ended) > seen and time.monotonic() - start < most:
            seen = len(self._ended)
            await asyncio.sleep(BREATH_S)

    def _cancel_late(self) -> None:
        """End calls whose deadline passed while this machine slept: the loop's own clock slept too."""
        mark, most = self._steady.mark(), self._terms.deadline.total_seconds()
        for one, task in self._running.values():
            passed = mark.since(one.started)
            if not task.done() and passed is not None and passed > most:
                task.cancel()

    async def _call(self, one: Claim) -> None:
        """Make a call and note its end."""
        passed = self._steady.mark().since(one.started)
        left = self._terms.deadline - timedelta(seconds=passed or 0.0)
        outcome = await call.make(
            one,
            self._terms.apis[one.lane.network],
            publisher=self._terms.publishers.get(one.lane.network),
            reveal=lambda claim: self._opener.reveal(claim.access),
            keep=self._keep,
            now=self._clock.now(),
            left_s=left.total_seconds(),
        )
        self._ended.append(Ended(one, outcome))
        self._news.set()

    async def _keep(self, one: Claim, token: Secret) -> bool:
        """Commit a fresh token before it is used."""
        sealed = self._opener.seal(one.access, token)
        return await self._store.write(tokens.renewed, one.lane.account_id, one.access.sealed, sealed)

    async def _settle(self, ended: Sequence[Ended]) -> None:
        await self._store.write(
            settle,
            self._terms,
            ended,
            now=self._clock.now(),
            mark=self._steady.mark(),
            share=self._rng(),
        )
        self._forget(ended)

    async def _drain(self) -> None:
        """Give the calls that are on their way a little time, then write down how all of them ended."""
        tasks = [task for _, task in self._running.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._ended:
            with suppress(DataError):  # what is not written down is in doubt at the next start
                await aside.sift(self._ended[:], self._settle, self._let_go)
