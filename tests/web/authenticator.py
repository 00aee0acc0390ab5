"""A security key in software, with the browser that speaks to it: for tests without a real browser."""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(value: bytes) -> str:
    """Write bytes as WebAuthn's JSON does."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def plain(value: str) -> bytes:
    """Read bytes out of WebAuthn's JSON."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


class SoftKey:
    """One key with one credential. Whatever a hostile browser could change is an argument."""

    def __init__(self) -> None:
        self._secret = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0

    def make(self, asked: dict[str, Any], origin: str, **changed: Any) -> str:
        """Give the answer to what the site asked of a new key."""
        point = self._secret.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        cose = {1: 2, 3: changed.get("alg", -7), -1: 1, -2: x, -3: y}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor.encode(cose)
        host = changed.get("host", asked["rp"]["id"])
        data = self._data(host, changed.get("flags", PRESENT | VERIFIED) | ATTESTED) + attested
        made = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], origin, changed)
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(made)})

    def use(self, asked: dict[str, Any], origin: str, **changed: Any) -> str:
        """Give the answer to what the site asked of a key that it knows."""
        self.count = changed.get("count", self.count + 1)
        host = changed.get("host", asked["rpId"])
        data = self._data(host, changed.get("flags", PRESENT | VERIFIED))
        client = self._client("webauthn.get", asked["challenge"], origin, changed)
        signed = data + hashlib.sha256(client).digest()
        signature = self._secret.sign(signed, ec.ECDSA(hashes.SHA256()))
        if changed.get("tamper"):
            data = data[:-1] + bytes([data[-1] ^ 1])
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: text(value) for name, value in parts.items()})

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count)

    @staticmethod
    def _client(kind: str, challenge: str, origin: str, changed: dict[str, Any]) -> bytes:
        values = {
            "type": changed.get("kind", kind),
            "challenge": changed.get("challenge", challenge),
            "origin": origin,
            "crossOrigin": changed.get("framed", False),
        }
        return json.dumps(values).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        )
