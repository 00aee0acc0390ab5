"""Restore a backup: prove it, bring it up to date, let it wake up halted, put it in the database's place."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.backup import check, shelf
from bot.backup.seal import open_keys, sync
from bot.delivery import panic
from bot.errors import ConfigError, DataError
from bot.model.halt import RESTORED
from bot.model.journal import CLI
from bot.privacy import erasure
from bot.settings import Settings
from bot.storage import Session, journal
from bot.storage.copies import replace
from bot.storage.migrate import migrate
from bot.storage.store import Store
from bot.trust.ledger import Ledger
from bot.trust.links import Keyring


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where the former database is kept, sealed (None: there was none)."""

    note: shelf.Note
    aside: Path | None


def restore(
    settings: Settings, keys: Keyring, name: str, *, identity: Path | None = None, now: datetime
) -> Restored:
    """Put a backup in the place of the database; hold the folder's lock meanwhile.

    The restored copy is halted: what happened since the backup is not in it, so a person looks first. A kill
    at any point leaves the former database or the restored one, whole.

    Raises:
        NotFoundError: there is no such backup.
        ConfigError: the identity that opens it is not here.
        DataError: the backup is damaged, or not this installation's.
    """
    note, ours = shelf.read(settings.data_dir, name, keys)
    identity = identity or open_keys(settings).identity
    if identity is None:
        raise ConfigError("The key that opens the backups is elsewhere. Name it: --key FILE.")
    if not ours:
        raise DataError(
            "This backup's note was not signed by this installation. Restore its `secret.key` first."
        )
    with shelf.scratch(settings.data_dir) as place:
        copy = place / "restored.db"
        wrong = check.unpack(settings, keys, note, identity, copy)
        if wrong:
            message = f"The backup {name} cannot be restored: {wrong[0]}. Try an older one."
            raise DataError(message)
        _prepare(copy, keys, note, Ledger(settings.data_dir, keys), now)
        sync(copy)
        aside = replace(copy, settings.database, now)
        sync(settings.data_dir)
        shelf.seal_replaced(settings.data_dir, note.recipient)
    return Restored(note, aside and aside.with_name(aside.name + shelf.REPLACED))


def _prepare(copy: Path, keys: Keyring, note: shelf.Note, ledger: Ledger, now: datetime) -> None:
    """Bring the copy to this program's level, erase again who was erased since, and halt it."""
    store = Store(copy, keys.seed("journal"))

    def halt(session: Session) -> None:
        journal.write(session, now, CLI, "backup.restored", "", backup=note.name)
        panic.halt(session, reason=RESTORED, now=now, actor=CLI)

    try:
        migrate(store.engine, copy, keys.seed("journal"))
        erasure.replay(store, ledger, now=now)
        store.run_write(halt)
    finally:
        store.close()
