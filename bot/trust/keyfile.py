"""The vault's two files: private keys, outside repository, data and backups; the public key, beside the data.

Both are replaced whole, never edited: a kill at any moment leaves the old file or the new one.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import ConfigError, UsageError
from bot.trust.vault import KEY_BYTES, Seal, Vault

PUBLIC = "vault.pub"
"""Name of the public key's file in the data folder."""
_LINE = "languette-vault-1"
_OTHERS = 0o077


def open_vault(path: Path, data_dir: Path) -> Vault:
    """Read the private keys.

    Raises:
        ConfigError: the file is missing, damaged, open to others, or lies where copies are made of it.
    """
    _check_place(path, data_dir)
    return Vault(read_private(path))


def read_private(path: Path) -> list[bytes]:
    """Give the private keys of a file, the oldest first.

    Raises:
        ConfigError: the file is missing, damaged or open to others.
    """
    try:
        status = path.stat()
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The vault's key file {path} cannot be read ({error}). Put it back where it was."
        raise ConfigError(message) from error
    if status.st_mode & _OTHERS:
        message = f"Others may read the vault's keys. Run: chmod 400 {path}"
        raise ConfigError(message)
    return [_key(line, path) for line in text.splitlines() if line.strip()] or [_key("", path)]


def state(path: Path) -> str:
    """Say whether the private keys are `kept`, `missing` or `open to others`, without reading them."""
    if not os.access(path, os.R_OK):
        return "missing"
    return "open to others" if path.stat().st_mode & _OTHERS else "kept"


def read_public(data_dir: Path) -> Seal | None:
    """Give the public key of an installation; None when it has no vault.

    Raises:
        ConfigError: the file is damaged.
    """
    path = data_dir / PUBLIC
    return Seal(_key(path.read_text(encoding="ascii"), path)) if path.exists() else None


def made_at(data_dir: Path) -> datetime:
    """Give when the public key that is there was written: when it was made, or rotated to."""
    return datetime.fromtimestamp((data_dir / PUBLIC).stat().st_mtime, UTC)


def write_private(path: Path, data_dir: Path, keys: Sequence[bytes]) -> Vault:
    """Write the private keys, the oldest first.

    Raises:
        ConfigError: the file would lie where copies are made of it.
        UsageError: it cannot be written.
    """
    _check_place(path, data_dir)
    _replace(path, keys, 0o400)
    return Vault(keys)


def write_public(data_dir: Path, seal: Seal) -> None:
    """Write the public key, which is no secret."""
    _replace(data_dir / PUBLIC, [seal.public], 0o644)


def new_key() -> bytes:
    """Give a new private key: any 32 random bytes are one."""
    return secrets.token_bytes(KEY_BYTES)


def _check_place(path: Path, data_dir: Path) -> None:
    """Refuse a key file that a backup of the data, or a commit, would take along."""
    folder = path.resolve().parent
    if folder.is_relative_to(data_dir.resolve()):
        message = f"{path} lies in the data folder, so that every backup would carry the key. Choose another."
        raise ConfigError(message)
    if any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        message = f"{path} lies in a repository, where a key is soon published. Choose another folder."
        raise ConfigError(message)


def _replace(path: Path, keys: Sequence[bytes], mode: int) -> None:
    """Write beside the file, make it durable, then put it in the file's place."""
    lines = "".join(f"{_LINE} {base64.b64encode(key).decode()}\n" for key in keys)
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}). Choose a folder that exists and is yours."
        raise UsageError(message) from error


def _key(line: str, path: Path) -> bytes:
    name, _, value = line.strip().partition(" ")
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if name != _LINE or len(key) != KEY_BYTES:
        message = f"{path} is damaged: each line holds `{_LINE}` and a key. Restore it from your own copy."
        raise ConfigError(message)
    return key
