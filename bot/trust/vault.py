"""Tokens of volunteers: sealed to a public key by whoever receives them, opened by delivery only.

HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305. What is sealed is bound to its place
(`table:row:field:network`): moved to another row, it does not open. A sealed value is the text
`v1.<key id>.<base64>`.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from bot.errors import ConfigError, DataError
from bot.model.secret import Secret

KEY_BYTES = 32
_VERSION = "v1"
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def place(table: str, row: int, field: str, network: str) -> str:
    """Name the one place where a sealed value belongs."""
    return f"{table}:{row}:{field}:{network}"


def key_of(sealed: str) -> str:
    """Give the id of the key a value is sealed to.

    Raises:
        DataError: it is no sealed value.
    """
    return _parts(sealed)[0]


class Sealer(Protocol):
    """What puts a secret in: a public key, or whichever is published when it is written."""

    def close(self, where: str, secret: Secret) -> str:
        """Seal a secret for one place."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The public key: whoever holds it can put tokens in and never read one."""

    public: bytes

    @property
    def key(self) -> str:
        """The key's id, eight characters of its hash: an operator can compare it by eye."""
        return hashlib.sha256(self.public).hexdigest()[:8]

    def close(self, where: str, secret: Secret) -> str:
        """Seal a secret for one place."""
        to = X25519PublicKey.from_public_bytes(self.public)
        sealed = _SUITE.encrypt(secret.reveal().encode(), to, info=where.encode())
        return f"{_VERSION}.{self.key}.{base64.b64encode(sealed).decode()}"


@dataclass(frozen=True, slots=True)
class Key:
    """A private key. `retired_at`: since when nothing in use is sealed to it; backups of before may be."""

    private: bytes = field(repr=False)
    retired_at: datetime | None = None

    @property
    def seal(self) -> Seal:
        """Its public half."""
        return Seal(X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw())

    @property
    def id(self) -> str:
        """Its id, that of its public half."""
        return self.seal.key


class Vault:
    """The private keys, the newest last: older ones open what was sealed before a rotation."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = {key.id: X25519PrivateKey.from_private_bytes(key.private) for key in keys}
        self.seal = keys[-1].seal

    @property
    def keys(self) -> list[str]:
        """The ids of the keys, the oldest first."""
        return list(self._keys)

    def open(self, where: str, sealed: str) -> Secret:
        """Open what was sealed for this place.

        Raises:
            ConfigError: no key here fits.
            DataError: it was sealed for another place, or is damaged.
        """
        key, box = _parts(sealed)
        if key not in self._keys:
            message = (
                f"No key {key} in the vault's key file. Put that file back; if it is lost: bot keys lost."
            )
            raise ConfigError(message)
        try:
            return Secret(_SUITE.decrypt(box, self._keys[key], info=where.encode()).decode())
        except (InvalidTag, ValueError) as error:
            message = f"What is kept as {where} was not sealed there, or is damaged. Ask for it again."
            raise DataError(message) from error

    def opens(self, where: str, sealed: str) -> bool:
        """Whether a key here opens what was sealed for this place."""
        try:
            self.open(where, sealed)
        except (ConfigError, DataError):
            return False
        return True


def _parts(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(".")
    key, _, box = rest.partition(".")
    try:
        data = base64.b64decode(box, validate=True)
        if version == _VERSION and base64.b64encode(data).decode() == box:  # one way to write it, no other
            return key, data
    except ValueError:  # not base64, or not even ASCII
        pass
    message = "A sealed token is damaged, or was written by a newer Languette."
    raise DataError(message)
