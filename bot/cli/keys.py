"""`bot keys`: the key that opens volunteers' tokens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.errors import ConfigError, ConflictError, DataError, UsageError
from bot.model.journal import CLI

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.sealed import Sealed
    from bot.trust.vault import Key

keys = group("Make, show and change the key of volunteers' tokens, and go on without one that is lost.")


@keys.command(epilog=example("bot keys new /etc/languette/vault.key"))
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file, outside data and repository.")],
    data_dir: DataDir = None,
) -> None:
    """Make the key: the private half into FILE, the public half beside the data."""
    from bot.trust import keyfile

    with opened(data_dir) as app:
        if file.exists() or keyfile.read_public(app.settings.data_dir):
            raise ConflictError(
                "There is a key already: see `bot keys show`. `bot keys rotate` changes it; when its file is "
                "lost, `bot keys lost` goes on."
            )
        vault = keyfile.write_private(file, app.settings.data_dir, [keyfile.new_key()])
        keyfile.write_public(app.settings.data_dir, vault.seal)
    typer.echo(f"Key {vault.seal.key} is in {file.resolve()}. Two things are left to you:")
    typer.echo(f'  name it in the settings:  vault_key = "{file.resolve()}"')
    typer.echo("  keep a copy where no backup of the data goes: without it every volunteer must start anew.")


@keys.command("show", epilog=example("bot keys show --json"))
def show_keys(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show the keys and how much is sealed to each. No key is printed.

    A retired key opens backups of before a rotation, and is removed once none is kept that needs it. One
    without a private half is lost: see `bot keys lost`.
    """
    from bot.storage import sealed
    from bot.trust import keyfile

    with opened(data_dir) as app:
        counts = app.store.run_read(sealed.by_key)
        public = keyfile.read_public(app.settings.data_dir)
        held = {key.id: key for key in _held(app)}
        known = dict.fromkeys([*held, *counts, *([public.key] if public else [])])
        found = [
            {
                "key": key,
                "tokens": counts.get(key, 0),
                "private": app.settings.vault_key if key in held else "",
                "seals": public is not None and public.key == key,
                "retired": held[key].retired_at if key in held else None,
            }
            for key in known
        ]
        zone = app.settings.time_zone
    if as_json:
        show.document(found)
        return
    heads = ("key", "tokens", "private half in", "seals new tokens", "retired")
    show.table(heads, [tuple(one.values()) for one in found], zone)


@keys.command(epilog=example("bot keys rotate"))
def rotate(data_dir: DataDir = None) -> None:
    """Seal every token to a new key and retire the old one. Cut off, it goes on when run again.

    The old key stays in the file as long as a backup that may need it; `bot keys prune` says when not.
    What is damaged, so that no key opens it, is left as it is and said.
    """
    from bot.delivery import rotation

    with opened(data_dir) as app:
        file = _file(app)
        done = rotation.rotate(app.store, file, app.settings.data_dir, clock=app.clock)
        days = app.settings.backup_days
    typer.echo(f"{done.sealed} tokens sealed to a new key in {file}. Renew your copy of that file.")
    show.say(
        f"The old key stays in it for older backups, {days} days at least. If it was stolen, remove it now: "
        "bot keys prune --now"
    )
    if done.left:
        show.say(
            f"{done.left} sealed values were left as they are, since no key opens them; the journal names "
            "their accounts (access.unopened). Give them up: bot keys lost"
        )


@keys.command(epilog=example("bot keys prune", "bot keys prune --now --yes"))
def prune(
    *,
    now: Annotated[bool, typer.Option("--now", help="All, whatever backup may need them.")] = False,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Remove retired keys that no kept backup needs, as the daemon does daily where it may write the file.

    What opens anything in use is never removed. With --now a backup of before a rotation comes back without
    its tokens: their volunteers must connect again. A key that only damaged values name goes with --now, too.
    """
    from bot.backup import shelf
    from bot.delivery import rotation
    from bot.storage import sealed

    with opened(data_dir) as app:
        file, at = _file(app), app.clock.now()
        before = shelf.since(app.settings.data_dir, at, timedelta(days=app.settings.backup_days))
        if now:
            sure("Remove the retired keys? Backups of before the rotation lose their tokens.", yes=yes)
            before = datetime.max.replace(tzinfo=UTC)
        gone = rotation.prune(app.store, file, app.settings.data_dir, before=before, now=at)
        named = app.store.run_read(sealed.by_key).keys() & set(gone)
    typer.echo(f"Removed: {', '.join(gone)}. Renew your copy of {file}." if gone else "No key was removed.")
    if named:
        show.say(
            "Damaged values name it, and the next start is refused until they are given up: bot keys lost"
        )


@keys.command(epilog=example("bot keys lost", "bot keys lost --yes"))
def lost(as_json: Json = False, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Give up what no key opens any more, after a loss for good or damage. Stop the daemon first.

    It lists what cannot be given back to its network, asks, and makes a backup of before. Those accounts are
    shared by hand until their volunteers connect them again. Where vault_key names no file, one is made.
    """
    from bot.backup import make
    from bot.delivery import lost_key
    from bot.lock import alone
    from bot.trust.vault import Vault

    with opened(data_dir) as app, alone(app.settings.data_dir):
        file, held = _file(app), _held(app)
        vault = Vault(held) if held else None
        found = app.store.run_read(lost_key.unopened, vault)
        if held and not found:
            typer.echo(f"Nothing is lost: {file} opens everything.")
            return
        _list_lost(app, app.store.run_read(lost_key.irrevocable, vault), as_json=as_json)
        made = "" if held else f" and make a new key in {file}, which is not there"
        show.say(f"{len(found)} sealed values cannot be opened.")
        sure(f"Give them up for good{made}?", yes=yes)
        try:
            note = make.create(app.settings, app.keys, why="key lost", now=app.clock.now())
            kept = f"The backup of before is {note.name}, should the key turn up after all."
        except (ConfigError, DataError) as error:
            kept = f"There is no backup of before: {error}"
            show.say(kept)
            sure("Go on without one?", yes=yes)
        vault = _vault(app, file, held)
        app.store.run_write(lost_key.give_up, vault, now=app.clock.now(), actor=CLI)
    show.say(f"Given up. {kept}")
    show.say("Volunteers are asked on their page to connect again." + ("" if held else " Copy the new key."))


def _vault(app: "App", file: Path, held: "list[Key]") -> Any:
    """Give the vault to go on with, its newest key published."""
    from bot.delivery import tokens
    from bot.trust import keyfile

    folder = app.settings.data_dir
    with keyfile.changing(folder):
        if not held:
            keyfile.write_private(file, folder, [keyfile.new_key()])
        vault = keyfile.open_vault(file, folder)
        app.store.run_write(tokens.publish, folder, vault)
    return vault


def _list_lost(app: "App", found: "list[Sealed]", *, as_json: bool) -> None:
    """Print the tokens that should go back to their networks and cannot."""
    from bot.storage import volunteers

    rows: list[dict[str, Any]] = []
    for one in found:
        account = app.store.run_read(volunteers.account, one.account_id)
        about = {"account": one.account_id, "network": one.network, "key": one.text[3:11]}
        rows.append(
            {**about, "volunteer": account and account.volunteer_id, "handle": account and account.handle}
        )
    if as_json:
        show.document(rows)
        return
    if rows:
        show.say(
            "These tokens may still work at their networks and cannot be given back. Only their owners can"
        )
        show.say("end them there, among the applications that they have allowed:")
        show.table(tuple(rows[0]), [tuple(row.values()) for row in rows], app.settings.time_zone)


def _file(app: "App") -> Path:
    """Give the file of the private keys.

    Raises:
        UsageError: the settings name none.
    """
    if not app.settings.vault_key:
        raise UsageError("The setting vault_key names no file. `bot keys new FILE` makes a key.")
    return Path(app.settings.vault_key)


def _held(app: "App") -> "list[Key]":
    """Give the private keys that are here; none when there is no file.

    Raises:
        ConfigError: the file is damaged or open to others.
    """
    from bot.trust import keyfile

    file = Path(app.settings.vault_key)
    return keyfile.read_private(file) if app.settings.vault_key and file.exists() else []
