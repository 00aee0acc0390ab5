"""The daemon delivers: from settings to adapters; what it waits for; what an admin can try again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot import callers, delivering
from bot.app import App, build
from bot.delivery import janitor, retrying
from bot.errors import ConflictError
from bot.model.boost import BoostState
from bot.model.calls import Scope
from bot.model.journal import CLI
from bot.model.lane import Rest
from bot.networks.api.base import Api
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.api.mastodon import MastodonApi
from bot.reporting import delivery
from bot.settings import Settings
from bot.storage import quotas
from tests.delivery.conftest import lending, net, served
from tests.delivery.lending import NETWORK, Lending
from tests.fakes.recording import RecordingNet

__all__ = ["lending", "net", "served"]


@contextmanager
def installed(tmp_path: Any, **values: Any) -> Iterator[App]:
    """An installation with these settings."""
    app = build(Settings(data_dir=tmp_path / "other", _env_file=None, **values))  # type: ignore[call-arg]
    yield app
    app.close()


def test_each_network_that_can_be_called_has_its_adapter(app: App):
    """Bluesky and Mastodon need no credential of ours; X does, and has none here."""

    async def run() -> dict[str, Api]:
        async with callers.open_apis(app) as apis:
            return dict(apis)

    apis = asyncio.run(run())
    assert {name: type(api) for name, api in apis.items()} == {
        "bluesky": BlueskyApi,
        "mastodon": MastodonApi,
    }


def test_nothing_is_delivered_without_a_key(app: App):
    """Without the setting `vault_key` no token can be opened, and no engine runs."""
    assert callers.names(app) == ["bluesky", "mastodon"]
    assert not delivering.wanted(app)


def test_the_shortest_quiet_period_lasts_two_deadlines(tmp_path: Any):
    """No setting lets a boost be made while the request before it may still be on its way."""
    with installed(tmp_path, doubt_quiet_s=40) as app:
        terms = delivering.terms_of(app, {})
    assert terms.quiet == 2 * terms.deadline
    with pytest.raises(ValidationError):
        Settings(doubt_quiet_s=39, _env_file=None)  # type: ignore[call-arg]


def test_what_waits_is_said_with_why_and_until_when(lending: Lending, net: RecordingNet):
    """An account that rests, and an instance that asked to wait: network, reason, end."""
    net.scope = "instance"
    net.script["boost"].append("e429")
    lending.boosted()
    lending.deliver()
    lending.boosted(instance="two.example", quiet_start_min=0, quiet_len_min=1380)
    lending.deliver()
    until = lending.clock.now() + timedelta(seconds=60)
    found = lending.app.store.run_read(delivery.standing, lending.clock.now(), [NETWORK])
    said = {(one.network, one.what, one.why) for one in found.waiting}
    assert said == {
        ("mastodon", "accounts", Rest.RATE_LIMITED),
        ("mastodon", f"{Scope.INSTANCE.value} one.example", "rate_limited"),
        ("mastodon", "accounts", Rest.QUIET_HOURS),
    }
    assert {one.until for one in found.waiting if one.why == "rate_limited"} == {until}


def test_the_janitor_forgets_what_bears_on_nothing(lending: Lending, net: RecordingNet):
    """A limit of yesterday is gone; lanes were all right."""
    net.scope = "instance"
    net.script["boost"].append("e429")
    lending.boosted()
    lending.deliver()
    lending.advance(days=2)
    assert lending.app.store.run_write(janitor.tidy, now=lending.clock.now()) == 0
    assert lending.app.store.run_read(quotas.rests, lending.clock.now() - timedelta(days=2)) == {}


def test_an_admin_tries_a_failed_boost_again(lending: Lending, net: RecordingNet):
    """It is due, and is made."""
    boost_id = lending.boosted()
    net.script["boost"].append("e403")
    lending.deliver()
    lending.app.store.run_write(retrying.retry, boost_id, now=lending.clock.now(), actor=CLI)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED
    with pytest.raises(ConflictError):
        lending.app.store.run_write(retrying.retry, boost_id, now=lending.clock.now(), actor=CLI)


@pytest.mark.parametrize("seen", [True, False])
def test_an_admin_ends_a_doubt_that_the_network_cannot(lending: Lending, net: RecordingNet, seen: bool):
    """Seen, it is made without a call; not seen, it is sent once more."""
    lending.values["reads_back"] = False
    boost_id = lending.boosted()
    net.script["boost"].append("lost" if seen else "early")
    lending.deliver()
    act = retrying.made if seen else retrying.retry
    lending.advance(minutes=1)
    lending.app.store.run_write(act, boost_id, now=lending.clock.now(), actor=CLI)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]


def test_doubt_that_ends_by_itself_is_left_alone(lending: Lending, net: RecordingNet):
    """While the network will be asked, nobody sends it again."""
    boost_id = lending.boosted()
    net.script["boost"].append("lost")
    lending.deliver()
    for act in (retrying.retry, retrying.made):
        with pytest.raises(ConflictError):
            lending.app.store.run_write(act, boost_id, now=lending.clock.now(), actor=CLI)
