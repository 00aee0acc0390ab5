"""Watching Mastodon on a fake instance: forward without a gap, each post once, trouble by its name."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Http, anywhere
from bot.networks.watch.base import wanted
from bot.networks.watch.fediverse import Instance
from bot.networks.watch.statuses import found_in, plain
from tests.fakes.mastodon import ACCOUNT, STATUS, FakeMastodon, mastodon
from tests.fakes.wire import whole
from tests.networks.watch.reading import first_batches

US = "collectif@piaille.fr"
OPENAPI = Path(__file__).parents[4] / "shared/data/mastodon-openapi.json"
KINDS = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


async def read(fake, cursor="", count=1, token="", tags=("#I4Emploi",)):
    """The first batches of an instance."""
    async with Http(anywhere) as http:
        return await first_batches(
            Instance(wanted(tags, US), http, fake.url, 0.01, token).batches(cursor), count
        )


def texts(batches):
    """Texts of the posts as they came, without the hashtag."""
    return [post.text.removesuffix(" #i4emploi") for batch in batches for post in batch.posts]


@pytest.mark.parametrize("switches", [{}, {"ulids": True}, {"links": False}, {"token": "s3cret"}])
def test_it_begins_now_and_goes_on_where_it_was(switches):
    """What was there before is left; what comes is read after a restart, however ids are written."""

    async def play():
        async with mastodon(**switches) as fake:
            fake.post("avant")
            [begin] = await read(fake, token=fake.token)
            fake.post("un")
            fake.post("deux")
            return begin, await read(fake, begin.cursor, token=fake.token)

    begin, after = asyncio.run(play())
    assert begin.posts == ()
    assert sorted(texts(after)) == ["deux", "un"]


def test_nothing_is_skipped_however_much_came():
    """After a long pause more than two pages are read to the end; each post comes once."""

    async def play():
        async with mastodon() as fake:
            fake.post("avant")
            [begin] = await read(fake)
            for number in range(95):
                fake.post(f"{number}")
            return await read(fake, begin.cursor, count=3)

    batches = asyncio.run(play())
    assert [len(batch.posts) for batch in batches] == [40, 40, 15]
    assert sorted(map(int, texts(batches))) == list(range(95))


def test_the_first_post_of_all_is_not_missed():
    """A hashtag without any post begins with its very first one."""

    async def play():
        async with mastodon() as fake:
            [begin] = await read(fake)
            fake.post("le premier")
            return await read(fake, begin.cursor)

    assert texts(asyncio.run(play())) == ["le premier"]


def test_each_hashtag_has_its_own_place():
    """Two hashtags are read one after the other; the cursor holds both."""

    async def play():
        async with mastodon() as fake:
            begin = (await read(fake, count=2, tags=("#I4Emploi", "#Été")))[-1]
            fake.post("un")
            fake.post("deux", "été")
            return await read(fake, begin.cursor, count=2, tags=("#I4Emploi", "#Été")), fake.asked

    batches, asked = asyncio.run(play())
    assert sum(len(batch.posts) for batch in batches) == 2
    assert {query["tag"] for query in asked} == {"i4emploi", "été"}
    assert json.loads(batches[-1].cursor).keys() == {"i4emploi", "été"}


def test_one_post_has_one_id_on_every_instance():
    """Two instances that show a post give the same address, whatever their own ids."""

    async def play():
        async with mastodon() as one, mastodon(ulids=True) as other:
            found = []
            for fake in (one, other):
                fake.post("avant")
                [begin] = await read(fake)
                fake.post("un", origin=77)
                found += await read(fake, begin.cursor)
            return {post.post.remote_id for batch in found for post in batch.posts}

    assert asyncio.run(play()) == {"https://piaille.fr/@nadia/77"}


@pytest.mark.parametrize(
    ("switches", "error", "says"),
    [
        ({"token": "other"}, AccessLostError, "mastodon_tokens"),
        ({"raw": whole(b"<html>", 503)}, UnavailableError, "503"),
        ({"raw": whole(b"<html>", 200)}, UnavailableError, "JSON"),
        ({"raw": whole(b'{"a":1}', 200)}, UnavailableError, "without posts"),
        ({"raw": whole(b"{}", 404)}, RefusedError, "404"),
        ({"full": ()}, RateLimitedError, "429"),
    ],
)
def test_trouble_has_a_name(switches, error, says):
    """Each answer without posts is named by what is to be done; the token is never in the sentence."""

    async def play():
        async with mastodon(**switches) as fake:
            await read(fake, token="s3cret")

    with pytest.raises(error, match=says) as raised:
        asyncio.run(play())
    assert "s3cret" not in str(raised.value)


def test_members_only_is_refused():
    """Without a token, an instance that shows hashtags to members only says no."""

    async def play():
        async with mastodon(token="x") as fake:
            await read(fake)

    with pytest.raises(RefusedError, match="give a token"):
        asyncio.run(play())


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ([], 55, 65),
        (["Retry-After: 30"], 25, 35),
        (["X-RateLimit-Reset: 2020-01-01T00:00:00.000Z"], 3, 7),
        (["X-RateLimit-Reset: soon"], 55, 65),
        (["X-RateLimit-Reset: 2999-01-01T00:00:00Z"], 3590, 3610),
    ],
)
def test_a_full_window_says_when_it_opens(headers, low, high):
    """With headers, without, in the past or far ahead: never now, never more than an hour."""

    async def play():
        async with mastodon(full=tuple(headers)) as fake:
            await read(fake)

    with pytest.raises(RateLimitedError) as raised:
        asyncio.run(play())
    wait = raised.value.until - datetime.now(UTC)
    assert timedelta(seconds=low) < wait < timedelta(seconds=high)


def status(**values):
    """One status as the fake gives it."""
    fake = FakeMastodon()
    fake.post("Je cherche", **values)
    return found_in(fake.statuses[0], wanted(["#i4emploi"], US), "piaille.fr")


def test_what_a_status_says():
    """Boosts, replies, warnings, opt-outs, bots and mentions are read; what is not public is nothing."""
    assert status(visibility="private") is None
    assert status(reblog={}).boost
    assert status(in_reply_to_id="3").reply
    assert status(spoiler_text="cw").sensitive
    assert status(account={"indexable": False}).author.hidden
    assert status(account={"noindex": True}).author.hidden
    assert status(account={"locked": True, "bot": True}).author.locked
    assert status(account={"note": "<p>#<span>NoBot</span></p>"}).author.bio == "#NoBot"
    assert status(mentions=[{"acct": "collectif"}]).mentions
    assert not status(mentions=[{"acct": "collectif@ailleurs.fr"}]).mentions
    assert status().author.handle == "nadia@piaille.fr"


def test_html_becomes_words():
    """Tags go, entities are read, paragraphs are lines."""
    assert plain("<p>A &amp; B<br />C</p><p>D <script>x</script></p>") == "A & B\nC\nD x"


@pytest.mark.parametrize("piece", ["<", "<a ", "<!--", "<a b='", "</", "<![x[", "&", "<p", "a", "<script>"])
def test_hostile_html_takes_no_time(piece):
    """Two million characters of anything are words within two seconds of CPU, and never a failure."""
    begun = time.process_time()
    plain((piece * 2_000_000)[:2_000_000])
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("odd", [{}, {"account": 3}, {"account": {}, "url": "x", "visibility": "public"}])
def test_odd_statuses_are_nothing(odd):
    """Whatever an instance sends, the reader lives."""
    assert found_in(odd, wanted(["#a"]), "piaille.fr") is None


@pytest.mark.skipif(not OPENAPI.is_file(), reason="needs ../shared/data/mastodon-openapi.json")
@pytest.mark.parametrize(("name", "value"), [("Account", ACCOUNT), ("Status", STATUS)])
def test_the_fake_speaks_the_api(name, value):
    """Every key of the fake is the OpenAPI document's, of the kind it says; no required one lacks."""
    schema = json.loads(OPENAPI.read_text("utf-8"))["components"]["schemas"][name]
    filled = {"id", "uri", "url", "content", "account", "tags"} if name == "Status" else set()
    assert set(schema["required"]) <= value.keys() | filled
    for key, found in value.items():
        assert key in schema["properties"], key
        kinds = schema["properties"][key].get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if found is not None and kinds:
            assert isinstance(found, tuple(t for k in kinds if k != "null" for t in _types(k))), key


def _types(kind):
    known = KINDS[kind]
    return known if isinstance(known, tuple) else (known,)
