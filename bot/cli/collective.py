"""`bot collective …`: the account in the collective's own name, one on each network."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.errors import ConfigError, UsageError
from bot.model.journal import CLI
from bot.model.secret import Secret

if TYPE_CHECKING:
    from bot.app import App
    from bot.model.volunteer import Account
    from bot.reporting.collective import Standing

collective = group("Connect the account that shares in the collective's own name, and see how it stands.")

Network = Annotated[str, typer.Argument(metavar="NETWORK", help="bluesky, mastodon or x.")]


@collective.command(
    epilog=example(
        "bot collective connect mastodon emploi@piaille.fr",
        "bot collective connect bluesky emploi.example.org --password",
    )
)
def connect(
    network: Network,
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="The account's name there.")],
    *,
    password: Annotated[
        bool, typer.Option("--password", help="Type an app password instead (Bluesky only).")
    ] = False,
    labelled: Annotated[
        bool, typer.Option("--labelled", help="X only: you have set the label for automated accounts.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Connect the collective's account: agree on the network's page, then paste where it led you.

    The account must say in the network's own way that a program runs it, or it is refused.
    """
    with opened(data_dir) as app:
        account = asyncio.run(_connect(app, network, handle, password=password, labelled=labelled))
        show.say(f"{account.handle} is the collective's account on {network} now.")


async def _connect(app: "App", network: str, handle: str, *, password: bool, labelled: bool) -> "Account":
    from bot import callers
    from bot.lenders import collective_lenders
    from bot.owning import Owner

    lenders = collective_lenders(app)
    if network not in lenders.networks:
        message = f"The settings do not let {network} be called: docs/networks says what it takes."
        raise ConfigError(message)
    if password and network not in lenders.passwords:
        message = f"{network} has no app passwords."
        raise UsageError(message)
    async with lenders.open() as connects, callers.open_publishers(app) as publishers:
        owner = Owner(app, network, handle, connects[network], publishers.get(network))
        if password:
            typed = Secret(typer.prompt("App password", hide_input=True, err=True).strip())
            return await owner.sign_in(typed, actor=CLI, labelled=labelled)
        begun = await owner.begin()
        show.say(f"1. Open this page, logged in there as {owner.account.handle}, and agree:\n   {begun.url}")
        show.say("2. You are led back to a page of this site. Do nothing on it; copy its address.")
        pasted = typer.prompt("3. Paste the address", err=True)
        answer = dict(parse_qsl(urlsplit(pasted.strip()).query))
        return await owner.finish(begun, answer, actor=CLI, labelled=labelled)


@collective.command("show", epilog=example("bot collective show", "bot collective show --json"))
def show_accounts(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show whose account it is on each network, its label, what it shared. No token."""
    from bot import callers
    from bot.reporting.collective import standings

    with opened(data_dir) as app:
        found = app.store.run_read(standings, app.policies)
        publishing = callers.publishing(app)
        zone = app.settings.time_zone
    rows = [_row(one, publishes=one.network in publishing) for one in found]
    if as_json:
        show.document(rows)
        return
    if not rows:
        show.say('No policy allows it: `modes` in config/networks/NETWORK.toml may name "collective".')
    show.table(tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows], zone)


def _row(one: "Standing", *, publishes: bool) -> dict[str, Any]:
    access = one.access
    return {
        "network": one.network,
        "account": one.handle,
        "state": _state(one),
        "publishes": publishes,
        "connected": access.given_at if access else None,
        "labelled": access.labelled_at if access else None,
        "made": one.made,
        "coming": one.coming,
        "failed": one.failed,
    }


def _state(one: "Standing") -> str:
    if not one.allowed:
        return "not allowed"
    if one.access is None:
        return "not connected"
    if one.access.lost_at is not None:
        return "token lost"
    return "not labelled" if one.access.unlabelled else "works"


@collective.command(epilog=example("bot collective check"))
def check(data_dir: DataDir = None) -> None:
    """Look now whether each account says that a program runs it. Exit code 1 when one does not."""
    from pathlib import Path

    from bot import callers, delivering
    from bot.delivery import tokens
    from bot.reporting.collective import standings

    async def look(app: "App") -> None:
        opener = tokens.Opener(Path(app.settings.vault_key), app.settings.data_dir)
        async with callers.open_publishers(app) as publishers:
            await delivering.look_at_labels(app, publishers, opener, every=True)

    with opened(data_dir) as app:
        asyncio.run(look(app))
        found = app.store.run_read(standings, app.policies)
    for one in found:
        typer.echo(f"{one.network}: {one.handle or 'no account'}: {_state(one)}")
    if any(one.access is not None and one.access.unlabelled for one in found):
        raise typer.Exit(1)


@collective.command(epilog=example("bot collective leftovers", "bot collective leftovers --json"))
def leftovers(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List what must be removed by hand: the network takes no token of ours for it any more, or says no.

    Nobody knows whether what is in doubt was made: look for it on the account's page.
    """
    from bot import callers
    from bot.reporting.collective import leftovers as left

    with opened(data_dir) as app:
        rows = [one._asdict() for one in app.store.run_read(left, callers.names(app))]
        zone = app.settings.time_zone
    if as_json:
        show.document(rows)
        return
    if rows:
        show.table(tuple(rows[0]), [tuple(row.values()) for row in rows], zone)
    else:
        show.say("Nothing is left.")


@collective.command(epilog=example("bot collective removed 17"))
def removed(
    boost_id: Annotated[int, typer.Argument(metavar="BOOST", help="Its number among the leftovers.")],
    data_dir: DataDir = None,
) -> None:
    """Note that you have removed a leftover on the network's own pages, or that it is not there."""
    from bot import callers
    from bot.delivery import collective as stage

    with opened(data_dir) as app:
        known = callers.names(app)
        app.store.run_write(stage.removed, boost_id, called=known, now=app.clock.now(), actor=CLI)
        show.say(f"Noted: {boost_id} is gone.")


@collective.command(epilog=example("bot collective disconnect mastodon"))
def disconnect(network: Network, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Give the token back: nothing more is shared. What was shared stays until its notice ends.

    From then on it is among the leftovers. To take it back first, see `bot undo` for one notice.
    """
    from bot.delivery import collective as stage

    with opened(data_dir) as app:
        app.store.run_read(stage.of, network)
        sure(f"Disconnect the collective's account on {network}?", yes=yes)
        done = app.store.run_write(stage.disconnect, network, now=app.clock.now(), actor=CLI)
        show.say("Disconnected." if done else "It was not connected.")
