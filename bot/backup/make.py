"""Make a backup: copy, check, seal, note, put on the shelf, take the old ones off."""

from datetime import datetime, timedelta

from bot.backup import check, shelf
from bot.backup.seal import open_keys, seal, sync
from bot.errors import DataError
from bot.settings import Settings
from bot.storage.copies import snapshot
from bot.trust.links import Keyring

DUE = timedelta(hours=23)
"""Age of the newest backup from which another is made: with a look every hour, none is a day old."""


def create(settings: Settings, keys: Keyring, *, why: str, now: datetime) -> shelf.Note:
    """Back the database up while it is in use. A kill at any point leaves a whole backup or none.

    Raises:
        ConfigError: the backups' key cannot be used.
        DataError: the database is damaged; the older backups stay.
    """
    recipient = open_keys(settings, fresh=True).recipient
    name = f"{now:%Y%m%dT%H%M%S%f}"
    target = shelf.sealed(settings.data_dir, name)
    part = target.with_suffix(".part")
    with shelf.scratch(settings.data_dir) as place:
        copy = place / "copy.db"
        snapshot(settings.database, copy)
        found, wrong = check.inspect(copy, keys)
        if found is None or wrong:
            message = (
                f"The database is damaged ({wrong[0]}). Keep the older backups; `bot doctor` looks closer."
            )
            raise DataError(message)
        seal(copy, part, recipient)
        size, digest = part.stat().st_size, shelf.digest(part)
        note = shelf.Note(name, now, why, *found, recipient=recipient, size=size, sha256=digest)
        shelf.write(settings.data_dir, note, keys)
        part.rename(target)  # now it is a backup
        sync(target.parent)
        shelf.prune(settings.data_dir, now, timedelta(days=settings.backup_days))
        shelf.seal_replaced(settings.data_dir, recipient)  # where a restore was cut off, or was long ago
    return note


def due(settings: Settings, keys: Keyring, now: datetime) -> bool:
    """Whether the newest backup that we signed is too old, or from the future of a clock set back."""
    newest = shelf.notes(settings.data_dir, keys)[-1:]
    return not newest or not timedelta(0) <= now - newest[0].made_at < DUE
