"""One-time codes of an authenticator app: RFC 6238 with SHA-1, 6 digits, 30 seconds, as every app knows it.

The secret is derived from the installation's key and a nonce: the database and its backups hold only the
nonce, so that neither gives anybody a code.
"""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from bot.trust.links import Keyring

STEP_S = 30
DIGITS = 6
SKEW = 1
"""Steps by which a phone's clock may be off, either way."""
SECRET_BYTES = 20


def secret_of(keys: Keyring, admin_id: int, nonce: str) -> bytes:
    """Give the 20-byte secret of an admin's second factor."""
    return keys.seed(f"totp:{admin_id}:{nonce}")[:SECRET_BYTES]


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Give the code of a step (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_at(moment: datetime) -> int:
    """Give the number of the step that a moment falls into."""
    return int(moment.timestamp()) // STEP_S


def step_of(secret: bytes, code: str, now: datetime, *, after: int = 0) -> int | None:
    """Give the step that `code` belongs to, None when it fits none that is near and later than `after`."""
    near = step_at(now)
    for step in range(near - SKEW, near + SKEW + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def plain_secret(secret: bytes) -> str:
    """Write the secret as people type it: base32."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, name: str, site: str) -> str:
    """Give the address that a QR code carries to the app."""
    values = urlencode({"secret": plain_secret(secret), "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{site}:{name}', safe='')}?{values}"
