"""ES256 keys and signatures: the part of JOSE (RFC 7515 to 7518) that proofs of possession need. Pure."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ALG = "ES256"
_CURVE = ec.SECP256R1()
_BYTES = 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-4): private keys are the numbers below it."""


class Key:
    """A P-256 key pair."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    @classmethod
    def fresh(cls) -> Self:
        """Make a new key."""
        return cls(ec.generate_private_key(_CURVE))

    @classmethod
    def derived(cls, seed: bytes) -> Self:
        """Give the key of a seed of 32 random bytes, always the same."""
        number = int.from_bytes(hashlib.shake_256(seed).digest(2 * _BYTES)) % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(number, _CURVE))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `text` gave.

        Raises:
            ValueError: it is no key.
        """
        return cls(ec.derive_private_key(int.from_bytes(base64.urlsafe_b64decode(text + "=")), _CURVE))

    @property
    def text(self) -> str:
        """The private key, 43 characters: keep it like a token."""
        return b64(self._private.private_numbers().private_value.to_bytes(_BYTES))

    @property
    def public(self) -> dict[str, str]:
        """The public key as a JWK, its members in the order of a thumbprint (RFC 7638)."""
        point = self._private.public_key().public_numbers()
        x, y = (b64(number.to_bytes(_BYTES)) for number in (point.x, point.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """The name of the public key (RFC 7638)."""
        return b64(hashlib.sha256(_json(self.public)).digest())

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Give a JWT in compact form; the algorithm is added to the header."""
        signed = f"{b64(_json({'alg': ALG, **header}))}.{b64(_json(claims))}"
        pair = decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{b64(b''.join(number.to_bytes(_BYTES) for number in pair))}"


def b64(data: bytes) -> str:
    """Give base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims_of(token: str) -> Mapping[str, Any]:
    """Read a JWT's claims, whoever signed it; empty when it is none.

    Only for what its holder may know anyway: nothing is decided by them that the server would not check.
    """
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
