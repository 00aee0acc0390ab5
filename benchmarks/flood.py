"""The form under ten times its load: 50 a second, four of five by programs. FLOOD_S: seconds, 60 if unset."""

import asyncio
import os
import random
import sqlite3
import statistics
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.daemon import cpu_time, running
from benchmarks.forms import PATIENCE_S, TYPED, loaded

SECONDS = int(os.environ.get("FLOOD_S", "60"))
A_SECOND = 50
PEOPLE = 0.2
BOT_NETWORKS = 40
ASK_EVERY_S = 10
SEED = 7


class Flood:
    """What was sent and how it was answered."""

    def __init__(self, url: str, database: Path) -> None:
        self.url, self.database = url, database
        self.rng = random.Random(SEED)
        self.took: list[float] = []
        self.answers: dict[str, Counter[int]] = {"people": Counter(), "programs": Counter()}
        self.late_s = 0.0
        self.stamps: list[dict[str, str]] = []

    async def person(self, client: httpx.AsyncClient, number: int) -> None:
        """Load the form, write, let the browser work, send: from a network of one's own."""
        at = {"X-Forwarded-For": f"2001:db8:{number // 65536:x}:{number % 65536:x}::1"}
        action, values = await loaded(client, at)
        await asyncio.sleep(PATIENCE_S)
        await self.send(client, "people", action, values | TYPED | {"name": f"Inès {number}"}, at)
        self.stamps.append(values)

    async def program(self, client: httpx.AsyncClient) -> None:
        """Send without loading or waiting: no stamp, one that was used, no work, or nonsense."""
        at = {"X-Forwarded-For": f"198.51.100.{self.rng.randrange(BOT_NETWORKS)}"}
        values: dict[str, str] = {}
        if self.stamps and self.rng.random() < 0.7:
            values = dict(self.rng.choice(self.stamps[-200:]))
        if self.rng.random() < 0.5:
            values["work"] = ""
        typed = TYPED | {"name": "Bot", "text": "spam " * self.rng.randrange(1, 80)}
        await self.send(client, "programs", "/fr/", values | typed, at)

    async def send(
        self, client: httpx.AsyncClient, who: str, action: str, data: dict[str, str], at: dict[str, str]
    ) -> None:
        """Send one form and note how long the answer took."""
        data = {"text": "Dix ans de soudure."} | data
        began = time.perf_counter()
        answer = await client.post(action, data=data, headers={"Origin": self.url, **at})
        self.took.append(time.perf_counter() - began)
        self.answers[who][answer.status_code] += 1

    async def watch(self) -> None:
        """Note how late the tick that asks volunteers is."""
        while True:
            await asyncio.sleep(1)
            with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as database:
                row = database.execute("SELECT at FROM tick WHERE name = 'ask'").fetchone()
            if row:
                at = datetime.fromisoformat(row[0]).replace(tzinfo=UTC)
                late = (datetime.now(UTC) - at).total_seconds() - ASK_EVERY_S
                self.late_s = max(self.late_s, late)

    async def run(self) -> None:
        """Send at an even pace, whether or not the answers keep up."""
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=100)
        nobody = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # every form comes from another browser
        async with httpx.AsyncClient(base_url=self.url, timeout=60, limits=limits, cookies=nobody) as client:
            watching = asyncio.create_task(self.watch())
            start, tasks = time.perf_counter(), []
            for number in range(SECONDS * A_SECOND):
                await asyncio.sleep(max(0.0, start + number / A_SECOND - time.perf_counter()))
                one = self.person(client, number) if self.rng.random() < PEOPLE else self.program(client)
                tasks.append(asyncio.create_task(one))
            await asyncio.gather(*tasks)
            watching.cancel()


def run() -> list[tuple[str, str, str]]:
    """Flood a daemon; give times, answers and how late its ticks were."""
    with TemporaryDirectory() as name, running(Path(name)) as daemon:
        flood = Flood(daemon.url, Path(name) / "data" / "languette.db")
        asyncio.run(flood.run())
        cpu_s = cpu_time(daemon.pid) - daemon.cpu_s
    p95 = statistics.quantiles(flood.took, n=20)[-1]
    errors = sum(
        count for answers in flood.answers.values() for code, count in answers.items() if code >= 500
    )
    said = "; ".join(
        f"{who}: " + ", ".join(f"{count} times {code}" for code, count in sorted(answers.items()))
        for who, answers in flood.answers.items()
    )
    note = f"{SECONDS} s at {A_SECOND} forms a second, {1 - PEOPLE:.0%} by programs"
    return [
        ("Time of one form in a flood, 95th percentile", f"{p95 * 1000:.0f} ms", note),
        ("Time of one form in a flood, median", f"{statistics.median(flood.took) * 1000:.0f} ms", said),
        ("Processor time of one form", f"{cpu_s * 1000 / len(flood.took):.1f} ms", "pages loaded included"),
        ("Answers 5xx in a flood", str(errors), "303 taken in, 422 shown again, 429 come back later"),
        ("Delay of the asking tick in a flood", f"{flood.late_s:.1f} s", f"beyond its {ASK_EVERY_S} s"),
    ]
