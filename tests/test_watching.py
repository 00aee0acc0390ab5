"""The daemon's watchers end to end: from a network on loopback to a notice that waits, through trouble."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot import watching
from bot.app import build
from bot.delivery import panic
from bot.errors import ConfigError
from bot.model.found import Batch, Missed
from bot.model.journal import CLI
from bot.model.notice import Consent
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.reporting.networks import standings
from bot.settings import Settings
from bot.storage import notices, watchers
from tests.clocks import NOW, StillClock
from tests.fakes.jetstream import jetstream, mention_facet
from tests.fakes.wire import whole, wire
from tests.intake.makers import found

US = "did:plc:" + "b" * 24


async def profiles(head, writer):
    """An AppView that knows everybody."""
    handle = head.split(b"plc%3A")[1][:5].decode() + ".example"
    writer.write(whole(json.dumps({"handle": handle, "displayName": "Nadia"}).encode()))


class Scripted:
    """A source that gives batches and troubles in turn, then waits for ever."""

    name, network = "x:search", "x"

    def __init__(self, *steps):
        self.steps = list(steps)
        self.cursors = []

    async def batches(self, cursor):
        """Give the next steps until one is a trouble."""
        self.cursors.append(cursor)
        while self.steps:
            step = self.steps.pop(0)
            if isinstance(step, Exception):
                raise step
            yield step
        await asyncio.Event().wait()


def play(app, source, until):
    """Watch until a condition on the database holds."""

    async def run():
        task = asyncio.create_task(watching.watch(app, source))
        async with asyncio.timeout(20):
            while not await app.store.read(until):  # noqa: ASYNC110  the database has no event
                await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_from_bluesky_to_the_queue(tmp_path):
    """A post becomes a notice; after a stop the daemon goes on at its cursor and enters nothing twice."""

    async def run(settings, count):
        app = build(settings, clock=StillClock())
        task = asyncio.create_task(watching.run(app))
        async with asyncio.timeout(20):
            while len(await app.store.read(notices.listed)) < count:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)
        everything = await app.store.read(notices.listed)
        standing = await app.store.read(standings, watched=["bluesky"], now=NOW)
        app.close()
        return everything, standing

    async def story():
        async with jetstream() as fake, wire(profiles) as appview:
            settings = Settings(
                _env_file=None,
                data_dir=tmp_path / "data",
                watch=("bluesky",),
                watch_hashtags=("#i4emploi",),
                bluesky_account=US,
                bluesky_jetstream=fake.url,
                bluesky_jetstream_v1=fake.url,
                bluesky_appview=appview,
            )
            watching_now = asyncio.create_task(run(settings, 1))
            await asyncio.sleep(1)
            fake.post("Je cherche un poste de soudeuse à Lille #i4emploi")
            fake.post("Nous recrutons, envoyez votre CV ! #i4emploi", did="did:plc:" + "c" * 24)
            await fake.wake()
            before = await watching_now
            facets = [mention_facet(US)]
            fake.post("@collectif je cherche aussi #i4emploi", did="did:plc:" + "d" * 24, facets=facets)
            return before, await run(settings, 2)

    (first, standing), (later, _) = asyncio.run(story())
    assert [n.words.title for n in first] == ["Je cherche un poste de soudeuse à Lille"]
    assert [n.consent for n in later] == [Consent.FOUND, Consent.ASKED]
    assert {sight.value: n for sight, n in standing.watchers[0].seen.items()} == {"search": 1, "offer": 1}


def test_trouble_is_noted_and_reading_goes_on(app):
    """After a failure the source is read again at its last cursor; then the trouble is over."""
    source = Scripted(Batch((), "1"), UnavailableError("no answer"), Batch((found(),), "2"))
    play(app, source, two)
    assert source.cursors == ["", "1"]
    now = app.store.run_read(watchers.get, "x:search")
    assert (now.cursor, now.error) == ("2", "")


def two(session):
    """Whether the second batch is stored."""
    now = watchers.get(session, "x:search")
    return now is not None and now.cursor == "2"


@pytest.mark.parametrize(
    ("trouble", "name", "span"),
    [
        (RateLimitedError("window full", NOW + timedelta(minutes=9)), "RateLimited", timedelta(minutes=9)),
        (AccessLostError("token refused"), "AccessLost", watching.SELDOM),
        (RefusedError("not enrolled"), "Refused", watching.SELDOM),
        (UnavailableError("503"), "Unavailable", timedelta(seconds=2)),
        (ZeroDivisionError("ours"), "Unavailable", timedelta(seconds=2)),
    ],
)
def test_what_stands_in_the_way_until_when(app, trouble, name, span):
    """Each trouble is kept with its name, its reason and the moment of the next try."""
    play(app, Scripted(trouble), lambda session: watchers.get(session, "x:search") is not None)
    now = app.store.run_read(watchers.get, "x:search")
    assert (now.error, now.until, now.failed_at) == (name, NOW + span, NOW)
    assert now.why


def test_a_wait_survives_a_restart(app):
    """A window that was full before the restart is full after it: nothing is asked before it opens."""
    values = {"error": "RateLimited", "why": "full", "until": NOW + timedelta(hours=1), "now": NOW}
    app.store.run_write(watchers.failed, "x:search", "x", **values)
    source = Scripted(Batch((), "1"))

    async def run():
        task = asyncio.create_task(watching.watch(app, source))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert source.cursors == []


class Endless:
    """A source that reads as fast as it can."""

    name, network = "x:search", "x"

    def __init__(self):
        self.cursors = []
        self.reads = 0

    async def batches(self, cursor):
        """Count reads; the cursor is the count."""
        self.cursors.append(cursor)
        while True:
            await asyncio.sleep(0.02)
            self.reads += 1
            yield Batch((), str(self.reads))


def test_a_halt_stops_reading_within_five_seconds(app):
    """Nothing is read while all stands still; then reading goes on where it stopped."""
    source = Endless()

    async def story():
        task = asyncio.create_task(watching.unless_halted(app, [source]))
        async with asyncio.timeout(20):
            while source.reads < 3:  # noqa: ASYNC110  the source has no event
                await asyncio.sleep(0.02)
            await app.store.write(panic.halt, reason="", now=NOW, actor=CLI)
            await asyncio.sleep(watching.HALT_LOOK_S + 1)
            halted = source.reads
            stored = await app.store.read(watchers.get, source.name)
            await asyncio.sleep(0.5)
            quiet = source.reads
            await app.store.write(panic.resume, reason="looked at", now=NOW, actor=CLI)
            while len(source.cursors) < 2:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return halted, quiet, stored.cursor

    halted, quiet, stored = asyncio.run(story())
    assert watching.HALT_LOOK_S + 1 < 5
    assert quiet == halted
    assert source.cursors == ["", stored]


def test_a_daemon_that_starts_halted_reads_nothing(app):
    """A restored backup wakes up halted: its watchers wait for the person who looks at it."""
    app.store.run_write(panic.halt, reason="restored", now=NOW, actor=CLI)
    source = Endless()

    async def story():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await watching.unless_halted(app, [source])

    asyncio.run(story())
    assert source.cursors == []


def test_waits_grow_and_end(app):
    """Failures in a row wait ever longer, at most about five minutes."""
    waits = [watching.wait_after(UnavailableError("x"), n) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=2)
    assert waits[-1] == timedelta(seconds=320)


def test_a_gap_is_reported(app):
    """What was missed stands among the gaps of the networks' page."""
    source = Scripted(Batch((), "1", Missed(None, NOW, "the cursor was too old")))
    play(app, source, lambda session: watchers.get(session, "x:search") is not None)
    [gap] = app.store.run_read(standings, watched=["x"], now=NOW).gaps
    assert gap.why == "the cursor was too old"


def test_nothing_is_watched_unless_configured(app):
    """A fresh folder watches nothing."""
    watching.check(app)
    assert watching.sources(app, None) == []


def test_a_network_that_cannot_be_watched_stops_the_start(tmp_path):
    """The sentence names it and those there are."""
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", watch=("linkedin",)))
    with pytest.raises(ConfigError, match="linkedin cannot be watched"):
        watching.check(app)
    app.close()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "mastodon_instances"),
        ({"mastodon_instances": ("a.example",), "mastodon_tokens": {"b.example": "t"}}, "b.example"),
    ],
)
def test_mastodon_needs_its_instances(tmp_path, values, says):
    """Without an instance, or with a token for another, the start says what is missing."""
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", watch=("mastodon",), **values))
    with pytest.raises(ConfigError, match=says):
        watching.check(app)
    app.close()


def test_tokens_are_never_shown(tmp_path):
    """A setting that holds a token prints as stars."""
    values = {"mastodon_instances": ("a.example",), "mastodon_tokens": {"a.example": "s3cret"}}
    settings = Settings(_env_file=None, data_dir=tmp_path, **values)
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.mastodon_tokens)
