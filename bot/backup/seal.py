"""Backups are age files: sealed to a public key, opened with the identity that belongs to it.

The format is public (https://age-encryption.org/v1), so a backup can be opened by other programs as well:
`age -d -i backup.key FILE`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pyrage
from pyrage import x25519

from bot.errors import ConfigError, DataError
from bot.settings import Settings

KEY_FILE = "backup.key"
IDENTITY = "AGE-SECRET-KEY-"


@dataclass(frozen=True, slots=True)
class Keys:
    """To whom backups are sealed, and the file that opens them: None when it is not on this machine."""

    recipient: str
    identity: Path | None
    beside: bool
    """The identity lies in the data folder: whoever takes the folder can open its backups."""


def open_keys(settings: Settings, *, fresh: bool = False) -> Keys:
    """Find the keys the settings name; when `fresh` and there are none, make them in the data folder.

    Raises:
        ConfigError: a key is none, missing or open to others, or the two do not belong together.
    """
    path = Path(settings.backup_key) if settings.backup_key else settings.data_dir / KEY_FILE
    if not settings.backup_key and settings.backup_recipient:
        return Keys(_recipient(settings.backup_recipient), None, beside=False)
    if fresh and not settings.backup_key and not path.exists():
        _make(path)
    own = str(read_identity(path).to_public())
    if settings.backup_recipient and settings.backup_recipient != own:
        message = f"backup_recipient is not the public key of {path} ({own}). Set one of the two."
        raise ConfigError(message)
    inside = path.absolute().is_relative_to(settings.data_dir.absolute())
    return Keys(own, path, beside=inside)


def read_identity(path: Path) -> x25519.Identity:
    """Read an identity as `age-keygen` writes it.

    Raises:
        ConfigError: there is none, or others may read it.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        message = f"The key of the backups, {path}, cannot be read ({error})."
        raise ConfigError(message) from error
    if mode & 0o077:
        message = f"Others may read {path}. Run: chmod 600 {path}"
        raise ConfigError(message)
    for line in lines:
        if line.startswith(IDENTITY):
            try:
                return x25519.Identity.from_str(line.strip())
            except pyrage.IdentityError:
                break
    message = f"{path} holds no age identity (a line that starts with {IDENTITY})."
    raise ConfigError(message)


def seal(plain: Path, target: Path, recipient: str) -> None:
    """Write `plain`, sealed, to `target`: for its owner only, and safe on the disk when this returns."""
    target.unlink(missing_ok=True)
    target.touch(0o600)
    pyrage.encrypt_file(str(plain), str(target), [x25519.Recipient.from_str(recipient)])
    sync(target)


def unseal(sealed: Path, target: Path, identity: Path) -> None:
    """Open a sealed file into `target`.

    Raises:
        ConfigError: the identity cannot be read.
        DataError: it is not sealed to this identity, or damaged.
    """
    key = read_identity(identity)
    target.touch(0o600)
    try:
        pyrage.decrypt_file(str(sealed), str(target), [key])
    except (pyrage.DecryptError, OSError) as error:
        message = f"{sealed.name} cannot be opened with {identity} ({error}): damaged, or another's key"
        raise DataError(message) from error


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    identity = x25519.Identity.generate()
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(0o600)
    part.write_text(f"# public key: {identity.to_public()}\n{identity}\n", encoding="ascii")
    sync(part)
    part.rename(path)
    sync(path.parent)


def _recipient(text: str) -> str:
    try:
        return str(x25519.Recipient.from_str(text))
    except pyrage.RecipientError as error:
        message = f"backup_recipient is no age public key ({error}). It looks like age1…"
        raise ConfigError(message) from error
