"""The own account of the collective on the official PDS of Bluesky: its label, a repost, one post only."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.intake import life
from bot.model.boost import BoostState
from bot.model.journal import Actor
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.api.bluesky_posts import BlueskyPublisher
from bot.networks.atproto.client import COLLECTIVE_SCOPE
from bot.networks.atproto.records import POSTS
from bot.networks.http import Http, anywhere
from tests.clocks import StillClock
from tests.delivery.lending import Lending, go, policy
from tests.delivery.own import PACE, SITE, agreed, connect, own, plan
from tests.networks.bluesky_lent import BACK_TO, ON_LOOPBACK, consented
from tests.pds import Pds


@pytest.fixture
def clock() -> StillClock:
    """A clock at this moment: the PDS has no other."""
    now = datetime.now(UTC)
    return StillClock(now.replace(microsecond=now.microsecond // 1000 * 1000))


def engine(lending: Lending, pds: Pds, http: Http) -> Engine:
    """Make an engine over the real adapters."""
    api = BlueskyApi(http, ON_LOOPBACK, pds.plc, pds.url)
    publishers = {"bluesky": BlueskyPublisher(http, pds.plc, pds.url)}
    terms = Terms("one", {"bluesky": api}, {"bluesky": lending.policy}, publishers=publishers, address=SITE)
    opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
    return Engine(lending.app.store, terms, opener, lending.clock, lending.steady, rng=lambda: 0.0)


def test_it_reposts_publishes_once_and_deletes(pds: Pds, lending: Lending):
    """One repost and one post, though it is killed before it writes the post down; withdrawn, it is gone."""
    nadia, account = pds.someone("nadia"), pds.person("emploi")
    lending.policy = policy(**PACE)
    lent = consented(pds, account, ON_LOOPBACK, BACK_TO, COLLECTIVE_SCOPE)
    connect(lending, "bluesky", account.handle, lent.token.reveal())
    agreed(lending, posts=[pds.post(nadia, "Soudeuse")])

    async def deliver(*, killed: bool = False) -> None:
        plan(lending, "bluesky")
        async with Http(anywhere) as http:
            one = engine(lending, pds, http)
            await one.begin()
            if killed:
                await one.step()
                await asyncio.gather(*(task for _, task in one._running.values()))
            else:
                await go(one)

    asyncio.run(deliver())
    assert len(pds.records(account)) == 1

    notice = agreed(lending, posts=[])
    asyncio.run(deliver(killed=True))
    assert len(pds.records(account, POSTS)) == 1
    for _ in range(3):
        asyncio.run(deliver())
        lending.advance(seconds=121)
    [record] = pds.records(account, POSTS)
    assert record["value"]["text"].endswith(f"{SITE}/fr/s/{notice.share_slug}")
    assert [one.state for one in own(lending)] == [BoostState.VERIFIED, BoostState.VERIFIED]

    done = {"now": lending.clock.now(), "actor": Actor("seeker")}
    lending.app.store.run_write(life.withdraw, notice.id, **done)
    asyncio.run(deliver())
    assert pds.records(account, POSTS) == []
    assert len(pds.records(account)) == 1


def test_its_label_is_read_in_its_profile(pds: Pds):
    """Not there without a profile, nor with another label; there once it says that it is a bot."""
    account = pds.person("label")
    lent = consented(pds, account, ON_LOOPBACK, BACK_TO, COLLECTIVE_SCOPE)

    async def labelled() -> bool:
        async with Http(anywhere) as http:
            return await BlueskyPublisher(http, pds.plc, pds.url).labelled(lent)

    assert not asyncio.run(labelled())
    pds.label(account, "!no-unauthenticated")
    assert not asyncio.run(labelled())
    pds.label(account, "!no-unauthenticated", "bot")
    assert asyncio.run(labelled())
