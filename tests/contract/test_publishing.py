"""The collective's own account: a notice is one post, found after a lost answer, deleted when asked."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bot.networks.api.base import Draft
from bot.networks.errors import AccessLostError
from bot.networks.http import NoAnswerError
from tests.contract.networks import NETWORKS
from tests.contract.stage import Stage, needs, on_each
from tests.contract.test_boosting import WORDS
from tests.fakes.proxy import Fault

WHY = "nothing is published here"


def draft() -> Draft:
    """A notice of its own about to be published."""
    now, name = datetime.now(UTC), uuid4().hex
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return Draft(name, WORDS, f"https://languette.example/fr/s/{name}", "fr", at)


@on_each(NETWORKS)
async def test_a_draft_is_one_post(stage: Stage):
    """Published again it is the same post; another draft is another."""
    needs(stage.publisher, WHY)
    assert stage.publisher is not None
    one, other = draft(), draft()
    assert await stage.publisher.find(stage.lent, one) is None
    made = [await stage.publisher.publish(stage.lent, each) for each in (one, one, other)]
    found = await stage.publisher.find(stage.lent, one)
    assert found is not None
    assert made[0].remote_id == made[1].remote_id == found.remote_id != made[2].remote_id


@on_each(NETWORKS)
async def test_a_post_behind_a_lost_answer_is_found(stage: Stage):
    """After a lost answer and after a 500 the post is there once."""
    needs(stage.publisher, WHY)
    assert stage.publisher is not None
    for fault in (Fault.LOST, Fault.ERROR):
        one = draft()
        stage.proxy.meet(fault)
        with pytest.raises(NoAnswerError):
            await stage.publisher.publish(stage.lent, one)
        found = await stage.publisher.find(stage.lent, one)
        assert found is not None, fault
        assert (await stage.publisher.publish(stage.lent, one)).remote_id == found.remote_id, fault


@on_each(NETWORKS)
async def test_what_was_published_is_deleted_once_and_again(stage: Stage):
    """Retracting deletes the post; what is gone is deleted."""
    needs(stage.publisher, WHY)
    assert stage.publisher is not None
    one = draft()
    made = await stage.publisher.publish(stage.lent, one)
    for _ in range(2):
        await stage.publisher.retract(stage.lent, made.remote_id)
        assert await stage.publisher.find(stage.lent, one) is None


@on_each(NETWORKS)
async def test_a_revoked_token_publishes_nothing(stage: Stage):
    """Whoever took the account back is not spoken for."""
    needs(stage.publisher, WHY)
    assert stage.publisher is not None
    with pytest.raises(AccessLostError):
        await stage.publisher.publish(await stage.dead(), draft())
