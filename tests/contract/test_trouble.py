"""Boosting when things go wrong: what we are told never differs from what is true at the server."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.networks.errors import NetworkError, RateLimitedError, UnavailableError
from bot.networks.http import NoAnswerError
from tests.contract.networks import NETWORKS
from tests.contract.stage import Stage, intent_of, needs, on_each
from tests.contract.test_boosting import WORDS
from tests.fakes.proxy import PAGE, Fault, reads
from tests.fakes.wire import whole

AFTER = (Fault.LOST, Fault.ERROR, Fault.PAGE, Fault.CUT)


async def begin(stage: Stage):
    """A post that is ready to be boosted."""
    post = await stage.post(WORDS)
    return post, intent_of(await stage.api.locate(stage.lent, post))


@on_each(NETWORKS)
async def test_after_an_effect_nobody_knows_and_reading_back_finds_it(stage: Stage):
    """A lost answer, a 500, a proxy's page, JSON that breaks off: each leaves one boost, and it is found."""
    for fault in AFTER:
        post, intent = await begin(stage)
        stage.proxy.meet(fault)
        with pytest.raises(NoAnswerError):
            await stage.api.boost(stage.lent, intent)
        assert await stage.boosts(post) == 1, fault
        if stage.api.reads_back:
            found = await stage.api.read_back(stage.lent, intent)
            assert found is not None, fault
            assert not found.before, fault
        await stage.api.boost(stage.lent, intent)
        assert await stage.boosts(post) == 1, fault


@on_each(NETWORKS)
async def test_before_an_effect_there_is_nothing_to_find(stage: Stage):
    """A connection that breaks before the server saw anything leaves no boost; the next try makes it."""
    post, intent = await begin(stage)
    stage.proxy.meet(Fault.RESET)
    with pytest.raises((NoAnswerError, UnavailableError)):
        await stage.api.boost(stage.lent, intent)
    assert await stage.boosts(post) == 0
    if stage.api.reads_back:
        assert await stage.api.read_back(stage.lent, intent) is None
    await stage.api.boost(stage.lent, intent)
    assert await stage.boosts(post) == 1


@on_each(NETWORKS)
async def test_a_slow_drip_ends_by_the_deadline(stage: Stage):
    """A byte now and then keeps no call beyond its deadline; whether it was done is not known."""
    post, intent = await begin(stage)
    stage.proxy.meet(Fault.DRIP)
    started = time.monotonic()
    with pytest.raises(NoAnswerError):
        await stage.api.boost(stage.lent, intent)
    assert time.monotonic() - started < stage.deadline_s + 2
    assert await stage.boosts(post) == 1


@on_each(NETWORKS)
async def test_a_full_window_says_who_waits_until_when(stage: Stage):
    """The network's own 429 does nothing, and names the window's end and what it counts."""
    post, intent = await begin(stage)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    stage.proxy.meet(Fault.INSTEAD, answer=stage.full(until))
    with pytest.raises(RateLimitedError) as raised:
        await stage.api.boost(stage.lent, intent)
    assert raised.value.scope is stage.full_scope
    assert abs(raised.value.until - until) < timedelta(seconds=5)
    assert await stage.boosts(post) == 0


@on_each(NETWORKS)
async def test_a_full_window_without_an_end_is_waited_for(stage: Stage):
    """Without headers, or with an end in the past, the next try is later than now."""
    post, intent = await begin(stage)
    past = datetime.now(UTC) - timedelta(hours=1)
    for answer in (whole(PAGE, 429), whole(b"{}", 429), stage.full(past)):
        stage.proxy.meet(Fault.INSTEAD, answer=answer)
        with pytest.raises(RateLimitedError) as raised:
            await stage.api.boost(stage.lent, intent)
        assert raised.value.until is None or raised.value.until > datetime.now(UTC)
    assert await stage.boosts(post) == 0


@on_each(NETWORKS)
async def test_a_server_that_says_later_did_nothing(stage: Stage):
    """503 as a whole answer means: not done, come back."""
    post, intent = await begin(stage)
    stage.proxy.meet(Fault.INSTEAD, answer=whole(b'{"error":"later"}', 503))
    with pytest.raises(UnavailableError):
        await stage.api.boost(stage.lent, intent)
    assert await stage.boosts(post) == 0


@on_each(NETWORKS)
async def test_reading_through_trouble_decides_nothing(stage: Stage):
    """A read that meets a page, a cut or a broken connection never says "gone" or "not boosted"."""
    _, intent = await begin(stage)
    await stage.api.boost(stage.lent, intent)
    page = whole(PAGE, 404, "Content-Type: text/html")
    for fault, answer in ((Fault.RESET, b""), (Fault.INSTEAD, page), (Fault.PAGE, b""), (Fault.CUT, b"")):
        for read in (
            lambda: stage.api.look(stage.lent, intent.target),
            lambda: stage.api.read_back(stage.lent, intent),
        ):
            stage.proxy.meet(fault, reads, answer=answer)
            with pytest.raises((NetworkError, NoAnswerError)):
                await read()
            stage.proxy.clear()


@on_each(NETWORKS)
async def test_undoing_through_trouble_can_be_done_again(stage: Stage):
    """A lost answer to an undo says that nobody knows; once more is no error and leaves no boost."""
    post, intent = await begin(stage)
    made = await stage.api.boost(stage.lent, intent)
    stage.proxy.meet(Fault.LOST)
    with pytest.raises(NoAnswerError):
        await stage.api.undo(stage.lent, intent, made.remote_id)
    await stage.api.undo(stage.lent, intent, made.remote_id)
    assert await stage.boosts(post) == 0


@on_each(NETWORKS)
async def test_a_strong_read_is_declared(stage: Stage):
    """Where nothing reads back strongly, asking for it is refused, never answered with a guess."""
    needs(not stage.api.reads_back, "there is a strong read")
    _, intent = await begin(stage)
    with pytest.raises(NetworkError):
        await stage.api.read_back(stage.lent, intent)
