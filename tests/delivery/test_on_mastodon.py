"""The engine with Mastodon's adapter, on servers where a second boost is the first and where it is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.delivery.tokens import Opener
from bot.model.boost import BoostState
from bot.model.calls import Action
from bot.model.notice import NoticeState
from bot.storage import Session, boosts, calls, notices
from tests.contract.mastodon import HERE, MastodonStage, stage
from tests.delivery.lending import NETWORK, Lending, go
from tests.fakes.proxy import PAGE, Fault
from tests.fakes.wire import Request, whole

SWITCHES = ({}, {"duplicating": True, "ulids": True, "per_ip": True, "modern": False})
BROKEN = (Fault.RESET, Fault.LOST, Fault.ERROR, Fault.PAGE, Fault.CUT, Fault.DRIP, Fault.INSTEAD)


def boosting(request: Request) -> bool:
    """Whether a request makes a boost."""
    return request.path.endswith("/reblog")


@asynccontextmanager
async def engine_on(lending: Lending, **switches: bool) -> AsyncIterator[tuple[MastodonStage, Engine]]:
    """Give two instances and an engine that delivers to one of them."""
    async with stage(**switches) as made:
        found = Terms("one", {NETWORK: made.api}, {NETWORK: lending.policy})
        opener = Opener(lending._key, lending.app.settings.data_dir)
        engine = Engine(lending.app.store, found, opener, lending.clock, lending.steady, rng=lambda: 0.0)
        await engine.begin()
        yield made, engine


async def due(lending: Lending, made: MastodonStage) -> tuple[int, str]:
    """Make a boost that is due, of a post and by a volunteer of its own; give it and the post's address."""
    post = await made.post("Je cherche")
    person = lending.volunteer(instance=HERE, mode=None)
    account = person.accounts[0]
    who = account.handle.partition("@")[0]
    lending.lend(account, token=made.lend(made.here.join(who), who).token.reveal())
    return lending.due(lending.notice(posts=[post]), person), post.url


def ask_back(session: Session, boost_id: int, now: datetime) -> None:
    """Let a boost that was made be undone."""
    boosts.move(session, boost_id, BoostState.UNDOING, ended_at=now)
    calls.open_call(session, boost_id, Action.UNDO, now)


def counts(made: MastodonStage) -> dict[str, int]:
    """Count the boosts at the server by post."""
    found: dict[str, int] = {}
    for boost in made.here.boosts:
        url = boost["reblog"]["url"]
        found[url] = found.get(url, 0) + 1
    return found


@pytest.mark.parametrize("switches", SWITCHES)
def test_a_boost_is_found_looked_at_and_made(lending: Lending, switches):
    """A boost that is due is made once, across instances, with one search and one call that boosts."""

    async def play() -> None:
        async with engine_on(lending, **switches) as (made, engine):
            boost_id, url = await due(lending, made)
            await go(engine)
            assert lending.state(boost_id) is BoostState.VERIFIED
            assert counts(made) == {url: 1}
            asked = [request.path for request, _ in made.proxy.seen]
            assert asked.count("/api/v2/search") == 1
            assert sum(map(boosting, (request for request, _ in made.proxy.seen))) == 1

    asyncio.run(play())


@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("fault", BROKEN)
def test_whatever_breaks_there_is_one_boost(lending: Lending, switches, fault):
    """Broken once, the boost ends as verified and is there once, never twice."""

    async def play() -> None:
        async with engine_on(lending, **switches) as (made, engine):
            boost_id, url = await due(lending, made)
            made.proxy.meet(fault, boosting, answer=whole(PAGE, 503))
            await go(engine)
            assert lending.state(boost_id) is not BoostState.VERIFIED
            for _ in range(8):
                lending.advance(minutes=10)
                await go(engine)
            assert lending.state(boost_id) is BoostState.VERIFIED
            assert counts(made) == {url: 1}

    asyncio.run(play())


@pytest.mark.parametrize("switches", SWITCHES)
def test_a_boost_that_is_asked_back_is_gone(lending: Lending, switches):
    """What is to be undone is undone at the server, through a lost answer too."""

    async def play() -> None:
        async with engine_on(lending, **switches) as (made, engine):
            boost_id, _ = await due(lending, made)
            await go(engine)
            made.proxy.meet(Fault.LOST, lambda request: request.path.endswith("/unreblog"))
            lending.app.store.run_write(ask_back, boost_id, lending.clock.now())
            for _ in range(4):
                await go(engine)
                lending.advance(minutes=10)
            assert lending.state(boost_id) is BoostState.UNDONE
            assert counts(made) == {}

    asyncio.run(play())


@pytest.mark.parametrize("switches", SWITCHES)
def test_a_deleted_post_ends_its_notice_and_a_block_does_not(lending: Lending, switches):
    """Gone at its own instance: closed. Not shown to one volunteer: only that boost fails."""

    async def play() -> None:
        async with engine_on(lending, **switches) as (made, engine):
            hidden, _ = await due(lending, made)
            await go(engine, turns=1)
            await engine.settled()
            made.here.statuses.clear()
            await go(engine)
            assert lending.state(hidden) is BoostState.FAILED
            state = lending.app.store.run_read(notices.get, 1).state
            assert state is NoticeState.ACTIVE
            gone, _ = await due(lending, made)
            await go(engine, turns=1)
            await engine.settled()
            made.there.delete(made.there.statuses[-1])
            await go(engine)
            assert lending.state(gone) is BoostState.CANCELLED
            assert lending.app.store.run_read(notices.get, 2).state is NoticeState.CLOSED
            assert counts(made) == {}

    asyncio.run(play())
