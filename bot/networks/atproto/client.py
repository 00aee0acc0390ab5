"""Who Languette is to an authorization server: a named site with a key of its own, or a program on loopback.

A site with a public https address is a confidential client: it shows two documents at fixed addresses and
signs what it asks for. Without one only the "loopback client" is left, whose grants end after two weeks
(atproto.com/specs/oauth#clients).
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.networks.atproto.jws import ALG, Key
from bot.networks.errors import RefusedError

SCOPE = "atproto repo:app.bsky.feed.repost?action=create&action=update&action=delete"
"""Reposts and nothing else; putRecord, which makes a retry harmless, asks for `update`."""
COLLECTIVE_SCOPE = f"{SCOPE} repo:app.bsky.feed.post?action=create&action=update&action=delete"
"""Of the collective's own account, which posts as well: the widest that any grant asks for."""
METADATA_PATH = "/bluesky/client.json"
KEYS_PATH = "/bluesky/keys.json"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_S = 60
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Client:
    """The site at `address` (no slash at its end), and the key whose public half its documents show."""

    address: str
    key: Key = field(repr=False)

    @property
    def confidential(self) -> bool:
        """Whether authorization servers can read our documents: https, on its own port."""
        where = urlsplit(self.address)
        return where.scheme == "https" and where.port is None

    def id(self, back_to: str, scope: str) -> str:
        """Give our name for a grant that comes back to `back_to`.

        Raises:
            RefusedError: the site's address allows neither kind of client.
        """
        if self.confidential:
            return f"{self.address}{METADATA_PATH}"
        where = urlsplit(back_to)
        if where.scheme == "http" and where.hostname in _LOOPBACK:
            return "http://localhost?" + urlencode({"redirect_uri": back_to, "scope": scope})
        message = "Bluesky's own page needs a site at an https address, or at http://127.0.0.1"
        raise RefusedError(message)

    def assertion(self, client_id: str, issuer: str) -> dict[str, str]:
        """Give the fields that prove a confidential client to `issuer`; none for another."""
        if client_id != f"{self.address}{METADATA_PATH}":
            return {}
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + _ASSERTION_S,
        }
        signed = self.key.sign({"kid": self.key.thumbprint}, claims)
        return {"client_assertion_type": _ASSERTION, "client_assertion": signed}


def documents(client: Client, name: str, back_to: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what the site shows at `METADATA_PATH` and `KEYS_PATH`; grants come back to `back_to`."""
    metadata = {
        "client_id": f"{client.address}{METADATA_PATH}",
        "client_name": name,
        "client_uri": client.address,
        "application_type": "web",
        "redirect_uris": list(back_to),
        "scope": COLLECTIVE_SCOPE,
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": ALG,
        "jwks_uri": f"{client.address}{KEYS_PATH}",
        "dpop_bound_access_tokens": True,
    }
    key = client.key.public | {"kid": client.key.thumbprint, "use": "sig", "alg": ALG}
    return metadata, {"keys": [key]}
