"""From settings to sources: what is watched, with what. Imported only when something is."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.errors import ConfigError
from bot.networks.watch.base import Source, Wanted, wanted
from bot.networks.watch.fediverse import Instance
from bot.networks.watch.jetstream import Jetstream
from bot.networks.watch.profiles import profiles
from bot.purse import Purse, budget_of

if TYPE_CHECKING:
    from bot.app import App
    from bot.networks.http import Http


def build(app: "App", http: "Http") -> list[Source]:
    """Give the sources of the networks in the setting `watch`.

    Raises:
        ConfigError: one cannot be watched, or something it needs is missing.
    """
    found: list[Source] = []
    for name in dict.fromkeys(app.settings.watch):
        make = _MAKERS.get(name)
        if make is None or name not in app.networks:
            message = (
                f"watch: {name} cannot be watched; there are {', '.join(_MAKERS)}, if `networks` has them."
            )
            raise ConfigError(message)
        found += make(app, http)
    return found


def _tags(app: "App", account: str) -> Wanted:
    return wanted(app.settings.watch_hashtags or (app.settings.hashtag,), account)


def _bluesky(app: "App", http: "Http") -> list[Source]:
    chosen = app.settings
    return [
        Jetstream(
            _tags(app, chosen.bluesky_account),
            chosen.bluesky_jetstream,
            chosen.bluesky_jetstream_v1,
            profiles(http, chosen.bluesky_appview),
        )
    ]


def _mastodon(app: "App", http: "Http") -> list[Source]:
    chosen = app.settings
    if not chosen.mastodon_instances:
        message = "watch: mastodon needs `mastodon_instances`, the instances to read, e.g. piaille.fr."
        raise ConfigError(message)
    if unknown := chosen.mastodon_tokens.keys() - set(chosen.mastodon_instances):
        message = f"mastodon_tokens: {', '.join(sorted(unknown))} is not among `mastodon_instances`."
        raise ConfigError(message)
    found: list[Source] = []
    for one in dict.fromkeys(chosen.mastodon_instances):
        token = chosen.mastodon_tokens.get(one)
        found.append(
            Instance(
                _tags(app, chosen.mastodon_account),
                http,
                one if "://" in one else f"https://{one}",
                chosen.watch_every_s,
                token.get_secret_value() if token else "",
            )
        )
    return found


def _x(app: "App", http: "Http") -> list[Source]:
    from bot.networks.api.x_client import XClient  # noqa: PLC0415
    from bot.networks.watch.x import QUERY_MAX, XSource, query_of  # noqa: PLC0415  tweepy takes half a second

    chosen = app.settings
    needed = {
        "x_bearer_token": chosen.x_bearer_token.get_secret_value(),
        "x_budget_day_usd": chosen.x_budget_day_usd,
        "x_budget_month_usd": chosen.x_budget_month_usd,
    }
    if missing := [name for name, value in needed.items() if not value]:
        message = (
            f"watch: x needs {', '.join(missing)}: each post that is read costs money (docs/networks/x.md)."
        )
        raise ConfigError(message)
    looked_for = _tags(app, chosen.x_account)
    if len(query_of(looked_for)) > QUERY_MAX:
        message = f"watch_hashtags: too many for X, whose search takes {QUERY_MAX} characters."
        raise ConfigError(message)
    client = XClient(chosen.x_bearer_token.get_secret_value(), http, chosen.x_api_url)
    purse = Purse(app, "x", budget_of(chosen))
    found: list[Source] = [XSource("search", looked_for, client, purse, chosen.watch_every_s)]
    if chosen.x_account:
        found.append(XSource("mentions", looked_for, client, purse, chosen.watch_every_s))
    return found


_MAKERS: dict[str, Callable[["App", "Http"], list[Source]]] = {
    "bluesky": _bluesky,
    "mastodon": _mastodon,
    "x": _x,
}
