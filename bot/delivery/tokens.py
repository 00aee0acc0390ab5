"""Tokens of volunteers: put in sealed, found when a boost needs one. No start without the key they need."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.model.volunteer import Access, Account
from bot.storage import Session, access, revocations, sealed
from bot.storage.sealed import Sealed
from bot.storage.store import Store
from bot.trust import keyfile
from bot.trust.vault import Sealer, Vault, key_of, place


def bound(account_id: int, network: str) -> str:
    """Name the place to which an account's token is bound."""
    return place("access", account_id, "token", network)


def place_of(one: Sealed) -> str:
    """Name the place to which a sealed value is bound."""
    return place(one.table, one.account_id, one.field, one.network)


def give(
    session: Session, seal: Sealer, account: Account, token: Secret, *, mode: Mode, now: datetime
) -> None:
    """Keep the token that a volunteer has just given, sealed to its row."""
    closed = seal.close(bound(account.id, account.network), token)
    access.give(session, account.id, mode=mode, sealed=closed, now=now)


def reveal(vault: Vault, found: Access) -> Secret:
    """Open an account's token.

    Raises:
        ConfigError: the key is not there.
        DataError: the sealed value belongs to another row, or is damaged.
    """
    return vault.open(bound(found.account_id, found.network), found.sealed)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A token for the place of the one that gave it, not sealed yet: the key may change until it is kept."""

    before: Access
    token: Secret
    seal: Sealer

    def close(self) -> str:
        """Seal it; in the transaction that keeps it."""
        return self.seal.close(bound(self.before.account_id, self.before.network), self.token)


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

    def seal(self, found: Access, token: Secret) -> Fresh:
        """Make a fresh token, in the place of one that was opened before, ready to be kept: see `renewed`."""
        return Fresh(found, token, keyfile.Published(self._data_dir))


def renewed(session: Session, account_id: int, old: str, fresh: Fresh) -> bool:
    """Keep a fresh token in place of the one that gave it.

    False: the volunteer has given another or taken it back meanwhile; the fresh one goes back to its network.
    """
    new, here = fresh.close(), access.of(session, account_id)
    if here is not None and (here.sealed == old or _sealed_anew(here, fresh.before)):
        return access.reseal(session, account_id, old=here.sealed, new=new)
    revocations.add(session, account_id, new)
    return False


def _sealed_anew(here: Access, before: Access) -> bool:
    """Whether a rotation has put another seal on the same token: given at the same moment, to another key."""
    return here.given_at == before.given_at and key_of(here.sealed) != key_of(before.sealed)


def open_vault(store: Store, vault_key: str, data_dir: Path) -> Vault | None:
    """Open the vault of an installation; None when it has none and needs none.

    Raises:
        ConfigError: tokens are kept and a key they need is missing, open to others or badly placed.
    """
    needed = store.run_read(sealed.by_key)
    if not vault_key:
        if needed:
            message = (
                "Volunteers' tokens are kept, but the setting vault_key is empty. Name the key's file. If it "
                "is lost for good, name one that is not there yet, then: bot keys lost."
            )
            raise ConfigError(message)
        return None
    vault = keyfile.open_vault(Path(vault_key), data_dir)
    if missing := needed.keys() - set(vault.keys):
        message = (
            f"{sum(needed[key] for key in missing)} tokens are sealed to a key that is not in {vault_key} "
            f"({', '.join(sorted(missing))}). Put the file back in which it is. {keyfile.LOST}"
        )
        raise ConfigError(message)
    return vault


def ready(store: Store, vault_key: str, data_dir: Path) -> None:
    """Open the vault for the daemon, and let the pages seal to its newest key.

    The public key beside the data may be gone, or of another day, after a restore of whole folders.

    Raises:
        ConfigError: as `open_vault`, or the public key is damaged or not readable.
        DataError: another process holds the lock of the keys.
    """
    with keyfile.changing(data_dir):
        vault = open_vault(store, vault_key, data_dir)
        if vault is not None and keyfile.read_public(data_dir) != vault.seal:
            store.run_write(publish, data_dir, vault)


def publish(_session: Session, data_dir: Path, vault: Vault) -> None:
    """Let a vault's newest key seal from now on. In a write transaction, so that none seals meanwhile."""
    keyfile.write_public(data_dir, vault.seal)
