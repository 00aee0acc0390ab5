"""Watching X on a fake: the watermark, the money, the dialects, trouble by its name."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.calls import Scope
from bot.networks.api.x_answers import exhausted
from bot.networks.api.x_client import XClient
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Http, anywhere
from bot.networks.watch.base import wanted
from bot.networks.watch.x import Place, XSource, found_in, query_of, read_place
from tests.fakes.wire import whole
from tests.fakes.x import x
from tests.networks.purse import Counted
from tests.networks.watch.reading import first_batches, texts

US = "99"
START = str(Place(start="2026-11-25T07:00:00+00:00", read_at=datetime.now(UTC).isoformat()))


async def read(fake, cursor=START, count=1, purse=None, what="search"):
    """The first batches of a source."""
    async with Http(anywhere) as http:
        client = XClient("s3cret", http, fake.url)
        source = XSource(what, wanted(["#I4Emploi"], US), client, purse or Counted(), 0.01)
        return await first_batches(source.batches(cursor), count)


def test_it_goes_on_after_the_newest():
    """After a restart the watermark is asked for; nothing comes twice."""

    async def play():
        async with x() as fake:
            fake.post("un #i4emploi")
            [first] = await read(fake)
            fake.post("deux #i4emploi")
            [second] = await read(fake, first.cursor)
            return first, second, fake.asked, fake.first

    first, second, asked, number = asyncio.run(play())
    assert (texts([first]), texts([second])) == (["un #i4emploi"], ["deux #i4emploi"])
    assert "start_time" in asked[0]
    assert asked[1]["since_id"] == str(number)


def test_the_watermark_moves_when_every_page_is_stored():
    """A walk that was cut goes on below its last page; only its end makes the newest post the watermark."""

    async def play():
        async with x() as fake:
            for number in range(250):
                fake.post(f"{number} #i4emploi")
            [cut] = await read(fake)
            return cut, await read(fake, cut.cursor, count=2), str(fake.first + 249)

    cut, rest, newest = asyncio.run(play())
    assert read_place(cut.cursor).since == ""
    assert read_place(rest[-1].cursor) == Place(since=newest, read_at=read_place(rest[-1].cursor).read_at)
    assert sorted(int(text.split()[0]) for text in texts([cut, *rest])) == list(range(250))


def test_money_ends_the_reading_and_nothing_is_lost():
    """Without room nothing is asked; the next day goes on below what was paid for."""

    async def play():
        async with x() as fake:
            for number in range(30):
                fake.post(f"{number} #i4emploi")
            purse = Counted(20)
            [paid] = await read(fake, purse=purse)
            asked = len(fake.asked)
            with pytest.raises(RateLimitedError):
                await read(fake, paid.cursor, purse=purse)
            return paid, purse.settled, len(fake.asked) - asked, await read(fake, paid.cursor)

    paid, settled, more, rest = asyncio.run(play())
    assert (settled, more) == ([20], 0)
    assert len(texts([paid, *rest])) == 30


def test_endless_pages_end():
    """A token for more pages that brings nothing older is not followed for ever."""

    async def play():
        async with x(endless=True) as fake:
            fake.post("un #i4emploi")
            return await read(fake, count=2)

    assert texts(asyncio.run(play())) == ["un #i4emploi"]


@pytest.mark.parametrize("dialect", ["tweet.fields", "post.fields"])
def test_fields_dropped_in_silence_are_noticed(dialect):
    """Where X answers one dialect only, the other is left after one page."""

    async def play():
        async with x(dialects=frozenset({dialect})) as fake:
            fake.post("un #i4emploi")
            return await read(fake), fake.asked

    batches, asked = asyncio.run(play())
    assert batches[0].posts[0].author.id == "77"
    assert dialect in asked[-1]
    assert not any("tweet.fields" in q and "post.fields" in q for q in asked)


def test_authors_are_paid_for_where_they_cost():
    """In the dialect of `post.fields` an author is paid for, as often as there are authors on a page."""

    async def play():
        async with x(dialects=frozenset({"post.fields"})) as fake:
            for number in range(12):
                fake.post(f"{number} #i4emploi", author_id=str(number % 4))
            purse = Counted()
            await read(fake, purse=purse)
            return purse.paid, fake.money.charged

    paid, charged = asyncio.run(play())
    assert paid == {"search": 24, "author": 4}  # the first page came without its fields, at full price
    assert sum(price for *_, price in charged) == 12 * 5_000 + 4 * 10_000


def test_no_dialect_at_all_is_refused():
    """Posts without author and time are not taken in."""

    async def play():
        async with x(dialects=frozenset()) as fake:
            fake.post("un #i4emploi")
            await read(fake)

    with pytest.raises(RefusedError, match="dialect"):
        asyncio.run(play())


def test_after_a_week_away_the_gap_is_said():
    """X searches seven days back: what lies before was missed."""

    async def play():
        async with x() as fake:
            fake.post("un #i4emploi")
            away = datetime.now(UTC) - timedelta(days=9)
            return away, await read(fake, str(Place(since="5", read_at=away.isoformat()))), fake.asked

    away, [batch], asked = asyncio.run(play())
    assert batch.missed.since == away
    assert "since_id" not in asked[0]


def test_a_quiet_week_is_no_gap():
    """A watermark that X refuses as too old is left for a moment a week ago; nothing was missed."""

    async def play():
        async with x() as fake:
            fake.post("un #i4emploi")
            read_at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
            return await read(fake, str(Place(since=str(10**18), read_at=read_at))), fake.asked

    [batch], asked = asyncio.run(play())
    assert (batch.missed, texts([batch])) == (None, ["un #i4emploi"])
    assert "start_time" in asked[0]


def problem(kind, title="x"):
    """An error's body."""
    return json.dumps({"title": title, "type": f"https://api.twitter.com/2/problems/{kind}"}).encode()


@pytest.mark.parametrize(
    ("raw", "error", "says"),
    [
        (whole(problem("credits", "CreditsDepleted"), 402), RateLimitedError, "no credits"),
        (whole(problem("spend-cap-reached"), 403), RateLimitedError, "spending limit"),
        (whole(problem("usage-capped"), 429), RateLimitedError, "spending limit"),
        (whole(problem("client-forbidden"), 403), RefusedError, "403 client-forbidden"),
        (whole(b'{"errors":[{"code":88}]}', 429), RateLimitedError, "429"),
        (whole(b"{}", 401), AccessLostError, "x_bearer_token"),
        (whole(b"{}", 400), RefusedError, "400"),
        (whole(b"{}", 503), UnavailableError, "503"),
        (whole(b"<html>down</html>", 503), UnavailableError, "503"),
        (whole(b"", 502), UnavailableError, "502"),
        (whole(b"<html>fine</html>", 200), UnavailableError, "no whole answer"),
        (whole(b"[]", 200), UnavailableError, "else than an object"),
    ],
)
def test_trouble_has_a_name(raw, error, says):
    """Each answer that is no page is named by what is to be done."""

    async def play():
        async with x(raw=raw) as fake:
            await read(fake)

    with pytest.raises(error, match=says):
        asyncio.run(play())


def test_a_window_opens_when_the_exhausted_one_does():
    """A daily window may be empty while the short one is not; a reset in the past is never "now"."""
    now = datetime(2026, 11, 25, 8, tzinfo=UTC)
    day = int((now + timedelta(hours=5)).timestamp())
    short = {"x-rate-limit-remaining": "3", "x-rate-limit-reset": str(int(now.timestamp()) - 100)}
    daily = {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": str(day)}
    account, hours = Scope.ACCOUNT, timedelta(hours=5)
    assert exhausted({**short, **daily}, account, now) == (now + hours, Scope.APP)
    assert exhausted(short, account, now) == (now + timedelta(seconds=5), account)
    assert exhausted({}, Scope.APP, now) == (now + timedelta(seconds=60), Scope.APP)
    far = {"x-rate-limit-reset": "9" * 30}
    assert exhausted(far, account, now)[0] <= now + timedelta(days=1, minutes=1)


def test_mentions_are_read_by_number():
    """The collective's mentions; those without the hashtag are nobody's request."""

    async def play():
        async with x() as fake:
            fake.post("@collectif bonjour")
            fake.post("@collectif #i4emploi", entities={"mentions": [{"id": US}]})
            return await read(fake, what="mentions"), fake.asked

    batches, asked = asyncio.run(play())
    assert [post.mentions for post in batches[0].posts] == [True]
    assert asked[0]["path"] == f"/2/users/{US}/mentions"


def test_no_token_in_a_log(caplog):
    """At DEBUG, tweepy's logger included, the token is nowhere."""
    caplog.set_level(logging.DEBUG)

    async def play():
        async with x() as fake:
            fake.post("un #i4emploi")
            await read(fake)

    asyncio.run(play())
    assert "s3cret" not in caplog.text


def test_both_dialects_are_understood():
    """Edits, boosts, replies and quotes are read whichever names they have."""
    row = {"id": "9", "text": "#i4emploi", "author_id": "7", "created_at": "2026-11-25T08:00:00Z"}
    for kind, name in (("retweeted", "boost"), ("replied_to", "reply"), ("quoted", "quote")):
        for key in ("referenced_tweets", "referenced_posts"):
            assert getattr(found_in(row | {key: [{"type": kind, "id": "1"}]}, wanted(["i4emploi"])), name)
    for key in ("edit_history_tweet_ids", "edit_history_post_ids"):
        assert found_in(row | {key: ["3", "9"]}, wanted(["i4emploi"])).post.remote_id == "3"


def test_the_query_takes_every_hashtag():
    """All hashtags in one question, without boosts, replies and quotes."""
    expected = "(#a OR #b) -is:retweet -is:reply -is:quote -is:nullcast"
    assert query_of(wanted(["#B", "#a"])) == expected
