"""Boosting when all goes well: found, looked at, boosted once, read back, taken back."""

import contextlib

import pytest

from bot.networks.errors import AccessLostError, RefusedError
from tests.contract.networks import NETWORKS
from tests.contract.stage import Stage, intent_of, needs, on_each

WORDS = "Je cherche un poste de soudeuse à Lille, merci à toutes et tous"


@on_each(NETWORKS)
async def test_a_post_is_found_and_read(stage: Stage):
    """What `locate` gives is good for `look`, which says the same however often it is asked and boosted."""
    post = await stage.post(WORDS)
    target = await stage.api.locate(stage.lent, post)
    assert target == await stage.api.locate(stage.lent, post)
    first = await stage.api.look(stage.lent, target)
    await stage.api.boost(stage.lent, intent_of(target))
    assert first.digest
    assert await stage.api.look(stage.lent, target) == first


@on_each(NETWORKS)
async def test_other_words_have_another_digest(stage: Stage):
    """An edit is seen; two posts with the same words need not be told apart, with others they are."""
    post, other = await stage.post(WORDS), await stage.post("Autre chose")
    target = await stage.api.locate(stage.lent, post)
    first = await stage.api.look(stage.lent, target)
    assert await stage.api.look(stage.lent, await stage.api.locate(stage.lent, other)) != first
    needs(stage.edits, "an edit makes another post here")
    await stage.edit(post, "Poste trouvé")
    assert await stage.api.look(stage.lent, target) != first


@on_each(NETWORKS)
async def test_a_deleted_post_is_gone(stage: Stage):
    """After its author deleted it no words are found: it is gone, or at least refused to this account."""
    post = await stage.post(WORDS)
    target = await stage.api.locate(stage.lent, post)
    assert (await stage.api.look(stage.lent, target)).digest
    await stage.delete(post)
    with contextlib.suppress(RefusedError):
        assert (await stage.api.look(stage.lent, target)).digest is None
    never = await stage.post(WORDS)
    await stage.delete(never)
    with contextlib.suppress(RefusedError):
        # Where an id needs no call to be found, it is the look that tells.
        found = await stage.api.locate(stage.lent, never)
        assert (await stage.api.look(stage.lent, found)).digest is None


@on_each(NETWORKS)
async def test_a_boost_is_there_for_others(stage: Stage):
    """One boost appears at the server, which was not there before."""
    post = await stage.post(WORDS)
    target = await stage.api.locate(stage.lent, post)
    made = await stage.api.boost(stage.lent, intent_of(target))
    assert made.remote_id
    assert not made.before
    assert await stage.boosts(post) == 1


@on_each(NETWORKS)
async def test_the_same_intent_twice_is_one_boost(stage: Stage):
    """However often an intent is sent, there is one boost, and it is the same."""
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(stage.lent, post))
    made = [await stage.api.boost(stage.lent, intent) for _ in range(3)]
    assert await stage.boosts(post) == 1
    assert len({one.remote_id for one in made}) == 1


@on_each(NETWORKS)
async def test_reading_back_says_what_is_true(stage: Stage):
    """Nothing before the boost, the boost itself after it, nothing once it was taken back."""
    needs(stage.api.reads_back, "there is no strong read")
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(stage.lent, post))
    assert await stage.api.read_back(stage.lent, intent) is None
    made = await stage.api.boost(stage.lent, intent)
    found = await stage.api.read_back(stage.lent, intent)
    assert found is not None
    assert (found.remote_id, found.before) == (made.remote_id, False)
    await stage.api.undo(stage.lent, intent, made.remote_id)
    assert await stage.api.read_back(stage.lent, intent) is None


@on_each(NETWORKS)
async def test_a_boost_is_taken_back_once_and_again(stage: Stage):
    """Undoing removes it; undoing what is not there, or whose post is gone, is no error."""
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(stage.lent, post))
    made = await stage.api.boost(stage.lent, intent)
    for _ in range(2):
        await stage.api.undo(stage.lent, intent, made.remote_id)
        assert await stage.boosts(post) == 0
    await stage.delete(post)
    await stage.api.undo(stage.lent, intent, made.remote_id)


@on_each(NETWORKS)
async def test_each_post_has_its_own_boost(stage: Stage):
    """Boosting one post and taking it back leaves another alone."""
    posts = [await stage.post(WORDS), await stage.post("Autre chose")]
    intents = [
        intent_of(await stage.api.locate(stage.lent, one), number) for number, one in enumerate(posts, 1)
    ]
    made = [await stage.api.boost(stage.lent, one) for one in intents]
    await stage.api.undo(stage.lent, intents[0], made[0].remote_id)
    assert [await stage.boosts(one) for one in posts] == [0, 1]


@on_each(NETWORKS)
async def test_a_revoked_token_is_lost_access(stage: Stage):
    """Boosting and undoing say so, and nothing is boosted."""
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(stage.lent, post))
    dead = await stage.dead()
    with pytest.raises(AccessLostError):
        await stage.api.boost(dead, intent)
    with pytest.raises(AccessLostError):
        await stage.api.undo(dead, intent, "1")
    assert await stage.boosts(post) == 0
