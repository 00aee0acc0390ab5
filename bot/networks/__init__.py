"""One file per network, found by this registry: a module with a `NETWORK` is a network."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bot.errors import ConfigError
from bot.networks.base import Network

__all__ = ["Network", "enabled", "every"]


@cache
def every() -> dict[str, Network]:
    """Give all networks by name, in the order of lists."""
    found: list[Network] = []
    for module in iter_modules(__path__):
        network = getattr(import_module(f"{__name__}.{module.name}"), "NETWORK", None)
        if network is not None:
            found.append(network)
    return {network.name: network for network in sorted(found, key=lambda n: n.order)}


def enabled(names: Iterable[str]) -> dict[str, Network]:
    """Give the networks of the setting `networks`, in the order of lists.

    Raises:
        ConfigError: one is unknown.
    """
    wanted = set(names)
    if unknown := wanted - every().keys():
        message = f"networks: unknown {', '.join(sorted(unknown))}; there are {', '.join(every())}."
        raise ConfigError(message)
    return {name: network for name, network in every().items() if name in wanted}
