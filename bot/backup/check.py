"""Prove that a backup can be restored: open it into a scratch folder and look through it."""

import time
from dataclasses import dataclass
from pathlib import Path

from bot.backup import shelf
from bot.backup.seal import open_keys, unseal
from bot.errors import DataError
from bot.settings import Settings
from bot.storage import chain
from bot.storage.copies import Facts, facts, problems
from bot.storage.store import Store
from bot.trust.links import Keyring


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. Not `opened`: the key is elsewhere, only the file was held against its note."""

    note: shelf.Note
    opened: bool
    problems: tuple[str, ...]
    took_s: float


def verify(settings: Settings, keys: Keyring, name: str, identity: Path | None = None) -> Checked:
    """Check a backup as far as it can be opened. Changes nothing.

    Raises:
        NotFoundError: there is no such backup.
        ConfigError: the backups' key cannot be used.
    """
    begin = time.monotonic()
    note, ours = shelf.read(settings.data_dir, name, keys)
    wrong = [] if ours else ["its note was not signed by this installation (is `secret.key` the right one?)"]
    path = shelf.sealed(settings.data_dir, name)
    if not path.exists():
        wrong.append("the sealed file is gone")
    elif shelf.digest(path) != note.sha256:
        wrong.append("the sealed file is not the one that was written")
    identity = identity or open_keys(settings).identity
    opened = identity is not None and not wrong
    if identity is not None and not wrong:
        with shelf.scratch(settings.data_dir) as place:
            wrong += unpack(settings, keys, note, identity, place / "restored.db")
    return Checked(note, opened, tuple(wrong), time.monotonic() - begin)


def unpack(settings: Settings, keys: Keyring, note: shelf.Note, identity: Path, target: Path) -> list[str]:
    """Open a backup into `target` and give what is wrong with it.

    Raises:
        ConfigError: the identity cannot be read.
    """
    try:
        unseal(shelf.sealed(settings.data_dir, note.name), target, identity)
    except DataError as error:
        return [str(error)]
    found, wrong = inspect(target, keys)
    if not wrong and found != Facts(note.level, dict(note.rows), note.head):
        return ["it does not hold what its note says"]
    return wrong


def inspect(path: Path, keys: Keyring) -> tuple[Facts | None, list[str]]:
    """Look through an open copy: what it holds; damage, dangling rows, a journal that somebody changed."""
    wrong = problems(path)
    if wrong:
        return None, wrong
    found = facts(path)
    if found.head is None:  # of before the chain
        return found, []
    store = Store(path, keys.seed("journal"))
    try:
        verdict = store.run_read(chain.verify)
    finally:
        store.close()
    return found, [f"line {verdict.line} of the journal is {verdict.breach}"] if verdict.breach else []
