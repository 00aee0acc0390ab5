"""The vault's two files: private keys, outside repository, data and backups; the public key, beside the data.

Both are replaced whole, never edited: a kill at any moment leaves the old file or the new one. A line holds a
key and, once it is retired, since when.
"""

import base64
import contextlib
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import ConfigError, DataError, UsageError
from bot.model.secret import Secret
from bot.trust.vault import KEY_BYTES, Key, Seal, Vault

PUBLIC = "vault.pub"
"""Name of the public key's file in the data folder."""
LOCK = "keys.lock"
"""Name, there too, of the empty file that is held while keys change."""
LOST = "If it is lost for good: bot keys lost."
"""The way on, in every refusal of a start that a lost key can be behind."""
WAIT_S = 60.0
"""How long a process waits for another that changes keys: longer than a rotation of thousands of tokens."""
_LINE = "languette-vault-1"
_OTHERS = 0o077
_SHARED, _OWN = 0o644, 0o400
"""Rights of what the daemon and root both open, and of private keys; whatever the umask of who makes them."""


class Published:
    """The public key of an installation, read each time that something is sealed.

    Within a write transaction no rotation publishes another, so that what is written then is found and sealed
    anew by it: see `bot.delivery.rotation`.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def close(self, where: str, secret: Secret) -> str:
        """Seal a secret for one place.

        Raises:
            ConfigError: the public key is gone, damaged or not readable.
        """
        seal = read_public(self._data_dir)
        if seal is None:
            message = f"{self._data_dir / PUBLIC} is gone. A start of the daemon writes it anew."
            raise ConfigError(message)
        return seal.close(where, secret)


@contextlib.contextmanager
def changing(data_dir: Path, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Let one process at a time change the keys: two would each write what the other has not read.

    In the data folder, since a daemon may not write where the private keys are.

    Raises:
        DataError: another process holds the lock for longer than `wait_s`, or its file cannot be opened.
    """
    path = data_dir / LOCK
    try:
        # What another user may have put in its place is neither followed nor waited for.
        flags = os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags, _SHARED)
    except OSError as error:
        message = f"{path} cannot be opened ({error.strerror}). As its owner or root: chmod 644 {path}"
        raise DataError(message) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            message = f"{path} is not the plain file that it should be. Remove it; it is made anew."
            raise DataError(message)
        with contextlib.suppress(OSError):  # another user's, who has done this; a disk that is only read
            os.fchmod(descriptor, _SHARED)
        _hold(descriptor, path, time.monotonic() + wait_s)
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int, path: Path, until: float) -> None:
    """Take the lock. Whoever may read the file can hold it, so nobody waits for ever."""
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() >= until:
                message = (
                    f"Another process holds {path}: keys are being changed. Try again when it has ended."
                )
                raise DataError(message) from error
        time.sleep(0.05)


def open_vault(path: Path, data_dir: Path) -> Vault:
    """Read the private keys.

    Raises:
        ConfigError: the file is missing, damaged, open to others, or lies where copies are made of it.
    """
    return Vault(read_private(_placed(path, data_dir)))


def read_private(path: Path) -> list[Key]:
    """Give the private keys of a file, the oldest first.

    Raises:
        ConfigError: the file is missing, damaged or open to others.
    """
    try:
        status = path.stat()
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The vault's key file {path} cannot be read ({error}). Put it back where it was. {LOST}"
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
        ConfigError: the file is damaged, or not readable for this user.
    """
    path = data_dir / PUBLIC
    try:
        line = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}). As its owner or root: chmod 644 {path}"
        raise ConfigError(message) from error
    return Seal(_key(line, path).private)


def made_at(data_dir: Path) -> datetime:
    """Give when the public key that is there was written: when it was made, or rotated to."""
    return datetime.fromtimestamp((data_dir / PUBLIC).stat().st_mtime, UTC)


def write_private(path: Path, data_dir: Path, keys: Sequence[Key]) -> Vault:
    """Write the private keys, the oldest first.

    Raises:
        ConfigError: the file would lie where copies are made of it.
        UsageError: it cannot be written.
    """
    _replace(_placed(path, data_dir), keys, _OWN)
    return Vault(keys)


def write_public(data_dir: Path, seal: Seal) -> None:
    """Write the public key, which is no secret."""
    _replace(data_dir / PUBLIC, [Key(seal.public)], _SHARED)


def new_key() -> Key:
    """Give a new private key: any 32 random bytes are one."""
    return Key(secrets.token_bytes(KEY_BYTES))


def _placed(path: Path, data_dir: Path) -> Path:
    """Give the file that a path leads to: it is what is then read or replaced, not a link that may change.

    Raises:
        ConfigError: a backup of the data, or a commit, would take it along.
    """
    real = path.resolve()
    folder = real.parent
    if folder.is_relative_to(data_dir.resolve()):
        message = f"{path} lies in the data folder, so that every backup would carry the key. Choose another."
        raise ConfigError(message)
    if any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        message = f"{path} lies in a repository, where a key is soon published. Choose another folder."
        raise ConfigError(message)
    return real


def _replace(path: Path, keys: Sequence[Key], mode: int) -> None:
    """Write beside the file, make it durable, then put it in the file's place."""
    lines = "".join(f"{_line(key)}\n" for key in keys)
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(descriptor, mode)
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


def _line(key: Key) -> str:
    words = [_LINE, base64.b64encode(key.private).decode()]
    return " ".join(words if key.retired_at is None else [*words, key.retired_at.isoformat()])


def _key(line: str, path: Path) -> Key:
    name, _, words = line.strip().partition(" ")
    value, _, since = words.partition(" ")
    try:
        key = Key(base64.b64decode(value, validate=True), _moment(since))
    except ValueError:  # no base64, no moment
        key = Key(b"")
    if name != _LINE or len(key.private) != KEY_BYTES:
        message = (
            f"{path} is damaged: each line holds `{_LINE}` and a key. Put your own copy in its place; if "
            "there is none, move it away: then it counts as lost."
        )
        raise ConfigError(message)
    return key


def _moment(text: str) -> datetime | None:
    """Read since when a key is retired.

    Raises:
        ValueError: it is no moment with its offset.
    """
    found = datetime.fromisoformat(text) if text else None
    if found is not None and found.tzinfo is None:
        raise ValueError(text)
    return found
