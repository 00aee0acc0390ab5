"""`bot backup …`: make, list, prove and restore backups."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.errors import NotFoundError

if TYPE_CHECKING:
    from bot.settings import Settings

backup = group("Make, list, prove and restore backups.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of `bot backup list`; empty: the newest.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="The file that opens the backups, instead of the setting."),
]


@backup.command(epilog=example("bot backup create"))
def create(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Make a backup now, sealed and checked, also while the daemon runs."""
    from bot.backup import check, make

    with opened(data_dir) as app:
        note = make.create(app.settings, app.keys, why="by hand", now=app.clock.now())
        found = check.verify(app.settings, app.keys, note.name)
        if as_json:
            show.document(note)
        else:
            typer.echo(note.name)
        _say_result(found.problems, note.name)
        _warn(app.settings)


@backup.command("list", epilog=example("bot backup list", "bot backup list --json"))
def list_backups(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the backups, oldest first, with the head of the journal that each holds."""
    from bot.backup import shelf

    with opened(data_dir) as app:
        found = shelf.notes(app.settings.data_dir, app.keys)
        zone, settings = app.settings.time_zone, app.settings
    if as_json:
        show.document(found)
        return
    rows = [
        (
            note.name,
            note.made_at,
            note.why,
            show.size(note.size),
            sum(note.rows.values()),
            note.level,
            f"{note.head[0]}:{note.head[1]}" if note.head else None,
        )
        for note in found
    ]
    show.table(("name", "when", "why", "size", "rows", "level", "head"), rows, zone)
    if rows:
        _warn(settings)


@backup.command(
    epilog=example("bot backup verify", "bot backup verify 20261125T031500000000 --key /mnt/usb/backup.key")
)
def verify(name: Name = "", key: Key = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Restore a backup into a scratch folder and look through it (exit code 1 when it does not hold).

    Checked: note and seal, SQLite's integrity, dangling rows, the number of rows of each table, the journal's
    chain.
    """
    from bot.backup import check

    with opened(data_dir) as app:
        found = check.verify(app.settings, app.keys, name or _newest(app.settings), key)
    if as_json:
        show.document(found)
    else:
        show.pairs({"backup": found.note.name, "opened": found.opened, "seconds": f"{found.took_s:.1f}"})
    if not found.opened and not found.problems:
        show.say("The key is elsewhere, so only the sealed file was checked. Name it: --key FILE.")
    _say_result(found.problems, found.note.name)


@backup.command(epilog=example("bot backup restore", "bot backup restore 20261125T031500000000 --yes"))
def restore(name: Name = "", key: Key = None, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Put a backup in the place of the database. Stop the daemon first.

    It wakes up halted: look at it, then `bot resume --reason …`. The former database is kept beside it.
    """
    from bot.backup import restore as bring
    from bot.lock import alone
    from bot.model.clock import SystemClock
    from bot.settings import load
    from bot.trust.links import open_keyring

    settings = load(data_dir=data_dir)
    with alone(settings.data_dir):
        keys = open_keyring(settings.data_dir / "secret.key", fresh=False)
        name = name or _newest(settings)
        sure(f"Put the backup {name} in the place of {settings.database}?", yes=yes)
        found = bring.restore(settings, keys, name, identity=key, now=SystemClock().now())
        lacks = _lacks(settings)
    show.say(f"Restored {found.note.name}: {sum(found.note.rows.values())} rows.")
    if found.aside is not None:
        show.say(f"The former database is {found.aside}, sealed like the backups.")
    if lacks:
        show.say(f"No start before this is mended: {lacks}")
    show.say("Everything is halted. Look at it (`bot status`), then go on: `bot resume --reason …`.")


def _lacks(settings: "Settings") -> str:
    """Say what hinders the tokens of a restored database from being opened; empty when nothing does."""
    from bot.delivery import tokens
    from bot.errors import ConfigError
    from bot.storage.store import Store

    store = Store(settings.database)
    try:
        tokens.open_vault(store, settings.vault_key, settings.data_dir)
    except ConfigError as error:
        return str(error)
    finally:
        store.close()
    return ""


def _newest(settings: "Settings") -> str:
    from bot.backup import shelf

    names = shelf.names(settings.data_dir)
    if not names:
        raise NotFoundError("There is no backup yet. `bot backup create` makes one.")
    return names[-1]


def _say_result(problems: tuple[str, ...], name: str) -> None:
    for problem in problems:
        show.say(f"WRONG: {problem}")
    if problems:
        raise typer.Exit(1)
    show.say(f"The backup {name} holds.")


def _warn(settings: "Settings") -> None:
    from bot.backup.seal import open_keys

    keys = open_keys(settings)
    if keys.beside:
        show.say(
            f"The key that opens the backups, {keys.identity}, lies beside the data: who takes the folder "
            "can read them. Move it elsewhere and name it in `backup_key`, or keep only its public part here "
            f"(backup_recipient = {keys.recipient})."
        )
