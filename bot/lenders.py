"""From settings to what accounts are lent by: which networks, with which adapter, through which gate."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.networks.atproto.client import Client
from bot.networks.atproto.jws import Key
from bot.networks.connect.base import Connect
from bot.networks.http import Http, anywhere
from bot.purse import Purse, budget_of
from bot.trust.outbound import PublicOnly

if TYPE_CHECKING:
    from bot.app import App
    from bot.settings import Settings

Connects = Mapping[str, Connect]
"""By the name of the network."""
Make = Callable[[Http, Http], Iterable[Connect]]
"""Gives the adapters: over hosts that a volunteer names, over hosts that only the operator names."""


@dataclass(frozen=True, slots=True)
class Lenders:
    """How accounts are lent in an installation."""

    networks: frozenset[str]
    """Networks on which the settings allow it: those whose credentials are there, if any are needed."""
    passwords: frozenset[str]
    """Of those, the ones on which an app password is a second way."""
    guarded: Callable[[], Http]
    """Opens what calls hosts that a volunteer names."""
    make: Make
    shared: Connects | None = None
    patience_s: float = 6.0
    """How long a page waits for the daemon to finish before it says that it goes on."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Connects]:
        """Give the adapters for as long as one event loop needs them: the shared ones, or new ones."""
        if self.shared is not None:
            yield self.shared
            return
        async with self.guarded() as guarded, Http(anywhere) as free:
            yield {adapter.name: adapter for adapter in self.make(guarded, free)}

    def sharing(self, connects: Connects) -> "Lenders":
        """Give the same with adapters that live longer: they remember what a network allows only so often."""
        return replace(self, shared=connects)


def back_to(app: "App", network: str) -> str:
    """Give our page to which a network's page of consent leads back: the same for everybody."""
    return f"{app.settings.address}/connected/{network}"


def lenders_of(app: "App") -> Lenders:
    """Give what the installation's settings allow."""
    made = {
        name: make for name, make in _MAKERS.items() if name in app.networks and ready(app.settings, name)
    }

    def make(guarded: Http, free: Http) -> Iterable[Connect]:
        return [one(app, guarded, free) for one in made.values()]

    return Lenders(frozenset(made), frozenset(made) & _PASSWORDS, lambda: guarded_of(app), make)


def guarded_of(app: "App") -> Http:
    """Give what calls hosts that people name: public ones, and the operator's own servers by their names."""
    return Http(PublicOnly(), own=app.settings.own_servers)


def collective_lenders(app: "App") -> Lenders:
    """Give the same for the collective's own account, which asks Bluesky for posts as well."""
    from bot.networks.atproto.client import COLLECTIVE_SCOPE  # noqa: PLC0415  only what is used

    lenders = lenders_of(app)

    def make(guarded: Http, free: Http) -> Iterable[Connect]:
        others = [one for one in lenders.make(guarded, free) if one.name != "bluesky"]
        wide = [_bluesky(app, guarded, free, COLLECTIVE_SCOPE)] if "bluesky" in lenders.networks else []
        return [*others, *wide]

    return replace(lenders, make=make)


def ready(chosen: "Settings", name: str) -> bool:
    """Whether the settings have what a network needs: X an app and money for the question who said yes."""
    needs = {"x": (chosen.x_client_id, chosen.x_client_secret.get_secret_value(), chosen.x_budget_day_usd)}
    return all(needs.get(name, ()))


def bluesky_client(app: "App") -> Client:
    """Give who the site is to Bluesky's authorization servers; its key follows from our own secret."""
    return Client(app.settings.address, Key.derived(app.keys.seed("bluesky-client")))


def _bluesky(app: "App", guarded: Http, _free: Http, scope: str = "") -> Connect:
    from bot.networks.atproto.client import SCOPE  # noqa: PLC0415  only what is used
    from bot.networks.connect.bluesky import BlueskyConnect  # noqa: PLC0415  only what is used

    hosts = app.settings.bluesky_plc, app.settings.bluesky_appview
    return BlueskyConnect(guarded, bluesky_client(app), *hosts, scope or SCOPE)


def _mastodon(app: "App", guarded: Http, _free: Http) -> Connect:
    from bot.networks.connect.mastodon import MastodonConnect  # noqa: PLC0415  only what is used

    chosen = app.settings
    return MastodonConnect(guarded, chosen.site_name, chosen.address)


def _x(app: "App", _guarded: Http, free: Http) -> Connect:
    from bot.networks.connect.x import XConnect  # noqa: PLC0415  tweepy takes half a second

    chosen = app.settings
    secret = chosen.x_client_secret.get_secret_value()
    return XConnect(free, chosen.x_api_url, chosen.x_client_id, secret, Purse(app, "x", budget_of(chosen)))


_MAKERS: dict[str, Callable[["App", Http, Http], Connect]] = {
    "bluesky": _bluesky,
    "mastodon": _mastodon,
    "x": _x,
}
_PASSWORDS = frozenset({"bluesky"})
