"""Lending an account on X, on a fake: the dance, what is refused, what it costs, no token in a log."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.model.secret import Secret
from bot.networks.api.base import Intent, Lent
from bot.networks.api.x import XApi
from bot.networks.connect.x import XConnect
from bot.networks.connect.x_pair import SCOPES, read_pair
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError
from bot.networks.http import Http, NoAnswerError, anywhere
from tests.fakes.wire import whole
from tests.fakes.x import x
from tests.networks.purse import Counted
from tests.networks.x_lent import SAM, lent

BACK = "https://languette.example/back"


def connecting(fake, http, purse=None, **values):
    """The way to lend an account."""
    return XConnect(
        http,
        fake.url,
        fake.oauth.client_id,
        values.get("secret", fake.oauth.client_secret),
        purse or Counted(),
    )


def join(*, name="Sam", yes=True, purse=None, secret="", **oauth):
    """Lend @sam's account, `name` being who says yes on X; give what came of it and the fake."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            for key, value in oauth.items():
                setattr(fake.oauth, key, value)
            connect = connecting(fake, http, purse, secret=secret or fake.oauth.client_secret)
            begun = await connect.begin(SAM, BACK)
            answer = fake.oauth.consent(begun.url, fake.user(name), yes=yes)
            try:
                return await connect.finish(begun.kept, BACK, answer), fake
            except RefusedError as error:
                return error, fake

    return asyncio.run(run())


def test_an_account_is_lent():
    """The token is of who said yes, by number; a question for who that is was paid for."""
    purse = Counted()
    granted, fake = join(purse=purse)
    pair = read_pair(granted.token)
    assert (granted.handle, pair.number, purse.settled) == ("sam", "1000", [1])
    assert fake.oauth.whose(pair.access.reveal()).scopes == set(SCOPES)


def test_the_page_of_consent_asks_for_what_a_boost_needs():
    """On x.com, with a challenge, scopes apart by %20; the verifier stays here."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            return await connecting(fake, http).begin(SAM, BACK)

    begun = asyncio.run(run())
    query = parse_qs(urlsplit(begun.url).query)
    assert begun.url.startswith("https://x.com/i/oauth2/authorize?")
    assert query["scope"] == ["tweet.read tweet.write users.read offline.access"]
    assert "scope=tweet.read%20tweet.write" in begun.url
    assert json.loads(begun.kept.reveal())["verifier"] not in begun.url
    assert query["state"] == [begun.state]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"yes": False}, "did not say yes"),
        ({"name": "somebody_else"}, "another account"),
        ({"withhold": frozenset({"tweet.write"})}, "did not grant tweet.write"),
        ({"secret": "wrong"}, "x_client_secret"),
    ],
)
def test_what_is_not_lent_leaves_no_token(values, says):
    """No yes, another account, less than was asked: refused, and what was granted is given back."""
    error, fake = join(**values)
    assert says in str(error)
    assert not any(token.alive for token in (*fake.oauth.access.values(), *fake.oauth.refresh.values()))


def test_without_budget_nothing_is_asked():
    """Who said yes costs a cent: without room for it the code is not even redeemed."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            connect = connecting(fake, http, Counted(room=0))
            begun = await connect.begin(SAM, BACK)
            answer = fake.oauth.consent(begun.url, fake.user("sam"))
            with pytest.raises(RateLimitedError):
                await connect.finish(begun.kept, BACK, answer)
            return fake.asked

    assert asyncio.run(run()) == []


def test_a_code_works_once():
    """The same answer again is refused, and nothing is charged for it."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            purse = Counted()
            connect = connecting(fake, http, purse)
            begun = await connect.begin(SAM, BACK)
            answer = fake.oauth.consent(begun.url, fake.user("sam"))
            await connect.finish(begun.kept, BACK, answer)
            with pytest.raises(RefusedError):
                await connect.finish(begun.kept, BACK, answer)
            return purse.settled

    assert asyncio.run(run()) == [1, 0]


def test_a_token_that_is_given_back_opens_nothing():
    """Both tokens are dead; giving them back again is no trouble."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            sam = lent(fake, fake.user("sam"))
            connect = connecting(fake, http)
            await connect.revoke(sam.token)
            await connect.revoke(sam.token)
            await connect.revoke(Secret("not ours"))
            return [token.alive for token in (*fake.oauth.access.values(), *fake.oauth.refresh.values())]

    assert asyncio.run(run()) == [False, False]


def test_no_token_in_a_log(caplog):
    """At DEBUG, tweepy's and the transport's loggers included: lend, renew, look, boost, undo, give back."""
    caplog.set_level(logging.DEBUG)
    for name in ("tweepy", "httpx", "aiohttp.client", "aiohttp.internal", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)

    async def run():
        async with x() as fake, Http(anywhere) as http:
            fake.post("un")
            connect = connecting(fake, http)
            begun = await connect.begin(SAM, BACK)
            answer = fake.oauth.consent(begun.url, fake.user("sam"))
            granted = await connect.finish(begun.kept, BACK, answer)
            api = XApi(http, fake.url, fake.oauth.client_id, fake.oauth.client_secret)
            fresh = await api.renew(Lent(SAM, granted.token), datetime.now(UTC) + timedelta(hours=2))
            sam = Lent(SAM, fresh)
            await api.look(sam, str(fake.first))
            intent = Intent(1, str(fake.first), datetime.now(UTC))
            made = await api.boost(sam, intent)
            await api.undo(sam, intent, made.remote_id)
            await connect.revoke(fresh)
            for trouble in (whole(b"{}", 401), whole(b"oops", 500)):
                fake.raw = trouble
                with pytest.raises((AccessLostError, NoAnswerError)) as raised:
                    await api.boost(sam, intent)
                logging.getLogger("languette").error("failed", exc_info=raised.value)
            return repr(sam), repr(read_pair(fresh)), begun.kept.reveal(), answer["code"]

    sam, pair, kept, code = asyncio.run(run())
    verifier = json.loads(kept)["verifier"]
    for canary in ("s3cret", verifier, code):
        assert canary not in caplog.text + sam + pair
    assert any(one.name == "asyncio" for one in caplog.records), "nothing was logged at DEBUG"
