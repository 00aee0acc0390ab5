"""Personal links: 128-bit tokens of which only a hash is kept, and keyed hashes that name a person."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from bot.errors import ConfigError

TOKEN_BYTES = 16
KEY_BYTES = 32


def new_token() -> str:
    """Give 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Give the SHA-256 of a token as hex. The token's own 128 bits make a key unnecessary."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Keyring:
    """The installation's secret, in a file beside the database, readable by its owner only."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def digest(self, purpose: str, value: str) -> str:
        """Give a keyed hash (hex) of `value`; other purposes give unrelated hashes."""
        return hmac.new(
            self._secret, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()

    def seed(self, purpose: str) -> bytes:
        """Give 32 bytes for a purpose, e.g. the planner's slots."""
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()


def open_keyring(path: Path, *, fresh: bool) -> Keyring:
    """Read the secret at `path`; make it when the installation is `fresh`.

    Raises:
        ConfigError: the file is gone from an installation in use, is too short, or others may read it.
    """
    if not path.exists():
        if not fresh:
            message = f"{path} is missing but the database is in use. Restore the key file from a backup."
            raise ConfigError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        message = f"Others may read {path}. Run: chmod 600 {path}"
        raise ConfigError(message)
    secret = path.read_bytes()
    if len(secret) < KEY_BYTES:
        message = (
            f"{path} is damaged ({len(secret)} bytes instead of {KEY_BYTES}). Restore it from your backup."
        )
        raise ConfigError(message)
    return Keyring(secret)
