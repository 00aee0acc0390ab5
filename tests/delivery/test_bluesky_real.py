"""The engine and the official PDS of Bluesky: from a due boost to one record there, tokens and all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.model.boost import BoostState
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.http import Http
from bot.storage import access
from tests.clocks import StillClock
from tests.delivery.lending import Lending, policy
from tests.fakes.proxy import Fault
from tests.networks.bluesky_lent import ON_LOOPBACK, consented
from tests.pds import Pds


class OnBluesky(Lending):
    """The collective that lends accounts of the PDS."""

    def __init__(self, pds: Pds, *made: Any) -> None:
        super().__init__(*made, "")
        self.pds = pds

    def engine(self, http: Http, owner: str = "one", **terms: Any) -> Engine:
        """Make an engine over the real adapter."""
        api = BlueskyApi(http, ON_LOOPBACK, self.pds.plc, self.pds.url)
        found = Terms(owner, {api.name: api}, {api.name: policy()}, **terms)
        opener = tokens.Opener(self._key, self.app.settings.data_dir)
        return Engine(self.app.store, found, opener, self.clock, self.steady, rng=lambda: 0.0)

    def sealed(self, account_id: int) -> str:
        """Give an account's token as it is kept."""
        found = self.app.store.run_read(access.of, account_id)
        assert found is not None
        return found.sealed


@pytest.fixture
def clock() -> StillClock:
    """A clock at this moment: the PDS has no other."""
    now = datetime.now(UTC)
    return StillClock(now.replace(microsecond=now.microsecond // 1000 * 1000))


@pytest.fixture
def lending(pds, app, clock, make_notice, make_volunteer, tmp_path) -> OnBluesky:
    """The collective."""
    return OnBluesky(pds, app, clock, make_notice, make_volunteer, tmp_path / "vault.key")


def test_a_due_boost_becomes_one_repost(pds: Pds, lending: OnBluesky):
    """Made; made behind a lost answer, in doubt, and found; made after a renewal whose pair was kept."""
    nadia, samir = pds.someone("nadia"), pds.person("samir")
    volunteer = lending.volunteer(mode=None, accounts=[("bluesky", samir.handle)])
    [account] = volunteer.accounts
    lending.lend(account, token=consented(pds, samir).token.reveal())

    first = lending.due(lending.notice(posts=[pds.post(nadia, "Soudeuse")]), volunteer)
    lending.deliver()
    assert lending.state(first) is BoostState.VERIFIED
    assert lending.call(first).remote_id == pds.records(samir)[0]["uri"]

    lending.advance(minutes=2)
    second = lending.due(lending.notice(posts=[pds.post(nadia, "Comptable")]), volunteer)
    pds.proxy.meet(Fault.LOST)
    lending.deliver()
    assert lending.state(second) is BoostState.UNCERTAIN
    lending.advance(seconds=121)
    lending.deliver()
    assert lending.state(second) is BoostState.VERIFIED

    before = lending.sealed(account.id)
    for hours in (2, 4):
        lending.advance(hours=hours)
        third = lending.due(lending.notice(posts=[pds.post(nadia, "Infirmière")]), volunteer)
        lending.deliver()
        assert lending.state(third) is BoostState.VERIFIED
    assert lending.sealed(account.id) != before
    assert len(pds.records(samir)) == 4
