"""The keys of tokens over time: a new one seals, the former is retired, then removed: no backup needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.delivery import lost_key, tokens
from bot.errors import ConfigError, DataError
from bot.model.clock import Clock
from bot.model.journal import CLI
from bot.storage import Session, sealed
from bot.storage.sealed import Sealed
from bot.storage.store import Store
from bot.trust import keyfile
from bot.trust.vault import Key, Vault, key_of


class Rotated(NamedTuple):
    """How many values a rotation sealed anew, and how many it left as they are: no key opens them."""

    sealed: int
    left: int


def rotate(
    store: Store,
    path: Path,
    data_dir: Path,
    *,
    clock: Clock,
    batch: int = 500,
    step: Callable[[str], None] = lambda _: None,
) -> Rotated:
    """Seal everything to a new key and retire the old one.

    Each step is whole and says its name to `step`; a rotation that was cut off goes on where it stopped. No
    more than `batch` values of a kind are sealed in one transaction. A daemon that runs goes on: `Opener`.
    What no key opens is left as it is, stands in no other's way, and is noted in the journal.

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
        count, left = 0, list[Sealed]()
        while any(found := store.run_write(_reseal, vault, batch, left, clock.now())):
            count, left = count + found[0], [*left, *found[1]]
            step("batch sealed")
        keyfile.write_private(path, data_dir, [*_retired(keys[:-1], clock.now()), keys[-1]])
        step("old key retired")
    return Rotated(count, len(left))


def prune(store: Store, path: Path, data_dir: Path, *, before: datetime, now: datetime) -> list[str]:
    """Remove the keys that were retired before a moment and that open nothing in use; give their ids.

    One to which anything is still sealed counts as retired only now. After a restore it opens that, and the
    backups of today need it. What names it may also be damaged: then only `before` a moment to come, that is
    at once and whatever needs it, takes the key away, and the next start asks for `bot keys lost`.

    Raises:
        ConfigError: the key file is missing, damaged, open to others or badly placed.
        UsageError: it cannot be written.
    """
    with keyfile.changing(data_dir):
        held, used = keyfile.read_private(path), store.run_read(sealed.by_key)
        keys = _needed_now(held, used, now)
        over = {key.id for key in keys if _over(key, before)}
        if over & used.keys():
            over -= store.run_read(_opened_by, Vault(keys))
        kept = [key for key in keys if key.id not in over]
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


def _opened_by(session: Session, vault: Vault) -> set[str]:
    """Give the ids of the former keys that open something."""
    found = sealed.others(session, [vault.seal.key])
    return {key_of(one.text) for one in found if vault.opens(tokens.place_of(one), one.text)}


def _reseal(
    session: Session, vault: Vault, batch: int, left: Sequence[Sealed], now: datetime
) -> tuple[int, list[Sealed]]:
    """Seal some values anew, but for those that are `left`; give how many, and what no key opens.

    Read and written in one transaction: none changes meanwhile.
    """
    count, shut = 0, []
    for one in sealed.others(session, [vault.seal.key], besides=left, limit=batch):
        where = tokens.place_of(one)
        try:
            secret = vault.open(where, one.text)
        except (ConfigError, DataError):
            lost_key.note(session, one, "unopened", now, CLI)
            shut.append(one)
        else:
            sealed.reseal(session, one, vault.seal.close(where, secret))
            count += 1
    return count, shut
