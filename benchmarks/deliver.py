"""The process of the engine that is measured: `python -m benchmarks.deliver KIND FOLDER URL …`.

KIND: `flood`, everything is due at once; `light`, one boost after the other; `bare`, requests without an
engine.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import event

from benchmarks import lent
from bot.app import App, build
from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.places import AT_ONCE
from bot.delivery.terms import Terms
from bot.model.boost import Mode
from bot.model.notice import Consent
from bot.model.policy import Policy
from bot.model.secret import Secret
from bot.model.steady import BootClock
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent, Made
from bot.networks.http import Http, anywhere
from bot.storage import Session
from tests.fakes.recording import RecordingApi

LIGHT_STEP_MS = 50.0
"""Between two boosts of `light`."""
BARE = 3_000
BEFORE = timedelta(seconds=2)
"""Of `light`, until the first is due."""
MOST_S = 120.0
POLICY = Policy(lent.NETWORK, frozenset(Mode), dict.fromkeys(Mode, Consent.ASKED), cap_day=50, spacing_min=0)


class Measured(NamedTuple):
    """What was measured; `wall`, `cpu` and `waits` are seconds."""

    made: int
    requests: int
    wall: float
    cpu: float
    statements: int
    """BEGIN included, COMMIT not; one for many rows counts once."""
    waits: list[float]
    """From due to the start of the first request, for each boost of `light`."""
    peak: int
    """Most memory the process ever held, in bytes."""

    def each(self, what: float) -> float:
        """Give the share of one boost."""
        return what / self.made

    @property
    def rate(self) -> float:
        """Give boosts a second."""
        return self.made / self.wall


class PlacesApi(RecordingApi):
    """Calls the place of each account, and notes when its first call began."""

    def __init__(self, http: Http, urls: Sequence[str]) -> None:
        super().__init__(http, "", name=lent.NETWORK)
        self._places = {f"i{n}.example": RecordingApi(http, url) for n, url in enumerate(urls)}
        self.began: dict[int, float] = {}
        self.made = self.requests = 0

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Boost, and count it."""
        made = await super().boost(lent, intent)
        self.made += 1
        return made

    async def _ask(self, action: str, lent: Lent, body: Mapping[str, Any]) -> Any:
        self.requests += 1
        self.began.setdefault(lent.account.id, time.time())
        return await self._places[lent.account.instance]._ask(action, lent, body)  # noqa: SLF001  of one class


def _engine(app: App, folder: Path, api: PlacesApi) -> Engine:
    terms = Terms("bench", {lent.NETWORK: api}, {lent.NETWORK: POLICY})
    opener = tokens.Opener(folder / lent.KEY, app.settings.data_dir)
    return Engine(app.store, terms, opener, app.clock, BootClock())


def _open(session: Session) -> int:
    return int(
        session.connection()
        .exec_driver_sql("SELECT count(*) FROM boost WHERE state != 'verified'")
        .scalar_one()
    )


async def _until_done(app: App, engine: Engine, api: PlacesApi, wanted: int) -> float:
    """Run the engine until it has made and written down all boosts; give the seconds until that was seen."""
    start = time.perf_counter()
    running = asyncio.create_task(engine.run())
    try:
        async with asyncio.timeout(MOST_S):
            while api.made < wanted or await app.store.read(_open):  # noqa: ASYNC110  of the database
                await asyncio.sleep(0.02)
        return time.perf_counter() - start
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _delivered(kind: str, folder: Path, urls: Sequence[str]) -> Measured:
    """Deliver all that a folder's installation owes, and count."""
    app = build(lent.settings(folder))
    wanted, now = app.store.run_read(_open), datetime.now(UTC)
    app.store.run_write(lent.looked, now)
    first = now + BEFORE
    if kind == "light":
        app.store.run_write(lent.due, first, LIGHT_STEP_MS)
    statements = [0]

    @event.listens_for(app.store.engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        statements[0] += 1

    async with Http(anywhere) as http:
        api, cpu = PlacesApi(http, urls), time.process_time()
        wall = await _until_done(app, _engine(app, folder, api), api, wanted)
        cpu = time.process_time() - cpu
    app.close()
    if api.made != wanted:
        message = f"{api.made} boosts were made, {wanted} were wanted"
        raise RuntimeError(message)
    step = LIGHT_STEP_MS / 1000
    waits = [at - first.timestamp() - (number - 1) * step for number, at in api.began.items()]
    waits = waits if kind == "light" else []
    return Measured(api.made, api.requests, wall, cpu, statements[0], waits, _peak())


async def _bare(urls: Sequence[str]) -> Measured:
    """Make the same requests with nothing around them, as many at once as the engine does."""
    async with Http(anywhere) as http:
        api, at = PlacesApi(http, urls), datetime.now(UTC)
        left = iter(range(1, BARE + 1))

        async def work() -> None:
            for n in left:
                who = Account(n, n, lent.NETWORK, f"demo{n}@i{n % len(urls)}.example")
                await api.boost(Lent(who, Secret(f"v{n}")), Intent(n, f"t{n}", at))

        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(api.made, api.requests, wall, cpu, 0, [], _peak())


def _peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Linux counts it in KiB


def main(kind: str, folder: str, urls: Sequence[str]) -> None:
    """Measure one thing and write it down as JSON."""
    print(json.dumps(asyncio.run(_bare(urls) if kind == "bare" else _delivered(kind, Path(folder), urls))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
