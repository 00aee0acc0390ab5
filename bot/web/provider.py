"""The log-in provider of one site, out of the settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.networks.http import Gate, anywhere
from bot.networks.openid import Provider
from bot.trust.limits import Rate
from bot.trust.outbound import PublicOnly

if TYPE_CHECKING:
    from bot.app import App

TRIES_MOST, TRIES_PER = 20, timedelta(minutes=5)
"""Answers of the provider that one network brings: each makes us call it."""


@dataclass(frozen=True, slots=True)
class OpenId:
    """The provider of one site, and how many answers came lately."""

    provider: Provider
    accepted: frozenset[str]
    """What the provider says after a second factor that counts here."""
    tries: Rate

    @property
    def host(self) -> str:
        """The provider's host, as admins know it."""
        return urlsplit(self.provider.issuer).hostname or ""


def open_id_of(app: "App") -> OpenId | None:
    """Give what the settings name; None unless issuer, client id and secret are all there."""
    chosen = app.settings
    secret = chosen.oidc_client_secret.get_secret_value()
    if not (chosen.oidc_issuer and chosen.oidc_client_id and secret):
        return None
    provider = Provider(
        chosen.oidc_issuer, chosen.oidc_client_id, secret, _gate(chosen.oidc_issuer), _seconds(app)
    )
    return OpenId(provider, frozenset(chosen.oidc_second_factor), Rate(TRIES_MOST, TRIES_PER))


def _seconds(app: "App") -> Callable[[], float]:
    return lambda: app.clock.now().timestamp()


def _gate(issuer: str) -> Gate:
    """Let calls through to the operator's own host; to others that it names only where they are public."""
    own, public = urlsplit(issuer).hostname, PublicOnly()

    async def gate(scheme: str, host: str, port: int) -> Sequence[str]:
        return await (anywhere if host == own else public)(scheme, host, port)

    return gate
