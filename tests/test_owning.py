"""The operator connects the collective's own account: a yes at the network and a label that is seen."""

from dataclasses import replace

import pytest

from bot.delivering import look_at_labels
from bot.delivery import collective as stage_of
from bot.delivery import tokens
from bot.errors import ConfigError, ConflictError
from bot.model.boost import Mode
from bot.model.journal import CLI
from bot.networks.policy import load
from bot.owning import Owner
from bot.reporting.collective import standings
from bot.roster import change
from bot.storage import collective, volunteers
from tests.contract.mastodon import ANOTHER, HERE, WHO, MastodonStage, play
from tests.lent import allow, make_vault

HANDLE = f"{WHO}@{HERE}"


@pytest.fixture
def one(app, tmp_path):
    """An installation whose policy allows it."""
    make_vault(app, tmp_path / "vault.key")
    return allow(app, "mastodon")


async def connected(one, made: MastodonStage, handle: str = HANDLE, *, as_another: bool = False):
    """Connect the account as the operator does, on the network's own page."""
    owner = Owner(one, "mastodon", handle, made.connect, made.publisher)
    begun = await owner.begin()
    return await owner.finish(begun, await made.consent(begun.url, as_another=as_another), actor=CLI)


def test_an_account_that_carries_its_label_is_connected(one):
    """Its token is kept sealed for this mode, and it works; a second account takes its place."""

    async def scene(made: MastodonStage):
        made.here.automated |= {WHO, ANOTHER}
        account = await connected(one, made)
        [own] = one.store.run_read(collective.accounts)
        assert own.access is not None
        assert (own.account, own.access.mode) == (account, Mode.COLLECTIVE)
        [standing] = [s for s in one.store.run_read(standings, one.policies) if s.handle]
        assert standing.works
        other = await connected(one, made, f"{ANOTHER}@{HERE}", as_another=True)
        assert other.volunteer_id == account.volunteer_id
        [own] = one.store.run_read(collective.accounts)
        assert own.account == other

    play(scene)


def test_an_account_without_its_label_is_refused(one):
    """Nothing is kept, the token is given back at once, and the operator reads where the label is set."""

    async def scene(made: MastodonStage):
        with pytest.raises(ConflictError, match=r"docs/networks/mastodon\.md"):
            await connected(one, made)
        assert one.store.run_read(collective.accounts) == []
        assert list(made.here.tokens.values()) == [made.here.tokens[made._token]]

    play(scene)


def test_another_account_that_says_yes_is_refused(one):
    """The one that was named counts."""

    async def scene(made: MastodonStage):
        made.here.automated |= {WHO, ANOTHER}
        with pytest.raises(ConflictError, match="Nothing is connected"):
            await connected(one, made, as_another=True)
        assert one.store.run_read(collective.accounts) == []

    play(scene)


def test_what_would_be_refused_at_the_end_does_not_begin(one, app, tmp_path):
    """No policy, no handle, no key, a volunteer's account: each is said before anybody agrees to anything."""

    async def scene(made: MastodonStage):
        closed = replace(one, policies=load(one.networks, tmp_path))
        for where, handle in ((closed, HANDLE), (one, "no handle at all")):
            with pytest.raises(ConflictError):
                Owner(where, "mastodon", handle, made.connect, made.publisher)
        (app.settings.data_dir / "vault.pub").unlink()
        with pytest.raises(ConfigError, match="bot keys new"):
            Owner(one, "mastodon", HANDLE, made.connect, made.publisher)

    play(scene)


def test_a_volunteer_s_account_is_not_the_collective_s(one, make_volunteer):
    """It is refused, and the volunteer's account stays theirs."""
    make_volunteer(accounts=[("mastodon", HANDLE)])

    async def scene(made: MastodonStage):
        made.here.automated.add(WHO)
        with pytest.raises(ConflictError, match="volunteer"):
            await connected(one, made)
        assert one.store.run_read(collective.accounts) == []

    play(scene)


def test_a_label_that_goes_is_seen(one, clock, tmp_path):
    """Once a day the daemon looks; what it sees is noted, and again when the label is back."""

    async def scene(made: MastodonStage):
        made.here.automated.add(WHO)
        await connected(one, made)
        opener = tokens.Opener(tmp_path / "vault.key", one.settings.data_dir)
        for labelled in (False, True):
            (made.here.automated.add if labelled else made.here.automated.discard)(WHO)
            clock.advance(stage_of.LOOK)
            await look_at_labels(one, {"mastodon": made.publisher}, opener)
            [own] = one.store.run_read(collective.accounts)
            assert own.access is not None
            assert own.access.unlabelled is not labelled

    play(scene)


def test_its_row_is_no_volunteer_s(one):
    """It is on no list, and nobody pauses, renews or erases it."""

    async def scene(made: MastodonStage):
        made.here.automated.add(WHO)
        account = await connected(one, made)
        assert one.store.run_read(volunteers.listed) == []
        for act in (change.new_link, change.resume, change.leave):
            with pytest.raises(ConflictError, match="no volunteer"):
                one.store.run_write(act, account.volunteer_id, now=one.clock.now(), actor=CLI)

    play(scene)
