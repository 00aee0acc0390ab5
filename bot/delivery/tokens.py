"""Tokens of volunteers: put in sealed, found when a boost needs one, sealed anew when the key changes."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.lending import Revocation
from bot.model.secret import Secret
from bot.model.volunteer import Access, Account
from bot.storage import Session, access, revocations
from bot.storage.store import Store
from bot.trust import keyfile
from bot.trust.vault import Seal, Vault, key_of, place

KEEP = 2
"""Keys left once nothing is sealed to the older ones: the newest, and the one before it, to which the tokens
in backups are sealed, and one that was sealed while the key changed."""


def bound(account_id: int, network: str) -> str:
    """Name the place to which an account's token is bound."""
    return place("access", account_id, "token", network)


def give(session: Session, seal: Seal, account: Account, token: Secret, *, mode: Mode, now: datetime) -> None:
    """Keep the token that a volunteer has just given, sealed to its row."""
    sealed = seal.close(bound(account.id, account.network), token)
    access.give(session, account.id, mode=mode, sealed=sealed, now=now)


def reveal(vault: Vault, found: Access) -> Secret:
    """Open an account's token.

    Raises:
        ConfigError: the key is not there.
        DataError: the sealed value belongs to another row, or is damaged.
    """
    return vault.open(bound(found.account_id, found.network), found.sealed)


class Opener:
    """Opens what is sealed, with the key file as it is now: a rotation needs no restart.

    The file is read when the first token is opened, and again when one is sealed to a key that it had not.
    """

    def __init__(self, path: Path, data_dir: Path) -> None:
        self._path, self._data_dir = path, data_dir
        self._vault: Vault | None = None

    def reveal(self, found: Access) -> Secret:
        """Open an account's token; raises as `open` does."""
        return self.open(bound(found.account_id, found.network), found.sealed)

    def open(self, where: str, sealed: str) -> Secret:
        """Open what was sealed for a place.

        Raises:
            ConfigError: the key is not in the file, or the file cannot be used.
            DataError: the sealed value belongs to another place, or is damaged.
        """
        if self._vault is None or key_of(sealed) not in self._vault.keys:
            self._vault = keyfile.open_vault(self._path, self._data_dir)
        return self._vault.open(where, sealed)

    def seal(self, found: Access, token: Secret) -> str:
        """Seal a fresh token for the account of one that was opened before."""
        assert self._vault is not None, "the token it replaces was opened"
        return self._vault.seal.close(bound(found.account_id, found.network), token)


def renewed(session: Session, account_id: int, old: str, new: str) -> bool:
    """Keep a fresh token, sealed, in place of the one that gave it.

    False: the volunteer has given another or taken it back meanwhile; the fresh one goes back to its network.
    """
    kept = access.reseal(session, account_id, old=old, new=new)
    if not kept:
        revocations.add(session, account_id, new)
    return kept


def open_vault(store: Store, vault_key: str, data_dir: Path) -> Vault | None:
    """Open the vault of an installation; None when it has none and needs none.

    Raises:
        ConfigError: tokens are kept and a key they need is missing, open to others or badly placed.
    """
    needed = store.run_read(by_key)
    if not vault_key:
        if needed:
            message = "Volunteers' tokens are kept, but the setting vault_key is empty. Name the key's file."
            raise ConfigError(message)
        return None
    vault = keyfile.open_vault(Path(vault_key), data_dir)
    if missing := needed.keys() - set(vault.keys):
        message = (
            f"{sum(needed[key] for key in missing)} tokens are sealed to a key that is not in {vault_key} "
            f"({', '.join(sorted(missing))}). Restore that file from your own copy."
        )
        raise ConfigError(message)
    return vault


def rotate(
    store: Store,
    path: Path,
    data_dir: Path,
    *,
    batch: int = 500,
    step: Callable[[str], None] = lambda _: None,
) -> int:
    """Seal every token to a new key; give how many were sealed anew. The key before is kept, older ones not.

    Each step is whole and says its name to `step`; a rotation that was cut off goes on where it stopped.
    `batch` tokens are sealed in one transaction. A daemon that runs goes on: see `Opener`.

    Raises:
        ConfigError: the key file is missing, damaged, open to others or badly placed.
    """
    keys = keyfile.read_private(path)
    newest = Vault(keys).seal
    whole = keyfile.read_public(data_dir) == newest and set(store.run_read(by_key)) <= {newest.key}
    if whole and len(keys) <= KEEP:
        keys.append(keyfile.new_key())
        keyfile.write_private(path, data_dir, keys)
        step("new key kept")
    vault = Vault(keys)
    keyfile.write_public(data_dir, vault.seal)
    step("new key published")
    count, after = 0, 0
    while found := store.run_read(access.page, after=after, limit=batch):
        after = found[-1].account_id
        old = [one for one in found if key_of(one.sealed) != vault.seal.key]
        store.run_write(_reseal, vault, old)
        count += len(old)
        step("batch sealed")
    after = 0
    while returning := store.run_read(revocations.page, after=after, limit=batch):
        after = returning[-1].id
        going = [one for one in returning if key_of(one.sealed) != vault.seal.key]
        store.run_write(_reseal_returning, vault, going)
        count += len(going)
    if set(store.run_read(by_key)) <= {vault.seal.key}:
        keyfile.write_private(path, data_dir, keys[-KEEP:])
        step("old key forgotten")
    return count


def by_key(session: Session) -> Counter[str]:
    """Count the sealed tokens, those on their way back included, by the id of their key."""
    return Counter(access.by_key(session)) + Counter(revocations.by_key(session))


def _reseal(session: Session, vault: Vault, batch: list[Access]) -> None:
    for one in batch:
        where = bound(one.account_id, one.network)
        sealed = vault.seal.close(where, vault.open(where, one.sealed))
        access.reseal(session, one.account_id, old=one.sealed, new=sealed)


def _reseal_returning(session: Session, vault: Vault, batch: list[Revocation]) -> None:
    for one in batch:
        where = bound(one.account_id, one.network)
        sealed = vault.seal.close(where, vault.open(where, one.sealed))
        revocations.reseal(session, one.id, old=one.sealed, new=sealed)
