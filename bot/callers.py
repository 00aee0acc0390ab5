"""From settings to what boosts are called by: an adapter for each network whose credentials are there."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.lenders import bluesky_client, guarded_of, ready
from bot.networks.api.base import Api, Publisher
from bot.networks.http import Http, anywhere

if TYPE_CHECKING:
    from bot.app import App
    from bot.settings import Settings


def names(app: "App") -> list[str]:
    """Give the networks that can be called with the installation's settings."""
    return called(app.settings)


def called(settings: "Settings") -> list[str]:
    """Give the networks that can be called with these settings."""
    return [name for name in _MAKERS if name in settings.networks and ready(settings, name)]


@asynccontextmanager
async def open_apis(app: "App") -> AsyncIterator[Mapping[str, Api]]:
    """Give the adapters by network, for as long as they are needed in one event loop."""
    async with guarded_of(app) as guarded, Http(anywhere) as free:
        yield {name: _MAKERS[name](app, guarded, free) for name in names(app)}


def publishing(app: "App") -> list[str]:
    """Give the networks on which a notice without a post can be published: its link must lead to a site."""
    return [name for name in _PUBLISHERS if name in app.networks] if app.settings.site_url else []


@asynccontextmanager
async def open_publishers(app: "App") -> AsyncIterator[Mapping[str, Publisher]]:
    """Give what the collective's own accounts can do besides, by network."""
    async with guarded_of(app) as guarded:
        yield {name: make(app, guarded) for name, make in _PUBLISHERS.items() if name in app.networks}


def _bluesky_publisher(app: "App", guarded: Http) -> Publisher:
    from bot.networks.api.bluesky_posts import BlueskyPublisher  # noqa: PLC0415  only what is used

    return BlueskyPublisher(guarded, app.settings.bluesky_plc, app.settings.bluesky_appview)


def _mastodon_publisher(_app: "App", guarded: Http) -> Publisher:
    from bot.networks.api.mastodon_posts import MastodonPublisher  # noqa: PLC0415  only what is used

    return MastodonPublisher(guarded)


_PUBLISHERS: dict[str, Callable[["App", Http], Publisher]] = {
    "bluesky": _bluesky_publisher,
    "mastodon": _mastodon_publisher,
}


def _bluesky(app: "App", guarded: Http, _free: Http) -> Api:
    from bot.networks.api.bluesky import BlueskyApi  # noqa: PLC0415  only what is used

    chosen = app.settings
    return BlueskyApi(guarded, bluesky_client(app), chosen.bluesky_plc, chosen.bluesky_appview)


def _mastodon(_app: "App", guarded: Http, _free: Http) -> Api:
    from bot.networks.api.mastodon import MastodonApi  # noqa: PLC0415  only what is used

    return MastodonApi(guarded)


def _x(app: "App", _guarded: Http, free: Http) -> Api:
    from bot.networks.api.x import XApi  # noqa: PLC0415  tweepy takes half a second

    chosen = app.settings
    return XApi(free, chosen.x_api_url, chosen.x_client_id, chosen.x_client_secret.get_secret_value())


_MAKERS: dict[str, Callable[["App", Http, Http], Api]] = {
    "bluesky": _bluesky,
    "mastodon": _mastodon,
    "x": _x,
}
"""With the client for hosts that people name, and the one for hosts that only the operator names."""
