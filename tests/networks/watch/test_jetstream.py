"""Watching Bluesky on a fake Jetstream: what is seen, where it goes on, what it says when it cannot."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.found import FoundAuthor
from bot.networks.errors import RateLimitedError, RefusedError, UnavailableError
from bot.networks.watch import jetstream as watch
from bot.networks.watch.base import wanted
from bot.networks.watch.frames import Sieve, found_in, read_frame
from tests.fakes.jetstream import BEGIN, DID, _v1, _v2, jetstream, mention_facet, tag_facet
from tests.networks.watch.reading import first_batches, texts

US = "did:plc:" + "b" * 24
TAG = "I4Emploi"


async def someone(did):
    """A profile like any other."""
    return FoundAuthor(did, handle="nadia.example", name="Nadia")


def watcher(fake, profile=someone, old=""):
    """The watcher of that Jetstream."""
    return watch.Jetstream(wanted([f"#{TAG}"], US), fake.url, old or fake.url, profile)


async def first(source, cursor="", count=1):
    """The first batches of a source."""
    return await first_batches(source.batches(cursor), count)


@pytest.mark.parametrize("version2", [True, False])
def test_posts_with_the_hashtag_are_seen(version2):
    """In both versions: by facet, by `tags`, by text; in any case; nothing else, no delete, no edit."""

    async def play():
        async with jetstream(version2=version2) as fake:
            for number in range(50):
                fake.post(f"bonjour {number} #emploi")
            fake.post("texte seul #i4EMPLOI")
            fake.post("facette", facets=[tag_facet("i4emploi")])
            fake.post("étiquettes", tags=["I4emploi"])
            fake.post("#i4emploiplus")
            fake.post("modifié #i4emploi", operation="update")
            fake.post("effacé #i4emploi", operation="delete")
            cursor = str(watch.Cursor(fake.url, int(version2), int(BEGIN.timestamp() * 1e6)))
            return await first(watcher(fake), cursor), fake.asked

    batches, asked = asyncio.run(play())
    assert texts(batches) == ["texte seul #i4EMPLOI", "facette", "étiquettes"]
    if version2:
        assert {"collections": "app.bsky.feed.post", "kinds": "commit"}.items() <= asked[0].items()
    else:
        assert asked[1]["wantedCollections"] == "app.bsky.feed.post"


def test_it_goes_on_where_it_was():
    """After a restart the cursor's event comes again and no other is missed; the host's own seq is used."""

    async def play():
        async with jetstream() as fake:
            fake.post("un #i4emploi")
            [before] = await first(watcher(fake), str(watch.Cursor(fake.url, 1, 0)))
            fake.post("deux #i4emploi")
            fake.post("trois #i4emploi")
            return texts(await first(watcher(fake), before.cursor)), fake.asked[-1]["cursor"]

    found, cursor = asyncio.run(play())
    assert found == ["un #i4emploi", "deux #i4emploi", "trois #i4emploi"]
    assert cursor == "1"


def test_another_host_is_asked_by_time():
    """A seq counts on its own host only: elsewhere the time is rewound a little."""

    async def play():
        async with jetstream() as fake:
            fake.post("un #i4emploi", at=BEGIN)
            micros = int(BEGIN.timestamp() * 1e6)
            batches = await first(watcher(fake), f"wss://elsewhere.example 99 {micros}")
            return texts(batches), int(fake.asked[0]["cursor"]), micros

    found, cursor, micros = asyncio.run(play())
    assert found == ["un #i4emploi"]
    assert cursor == micros - 10_000_000


def test_what_is_too_old_is_said_and_the_rest_read():
    """`CursorTooOld`: the gap runs from the cursor to the oldest event there is."""

    async def play():
        async with jetstream(floor=3) as fake:
            for number in range(4):
                fake.post(f"{number} #i4emploi")
            micros = int((BEGIN - timedelta(days=3)).timestamp() * 1e6)
            return await first(watcher(fake), str(watch.Cursor(fake.url, 1, micros)))

    [batch] = asyncio.run(play())
    assert texts([batch]) == ["2 #i4emploi", "3 #i4emploi"]
    assert batch.missed.since == BEGIN - timedelta(days=3)
    assert batch.missed.until >= BEGIN


def test_a_clamped_time_is_said_too():
    """`#info OutdatedCursor`: a host that was asked by time and could not go back that far."""

    async def play():
        async with jetstream(floor=2) as fake:
            for number in range(3):
                fake.post(f"{number} #i4emploi")
            micros = int((BEGIN - timedelta(days=3)).timestamp() * 1e6)
            return await first(watcher(fake), f"wss://elsewhere.example 99 {micros}")

    [batch] = asyncio.run(play())
    assert texts([batch]) == ["1 #i4emploi", "2 #i4emploi"]
    assert batch.missed.since == BEGIN - timedelta(days=3)


def test_version_1_does_not_say_that_it_clamps():
    """A cursor older than what hosts keep is a gap there as well."""

    async def play():
        async with jetstream(version2=False) as fake:
            fake.post("un #i4emploi", at=datetime.now(UTC))
            micros = int((datetime.now(UTC) - timedelta(hours=40)).timestamp() * 1e6)
            return await first(watcher(fake), str(watch.Cursor(fake.url, 0, micros)))

    assert asyncio.run(play())[0].missed is not None


def test_the_cursor_moves_without_posts():
    """Hours without the hashtag are not read again after a restart."""

    async def play():
        async with jetstream() as fake:
            source = watcher(fake)
            task = asyncio.create_task(first(source))
            await asyncio.sleep(0.5)
            for number in range(7):
                fake.post(f"bonjour {number}")
                await fake.wake()
                await asyncio.sleep(1)
            return await task

    [batch] = asyncio.run(play())
    assert (batch.posts, batch.read > 0) == ((), True)
    assert watch.read_cursor(batch.cursor).seq > 1


def test_the_author_is_looked_up():
    """Handle, name and opt-outs come from the profile; whoever is gone counts as hidden."""

    async def gone(_did):
        return None

    async def play(profile):
        async with jetstream() as fake:
            fake.post("un #i4emploi", facets=[mention_facet(US)])
            [batch] = await first(watcher(fake, profile), str(watch.Cursor(fake.url, 1, 0)))
            return batch.posts[0]

    post = asyncio.run(play(someone))
    assert (post.author.handle, post.post.author, post.mentions) == ("nadia.example", "nadia.example", True)
    assert post.post.remote_id.startswith(f"at://{DID}/app.bsky.feed.post/")
    assert asyncio.run(play(gone)).author.hidden


@pytest.mark.parametrize(
    ("switches", "error", "says"),
    [
        ({"status": 429}, RateLimitedError, "429"),
        ({"status": 403}, RefusedError, "403"),
        ({"status": 503}, UnavailableError, "503"),
        ({"ends_with": "ConsumerTooSlow"}, UnavailableError, "ConsumerTooSlow"),
    ],
)
def test_trouble_has_a_name(switches, error, says):
    """A refused handshake and an error frame are named by what is to be done."""

    async def play():
        async with jetstream(**switches) as fake:
            fake.post("rien")
            await first(watcher(fake), str(watch.Cursor(fake.url, 1, 0)), count=5)

    with pytest.raises(error, match=says):
        asyncio.run(play())


def test_nobody_there_is_unavailable():
    """No connection at all is named too."""
    source = watch.Jetstream(wanted(["#a"]), "ws://127.0.0.1:9", "ws://127.0.0.1:9", someone)
    with pytest.raises(UnavailableError):
        asyncio.run(first(source))


@pytest.mark.parametrize("tag", ["été", "À", "emploi", "e\u0301te\u0301", "日本"])
def test_the_sieve_loses_nothing(tag):
    """Whatever has the hashtag passes, composed or not, in capitals or not, whatever JSON escapes."""
    sieve = Sieve(wanted([tag]).tags)
    event = {"seq": 1, "did": DID, "at": BEGIN, "operation": "create", "rkey": "3labc"}
    for text in (f"#{tag}", f"#{tag.upper()}", f"a #{tag} b"):
        event["record"] = {"text": text}
        for write in (_v1, _v2):
            plain = write(event).encode()
            escaped = json.dumps(json.loads(plain)).encode()
            for frame in (plain, escaped):
                assert sieve(frame)
                assert found_in(read_frame(frame), wanted([tag])) is not None


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"time_us":"x"}',
        b'{"payload":3}',
        b"\xff",
        b'{"kind":"commit","did":"did:plc:a","time_us":1761763370000000000}',
        b'{"kind":"commit","did":"did:plc:a","time_us":1e999}',
    ],
)
def test_what_is_no_frame_is_a_value_error(frame):
    """Nothing that arrives breaks the reader in another way."""
    with pytest.raises(ValueError):  # noqa: PT011  json's own sentences differ
        read_frame(frame)


@pytest.mark.parametrize(
    "record",
    [
        {"text": 3},
        {"text": "#i4emploi", "facets": "x", "tags": {"a": 1}, "langs": 3, "labels": [], "embed": "x"},
        {"text": "#i4emploi", "facets": [3, {"features": [3, {"tag": 4}]}], "langs": [4]},
    ],
)
def test_odd_records_break_nothing(record):
    """A record is anybody's JSON."""
    event = {"seq": 1, "did": DID, "at": BEGIN, "operation": "create", "rkey": "3labc", "record": record}
    found = found_in(read_frame(_v2(event).encode()), wanted([TAG]))
    assert (found is None) == (record["text"] == 3)


def test_self_labels_and_forms():
    """Replies, quotes and labels are told apart."""
    event = {"seq": 1, "did": DID, "at": BEGIN, "operation": "create", "rkey": "3labc"}
    event["record"] = {
        "text": "#i4emploi",
        "reply": {"root": {}},
        "embed": {"$type": "app.bsky.embed.record"},
        "labels": {"values": [{"val": "porn"}, {"val": "!no-unauthenticated"}]},
        "langs": ["fr-FR"],
    }
    found = found_in(read_frame(_v1(event).encode()), wanted([TAG]))
    assert (found.reply, found.quote, found.sensitive, found.author.hidden) == (True, True, True, True)
    assert (found.lang, found.at) == ("fr-FR", BEGIN)
