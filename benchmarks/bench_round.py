"""One planning round over 1,000 volunteers and 500 active notices, and how its cost grows."""

import math
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import goals
from bot.app import App, build
from bot.model.boost import BoostState, Mode
from bot.model.notice import CloseReason, Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.volunteer import Limits
from bot.planning import ask
from bot.planning import round as planning
from bot.settings import Settings
from bot.storage import Session, boosts, notices, rounds, seekers, volunteers

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
SIZES = ((1000, 500), (2000, 1000), (4000, 2000))
WORDS = NoticeText("Welder", "Lille", remote=False, contract=Contract.ANY, text="Free at once.", name="Ana")
NETWORKS = ("x", "mastodon", "bluesky", "linkedin")
SECTORS = "ABCDEFGHIJKLMN"
REGIONS = [str(n) for n in range(18)]


def fill(session: Session, people: int, calls: int) -> None:
    """Insert a collective: half the volunteers choose sectors, half regions; most notices have both."""
    rng = random.Random(20150926)
    for i in range(calls):
        call = invented_notice(session, rng, i)
        opened = NOW - timedelta(hours=rng.randrange(160))
        ends = opened + timedelta(days=7)
        notices.move(session, call.id, NoticeState.ACTIVE, opened_at=opened, deadline=ends)
    ended = invented_notice(session, random.Random(0), calls)
    notices.close(session, ended.id, CloseReason.FOUND_JOB, NOW)
    for i in range(people):
        remember(session, ended.id, invented_volunteer(session, rng, i), rng.randrange(4, 30))


def invented_notice(session: Session, rng: random.Random, i: int) -> Notice:
    """Insert a notice that waits for a moderator, with a post of its own in seven cases of ten."""
    posts = [PostRef(rng.choice(NETWORKS), f"https://example.org/{i}", str(i))] if rng.random() < 0.7 else []
    return notices.add(
        session,
        seeker_id=seekers.add(session, lang="fr", email=None, now=NOW),
        words=WORDS,
        lang="en" if rng.random() < 0.05 else "fr",
        sector=rng.choice(SECTORS) if rng.random() < 0.8 else None,
        region=rng.choice(REGIONS) if rng.random() < 0.7 else None,
        posts=posts,
        share_slug=f"s{i}",
        token_hash=f"n{i}",
        demand=12,
        now=NOW,
    )


def invented_volunteer(session: Session, rng: random.Random, i: int) -> int:
    """Insert a volunteer with one account, or two in a case of three; give the number."""
    limits = Limits(rng.choice((2, 5, 5, 10)), rng.choice((20, 30, 60)), 22 * 60, 9 * 60, "Europe/Paris")
    volunteer_id = volunteers.add(
        session,
        name="Sam",
        lang="fr",
        languages={"fr", "en"} if rng.random() < 0.3 else {"fr"},
        limits=limits,
        sectors=set(rng.sample(SECTORS, 5)) if rng.random() < 0.5 else None,
        regions=set(rng.sample(REGIONS, 4)) if rng.random() < 0.5 else None,
        token_hash=f"v{i}",
        charter_version="1",
        now=NOW,
    )
    accounts = [(network, f"v{i}") for network in rng.sample(NETWORKS, rng.choice((1, 1, 2)))]
    volunteers.set_accounts(session, volunteer_id, accounts)
    return volunteer_id


def remember(session: Session, notice_id: int, volunteer_id: int, hours: int) -> None:
    """Let a volunteer have been asked before, so that not everybody is due at once."""
    account = volunteers.get(session, volunteer_id).accounts[0]
    at = NOW - timedelta(hours=hours)
    boost_id = boosts.plan(
        session,
        notice_id=notice_id,
        volunteer_id=volunteer_id,
        account_id=account.id,
        network=account.network,
        mode=Mode.BY_HAND,
        due_at=at,
        reason={},
    )
    boosts.move(session, boost_id, BoostState.ASKED, asked_at=at, expires_at=at)
    boosts.move(session, boost_id, BoostState.DECLARED, ended_at=at)


def timed(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Give the median wall and processor seconds of `times` runs."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return median(walls), median(cpus)


def measure(app: App, people: int, calls: int) -> tuple[list[tuple[str, str, str]], float]:
    """Give the rows of one size and the processor seconds of the allocation."""
    app.store.run_write(fill, people, calls)

    def one_round(minutes: int) -> planning.RoundResult:
        return app.store.run_write(
            planning.run,
            settings=app.settings,
            keys=app.keys,
            networks=app.networks,
            now=NOW + timedelta(minutes=minutes),
        )

    first, first_cpu = timed(lambda: one_round(0), 1)
    result = one_round(0)
    idle, idle_cpu = timed(lambda: one_round(0), 5)
    snapshot = app.store.run_read(planning.read, app.settings, app.keys, app.networks, NOW)
    allocation, cpu = timed(lambda: planning.allocate(snapshot, NOW), 5)
    due = app.store.run_read(rounds.planned, due_before=NOW)
    asking, asking_cpu = timed(
        lambda: app.store.run_write(
            ask.ask_due, settings=app.settings, keys=app.keys, networks=app.networks, now=NOW
        ),
        1,
    )
    if (people, calls) == SIZES[0]:
        goals.note(
            "DB",
            "a round for 1,000 volunteers and 500 notices ≤ 1 s",
            f"{first_cpu:.2f} s first, {idle_cpu:.2f} s later",
            first_cpu <= 1,
        )
        rate = len(due) / asking_cpu
        goals.note("DB", "≥ 1,000 decisions a second", f"{rate:,.0f}/s ({len(due)} at once)", rate >= 1_000)
    size = f"{people:,} volunteers, {calls:,} notices"
    boosts = f"{result.kept:,} boosts planned, {result.unserved} notices told why not"
    rows = [
        (f"allocation alone, {size}", f"{allocation:.2f} s", f"{boosts}; {cpu:.2f} s of processor"),
        ("first round, everything written", f"{first:.2f} s", f"{first_cpu:.2f} s of processor"),
        ("round with nothing new", f"{idle:.2f} s", f"{idle_cpu:.2f} s of processor"),
        ("asking what is due at once", f"{asking:.2f} s", f"{asking_cpu:.2f} s of processor"),
    ]
    return rows, cpu


def run() -> list[tuple[str, str, str]]:
    """Measure every size in a database of its own."""
    rows: list[tuple[str, str, str]] = []
    costs: list[float] = []
    for people, calls in SIZES:
        with TemporaryDirectory() as folder:
            app = build(Settings(data_dir=Path(folder), _env_file=None))  # type: ignore[call-arg]
            try:
                found, cpu = measure(app, people, calls)
            finally:
                app.close()
        rows += found
        costs.append(cpu)
    exponent = math.log(costs[-1] / costs[0]) / math.log(SIZES[-1][0] / SIZES[0][0])
    rows.append(("growth of the allocation", f"n^{exponent:.2f}", "n: volunteers and notices grow together"))
    return rows
