"""From settings to what accounts are lent by: which networks, with which adapter, through which gate."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.networks.connect.base import Connect
from bot.networks.http import Gate, Http
from bot.trust.outbound import PublicOnly

if TYPE_CHECKING:
    from bot.app import App


@dataclass(frozen=True, slots=True)
class Lenders:
    """How accounts are lent in an installation. `make` gives the adapters over an open `Http`."""

    networks: frozenset[str]
    """Networks on which the settings allow it: those whose credentials are there, if any are needed."""
    passwords: frozenset[str]
    """Of those, the ones on which an app password is a second way."""
    gate: Gate
    make: Callable[[Http], Iterable[Connect]]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Mapping[str, Connect]]:
        """Give the adapters by network, for as long as they are needed in one event loop."""
        async with Http(self.gate) as http:
            yield {adapter.name: adapter for adapter in self.make(http)}


def back_to(app: "App", network: str) -> str:
    """Give our page to which a network's page of consent leads back: the same for everybody."""
    return f"{app.settings.address}/connected/{network}"


def lenders_of(app: "App") -> Lenders:
    """Give what the installation's settings allow."""
    del app
    return Lenders(frozenset(), frozenset(), PublicOnly(), lambda _http: ())
