"""Thirty simulated days of a whole daemon, while its memory, open files and log on the disk are watched.

`python -m tests.faults.soak MINUTES > soak.tsv`. The daemon is the real one on a fast clock: pages, ticks,
the demo's crowd by hand, the delivery engine on a recording network that fails now and then, and, once a
simulated day, what its fast clock leaves out: retention, and a backup that is looked at. The network and
whoever asks for pages live in this process, so that only the daemon is measured.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from sqlalchemy.exc import IntegrityError

from benchmarks.daemon import environment, free_port
from bot.app import App, build
from bot.backup import check, make
from bot.daemon import serve
from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.demo import story
from bot.demo.people import COMING
from bot.model.clock import Clock, FastClock
from bot.model.notice import Notice
from bot.model.secret import Secret
from bot.model.steady import BootClock
from bot.model.volunteer import Volunteer
from bot.networks.api.base import Lent
from bot.networks.http import Http, anywhere
from bot.privacy import retention
from bot.settings import Settings
from bot.storage import volunteers
from tests.clocks import NOW, StillClock
from tests.delivery.lending import NETWORK, Lending, policy
from tests.fakes.recording import RecordingApi, RecordingNet
from tests.fakes.wire import wire

DAYS = 30
LENDERS = 20
LOOK_S = 5.0
PAGES = ("/fr/", "/fr/join", "/fr/impact", "/en/", "/healthz")
FAULTS = {"lost": 0.02, "e503": 0.02, "e429": 0.01, "e500after": 0.01, "early": 0.01}
GOOD = timedelta(hours=6)
"""How long a token is good; then it turns."""


class Steps:
    """The fast clock as the engine sees it: it stands still for a quarter of an hour, and steps.

    A post must have been looked at within a minute before it is boosted: less than a turn takes.
    """

    speed = 1.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Give the last quarter of an hour."""
        moment = self._clock.now()
        return moment - (moment - NOW) % timedelta(minutes=15)


class Turning(RecordingApi):
    """Renews a token that is no longer good: `NAME.EXPIRY`."""

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """See `RecordingApi.renew`."""
        name, _, good = lent.token.reveal().partition(".")
        if now.timestamp() < float(good or 0):
            return None
        return Secret(f"{name}.{(now + GOOD).timestamp():.0f}")


# ---------- the daemon ----------


def daemon(folder: Path, url: str, speed: float) -> int:
    """Play the demo's past, lend accounts, then serve until told to stop."""
    settings = Settings(data_dir=folder / "data", plan_every_s=1, _env_file=None)
    past, rng = build(settings, demo=True), random.Random(story.SEED)
    stage = story.play(past, NOW)
    lending = Lending(past, StillClock(NOW), None, None, folder / "vault.key", url)
    for index in range(LENDERS):
        person_id, _ = story.recruit(past, rng, 1 + index, NOW, tag=f"lender_{index}")
        person = past.store.run_read(volunteers.get, person_id)
        for account in person.accounts:
            if account.network == NETWORK:
                lending.lend(account, token=f"lender{index}")
    past.close()
    app = build(settings, clock=FastClock(NOW, speed), demo=True)
    return serve(app, "ready", beside=lambda live: _live(live, stage, folder, url))


async def _live(app: App, stage: story.Stage, folder: Path, url: str) -> None:
    lending = Lending(app, app.clock, None, None, folder / "vault.key", url)  # type: ignore[arg-type]
    opener = tokens.Opener(folder / "vault.key", app.settings.data_dir)
    async with Http(anywhere) as http, asyncio.TaskGroup() as tasks:
        clock, waits = Steps(app.clock), {"deadline": timedelta(seconds=3), "quiet": timedelta(seconds=7)}
        terms = Terms("daemon", {NETWORK: Turning(http, url, now=clock.now)}, {NETWORK: policy()}, **waits)
        tasks.create_task(Engine(app.store, terms, opener, clock, BootClock()).run())
        tasks.create_task(_crowd(app, stage, lending))
        tasks.create_task(_keep(app))


async def _crowd(app: App, stage: story.Stage, lending: Lending) -> None:
    rng, sent, turn = random.Random(1), 0, 0
    lenders = [
        person
        for person in app.store.run_read(volunteers.listed)
        if any(one.handle.startswith("lender_") for one in person.accounts)
    ]
    while True:
        await asyncio.sleep(1.0)
        turn, now = turn + 1, app.clock.now()
        sent = await asyncio.to_thread(story.go_on, app, rng, now, sent)
        await asyncio.to_thread(story.answer, app, rng, now, besides=stage.you, eagerness=0.3)
        if turn % 10 == 0:
            await asyncio.to_thread(_wanted, app, lending, rng, turn, lenders)


def _wanted(app: App, lending: Lending, rng: random.Random, turn: int, lenders: list[Volunteer]) -> None:
    """A notice with a post comes; some of those who lend shall boost it."""
    part, now = replace(COMING[turn % len(COMING)], mastodon=True), app.clock.now()
    notice: Notice = story.send(app, part, 10_000 + turn, now)[0]
    story.read(app, notice, now)
    for person in rng.sample(lenders, 8):
        for account in person.accounts:
            if account.network == NETWORK:
                with suppress(IntegrityError):  # the round has planned it already
                    lending.due(notice, person, account=account)


async def _keep(app: App) -> None:
    """Do what a fast clock leaves out, once a simulated day."""
    while True:
        await asyncio.sleep(86_400 / app.clock.speed)
        await asyncio.to_thread(retention.sweep, app.store, app.ledger(), now=app.clock.now())
        note = await asyncio.to_thread(
            make.create, app.settings, app.keys, why="nightly", now=app.clock.now()
        )
        found = await asyncio.to_thread(check.verify, app.settings, app.keys, note.name)
        assert not found.problems, found.problems


# ---------- whoever looks ----------


class Look(NamedTuple):
    """A daemon at one moment: simulated day, KiB, open files, KiB of its log on the disk, boosts by calls."""

    day: float
    resident: int
    files: int
    wal: int
    boosts: int


def _look(pid: int, data: Path, day: float, net: RecordingNet) -> Look:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    wal = data / "languette.db-wal"
    size = wal.stat().st_size // 1024 if wal.exists() else 0
    return Look(day, resident, len(list(Path(f"/proc/{pid}/fd").iterdir())), size, sum(net.boosts().values()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def watch(minutes: float) -> None:
    """Run the daemon for so many real minutes, in which thirty of its days pass; print what is seen."""
    speed, net = DAYS * 1440 / minutes, RecordingNet(kind="set", faults=FAULTS)
    with TemporaryDirectory(prefix="soak-") as name:
        folder, port = Path(name), free_port()
        async with wire(net.answer) as url:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.soak", "daemon", name, url, str(speed),
                env=environment(port), start_new_session=True, stdout=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                await _ask(process.pid, folder, f"http://127.0.0.1:{port}", minutes, net)
            finally:
                process.terminate()
                await process.wait()
    _say(f"# the daemon ended with {process.returncode}")


async def _ask(pid: int, folder: Path, url: str, minutes: float, net: RecordingNet) -> None:
    seen: list[Look] = []
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            with suppress(httpx.TransportError):
                if (await client.get(f"{url}/fr/")).status_code == httpx.codes.OK:
                    break
            await asyncio.sleep(0.5)
        begun = time.monotonic()
        _say("\t".join(Look._fields))
        while (passed := time.monotonic() - begun) < minutes * 60:
            for page in PAGES:
                (await client.get(url + page)).raise_for_status()
            seen.append(_look(pid, folder / "data", round(passed / 60 / minutes * DAYS, 2), net))
            _say("\t".join(map(str, seen[-1])))
            await asyncio.sleep(LOOK_S)
    for line in _sum(seen):
        _say(f"# {line}")


def _sum(seen: list[Look]) -> Iterator[str]:
    """Compare the third tenth of the time with the last one: before, caches fill."""
    tenth = len(seen) // 10

    def middle(field: str, part: list[Look]) -> float:
        return sorted(getattr(one, field) for one in part)[len(part) // 2]

    early, late = seen[2 * tenth : 3 * tenth], seen[-tenth:]
    for field in ("resident", "files"):
        before, after = middle(field, early), middle(field, late)
        yield f"{field}: {before:.0f}, then {after:.0f}: {(after / before - 1) * 100:+.1f} %"
    yield f"wal: {max(one.wal for one in seen)} KiB at most; boosts by calls: {seen[-1].boosts}"


if __name__ == "__main__":
    if sys.argv[1] == "daemon":
        sys.exit(daemon(Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
    asyncio.run(watch(float(sys.argv[1])))
