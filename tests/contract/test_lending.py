"""Lending from the volunteer's yes to the sealed token, and back, with the networks' own adapters."""

import pytest

from bot import errands
from bot.delivery import lending, tokens
from bot.lenders import back_to
from bot.model.boost import Mode
from bot.model.journal import CLI
from bot.model.lending import Trouble, Way
from bot.storage import access, connections, revocations
from tests.clocks import NOW
from tests.contract.mastodon import HERE, WHO, play
from tests.lent import allow, make_vault


@pytest.fixture
def key(tmp_path):
    """The vault's private key."""
    return tmp_path / "vault.key"


@pytest.fixture
def lend(app, key, make_volunteer):
    """Begin, decide on the instance's page, come back, and let the daemon do the rest; give the account."""
    seal, ours = make_vault(app, key), allow(app, "mastodon")
    account = make_volunteer(accounts=[("mastodon", f"{WHO}@{HERE}")]).accounts[0]

    async def do(made, **decision):
        begun = await made.connect.begin(account, back_to(app, "mastodon"))
        values = {"mode": Mode.ONE_TAP, "way": Way.PAGE, "state": begun.state, "lang": "fr", "now": NOW}
        await app.store.write(lending.begin, seal, account, begun.kept, policies=ours.policies, **values)
        answer = await made.consent(begun.url, **decision)
        who = account.volunteer_id
        await app.store.write(
            lending.come_back, seal, begun.state, answer, network="mastodon", volunteer_id=who, now=NOW
        )
        await work(ours, made, key)
        return account

    return do


async def work(app, made, key):
    """Let the daemon do its errands once."""
    opener = tokens.Opener(key, app.settings.data_dir)
    await errands.once(app, {"mastodon": made.connect}, opener)


@pytest.mark.parametrize("switches", [{}, {"duplicating": True, "ulids": True, "modern": False}])
def test_an_instance_lends_and_takes_back(app, key, lend, switches):
    """The token that is kept works at the instance; taken back, it works there no more."""

    async def scene(made):
        before = set(made.here.tokens)
        account = await lend(made)
        assert app.store.run_read(access.of, account.id).mode is Mode.ONE_TAP
        assert len(set(made.here.tokens) - before) == 1
        await app.store.write(lending.take_back, account, now=NOW, actor=CLI)
        await work(app, made, key)
        assert app.store.run_read(revocations.page) == []
        return set(made.here.tokens) - before

    assert play(scene, **switches) == set()


@pytest.mark.parametrize("decision", [{"yes": False}, {"as_another": True}])
def test_a_no_or_another_account_lends_nothing(app, lend, decision):
    """Nothing is kept here, nothing stays alive there, and the volunteer is told."""

    async def scene(made):
        before = set(made.here.tokens)
        account = await lend(made, **decision)
        assert app.store.run_read(access.of, account.id) is None
        assert app.store.run_read(connections.of, account.id).trouble is Trouble.REFUSED
        return set(made.here.tokens) - before

    assert play(scene) == set()
