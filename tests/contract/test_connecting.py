"""Lending an account: who said yes, to what, once, and that it can be given back."""

import pytest

from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.connect.base import Granted
from bot.networks.errors import AccessLostError, RefusedError
from tests.contract.networks import NETWORKS
from tests.contract.stage import BACK, Stage, intent_of, needs, on_each
from tests.contract.test_boosting import WORDS


async def granted(stage: Stage) -> Granted:
    """Connect the volunteer's account from the first step to the last."""
    assert stage.connect is not None
    begun = await stage.connect.begin(stage.lent.account, BACK)
    answer = await stage.consent(begun.url)
    assert answer["state"] == begun.state
    return await stage.connect.finish(begun.kept, BACK, answer)


@on_each(NETWORKS)
async def test_what_is_granted_boosts(stage: Stage):
    """The token that comes back is the volunteer's own, and good for everything that boosting needs."""
    needs(stage.connect, "nobody can say yes here")
    found = await granted(stage)
    assert found.handle == stage.lent.account.handle
    lent = Lent(Account(1, 1, stage.api.name, found.handle), found.token)
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(lent, post))
    assert (await stage.api.look(lent, intent.target)).digest
    made = await stage.api.boost(lent, intent)
    assert await stage.boosts(post) == 1
    await stage.api.undo(lent, intent, made.remote_id)


@on_each(NETWORKS)
async def test_a_no_is_a_no(stage: Stage):
    """Whoever says no on the network's page lends nothing."""
    needs(stage.connect, "nobody can say yes here")
    begun = await stage.connect.begin(stage.lent.account, BACK)
    with pytest.raises(RefusedError):
        await stage.connect.finish(begun.kept, BACK, await stage.consent(begun.url, yes=False))


@on_each(NETWORKS)
async def test_an_answer_counts_for_its_own_connection_only(stage: Stage):
    """An answer with another state, without a code, or to another connection is refused."""
    needs(stage.connect, "nobody can say yes here")
    one, two = [await stage.connect.begin(stage.lent.account, BACK) for _ in range(2)]
    answer = dict(await stage.consent(one.url))
    for wrong in ({**answer, "state": "x"}, {"state": one.state}, {}):
        with pytest.raises(RefusedError):
            await stage.connect.finish(one.kept, BACK, wrong)
    with pytest.raises(RefusedError):
        await stage.connect.finish(two.kept, BACK, {**answer, "state": two.state})


@on_each(NETWORKS)
async def test_a_code_is_good_once(stage: Stage):
    """The same answer a second time is refused."""
    needs(stage.connect, "nobody can say yes here")
    begun = await stage.connect.begin(stage.lent.account, BACK)
    answer = await stage.consent(begun.url)
    await stage.connect.finish(begun.kept, BACK, answer)
    with pytest.raises(RefusedError):
        await stage.connect.finish(begun.kept, BACK, answer)


@on_each(NETWORKS)
async def test_another_account_s_yes_is_refused(stage: Stage):
    """Who is logged in at the network as somebody else lends nobody's account."""
    needs(stage.connect, "nobody can say yes here")
    begun = await stage.connect.begin(stage.lent.account, BACK)
    with pytest.raises(RefusedError):
        await stage.connect.finish(begun.kept, BACK, await stage.consent(begun.url, as_another=True))


@on_each(NETWORKS)
async def test_what_was_given_back_opens_nothing(stage: Stage):
    """After `revoke` the token is lost access; giving it back again is no error."""
    needs(stage.connect, "nobody can say yes here")
    found = await granted(stage)
    lent = Lent(stage.lent.account, found.token)
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(lent, post))
    await stage.connect.revoke(found.token)
    with pytest.raises(AccessLostError):
        await stage.api.boost(lent, intent)
    await stage.connect.revoke(found.token)
    assert await stage.boosts(post) == 0
