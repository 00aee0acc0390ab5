"""The keys of tokens over time: a new one seals, the former is retired, then removed: no backup needs it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.delivery import tokens
from bot.model.clock import Clock
from bot.storage import Session, sealed
from bot.storage.sealed import Sealed
from bot.storage.store import Store
from bot.trust import keyfile
from bot.trust.vault import Key, Vault, place


def rotate(
    store: Store,
    path: Path,
    data_dir: Path,
    *,
    clock: Clock,
    batch: int = 500,
    step: Callable[[str], None] = lambda _: None,
) -> int:
    """Seal everything to a new key and retire the old one; give how many values were sealed anew.

    Each step is whole and says its name to `step`; a rotation that was cut off goes on where it stopped. No
    more than `batch` values of a kind are sealed in one transaction. A daemon that runs goes on: `Opener`.

    Raises:
        ConfigError: the key file is missing, damaged, open to others or badly placed.
    """
    with keyfile.changing(data_dir):
        keys = _needed_now(keyfile.read_private(path), store.run_read(sealed.by_key), clock.now())
        if not _under_way(keys):
            keys.append(keyfile.new_key())
        vault = keyfile.write_private(path, data_dir, keys)
        step("new key kept")
        store.run_write(tokens.publish, data_dir, vault)
        step("new key published")
        count = 0
        while done := store.run_write(_reseal, vault, batch):
            count += done
            step("batch sealed")
        keyfile.write_private(path, data_dir, [*_retired(keys[:-1], clock.now()), keys[-1]])
        step("old key retired")
    return count


def prune(store: Store, path: Path, data_dir: Path, *, before: datetime, now: datetime) -> list[str]:
    """Remove the keys that were retired before a moment and to which nothing is sealed; give their ids.

    One that is retired and in use again, by a backup that was restored, counts as retired only now: the
    backups of today need it.

    Raises:
        ConfigError: the key file is missing, damaged, open to others or badly placed.
        UsageError: it cannot be written.
    """
    with keyfile.changing(data_dir):
        held, used = keyfile.read_private(path), store.run_read(sealed.by_key)
        keys = _needed_now(held, used, now)
        kept = [key for key in keys if key.id in used or not _over(key, before)]
        if kept != held:
            keyfile.write_private(path, data_dir, kept)
    return [key.id for key in keys if key not in kept]


def overdue(store: Store, path: Path, *, before: datetime) -> list[str]:
    """Give the ids of the keys that `prune` would remove."""
    used = store.run_read(sealed.by_key)
    return [key.id for key in keyfile.read_private(path) if _over(key, before) and key.id not in used]


def _over(key: Key, before: datetime) -> bool:
    return key.retired_at is not None and key.retired_at < before


def _needed_now(keys: list[Key], used: Mapping[str, int], now: datetime) -> list[Key]:
    """Date anew the retired keys that are in use."""
    return [replace(key, retired_at=now) if key.retired_at and key.id in used else key for key in keys]


def _under_way(keys: list[Key]) -> bool:
    """Whether an earlier rotation was cut off: besides the newest key, one is not retired."""
    return any(key.retired_at is None for key in keys[:-1])


def _retired(keys: list[Key], now: datetime) -> list[Key]:
    return [key if key.retired_at else replace(key, retired_at=now) for key in keys]


def _reseal(session: Session, vault: Vault, batch: int) -> int:
    """Seal some values anew; give how many. Read and written in one transaction: none changes meanwhile."""
    found = sealed.others(session, [vault.seal.key], limit=batch)
    for one in found:
        where = _where(one)
        sealed.reseal(session, one, vault.seal.close(where, vault.open(where, one.text)))
    return len(found)


def _where(one: Sealed) -> str:
    return place(one.table, one.account_id, one.field, one.network)
