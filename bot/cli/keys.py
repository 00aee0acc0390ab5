"""`bot keys`: the key that opens volunteers' tokens."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.errors import ConflictError, UsageError

keys = group("Make, show and change the key of volunteers' tokens.")


@keys.command(epilog=example("bot keys new /etc/languette/vault.key"))
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file, outside data and repository.")],
    data_dir: DataDir = None,
) -> None:
    """Make the key: the private half into FILE, the public half beside the data."""
    from bot.trust import keyfile

    with opened(data_dir) as app:
        if file.exists() or keyfile.read_public(app.settings.data_dir):
            raise ConflictError("There is a key already: see `bot keys show`. `bot keys rotate` changes it.")
        vault = keyfile.write_private(file, app.settings.data_dir, [keyfile.new_key()])
        keyfile.write_public(app.settings.data_dir, vault.seal)
    typer.echo(f"Key {vault.seal.key} is in {file.resolve()}. Two things are left to you:")
    typer.echo(f'  name it in the settings:  vault_key = "{file.resolve()}"')
    typer.echo("  keep a copy where no backup of the data goes: without it every volunteer must start anew.")


@keys.command("show", epilog=example("bot keys show --json"))
def show_keys(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show the keys and how many tokens are sealed to each. No key is printed."""
    from bot.delivery import tokens
    from bot.trust import keyfile

    with opened(data_dir) as app:
        counts = app.store.run_read(tokens.by_key)
        public = keyfile.read_public(app.settings.data_dir)
        vault = tokens.open_vault(app.store, app.settings.vault_key, app.settings.data_dir)
    held = vault.keys if vault else []
    known = [*dict.fromkeys([*held, *counts, *([public.key] if public else [])])]
    found = [
        {
            "key": key,
            "tokens": counts.get(key, 0),
            "private": app.settings.vault_key if key in held else "",
            "seals": public is not None and public.key == key,
        }
        for key in known
    ]
    if as_json:
        show.document(found)
        return
    rows = [tuple(one.values()) for one in found]
    show.table(("key", "tokens", "private half in", "seals new tokens"), rows, app.settings.time_zone)


@keys.command(epilog=example("bot keys rotate"))
def rotate(data_dir: DataDir = None) -> None:
    """Seal every token to a new key; the one before stays for backups. Cut off, it goes on when run again."""
    from bot.delivery import tokens

    with opened(data_dir) as app:
        if not app.settings.vault_key:
            raise UsageError("The setting vault_key names no file. `bot keys new FILE` makes a key.")
        count = tokens.rotate(app.store, Path(app.settings.vault_key), app.settings.data_dir)
    typer.echo(
        f"{count} tokens sealed to a new key in {app.settings.vault_key}. Renew your copy of that file."
    )
