"""`bot accounts …`: how volunteers' accounts share, and taking a lent one back."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.errors import ConflictError, NotFoundError, UsageError
from bot.model.boost import Mode
from bot.model.journal import CLI

if TYPE_CHECKING:
    from bot.app import App
    from bot.model.volunteer import Account

accounts = group("See how volunteers' accounts share, change it, take a lent one back.")

AccountId = Annotated[int, typer.Argument(metavar="ID", help="The account's number: `bot accounts list`.")]
Network = Annotated[str, typer.Option(metavar="NETWORK", help="Only accounts there.")]


def _account(app: "App", account_id: int) -> "Account":
    from bot.storage import volunteers

    found = app.store.run_read(volunteers.account, account_id)
    if found is None:
        message = f"There is no account {account_id}. `bot accounts list` shows those there are."
        raise NotFoundError(message)
    return found


@accounts.command("list", epilog=example("bot accounts list --network bluesky", "bot accounts list --json"))
def list_accounts(
    *,
    network: Network = "",
    volunteer: Annotated[int | None, typer.Option(metavar="ID", help="Only this volunteer's.")] = None,
    lent: Annotated[bool, typer.Option("--lent", help="Only accounts that are lent.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List the accounts: how each shares, since when it is lent, whether its network refuses us. No token."""
    from bot.reporting import lending

    with opened(data_dir) as app:
        found = app.store.run_read(lending.listed, network=network, volunteer_id=volunteer)
        zone = app.settings.time_zone
    rows = [
        {
            "id": one.account.id,
            "volunteer": one.account.volunteer_id,
            "network": one.account.network,
            "handle": one.account.handle,
            "mode": one.mode,
            "lent_at": one.access.given_at if one.access else None,
            "used_at": one.access.used_at if one.access else None,
            "lost_at": one.lost_at,
        }
        for one in found
        if one.access or not lent
    ]
    if as_json:
        show.document(rows)
        return
    heads = ("id", "volunteer", "network", "handle", "mode", "lent since", "last used", "lost")
    show.table(heads, [tuple(row.values()) for row in rows], zone)


@accounts.command(epilog=example("bot accounts mode 7 one_tap", "bot accounts mode 7 automatic --agreed"))
def mode(
    account_id: AccountId,
    wanted: Annotated[Mode, typer.Argument(metavar="MODE", help="by_hand, one_tap or automatic.")],
    agreed: Annotated[
        bool, typer.Option("--agreed", help="The volunteer has read the text of this mode and agrees.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Change how a lent account shares. Lending one takes the volunteer: it goes by their own page only."""
    from bot.delivery import lending
    from bot.storage import volunteers
    from bot.trust.lending_texts import lending_text

    if wanted is Mode.BY_HAND:
        raise UsageError("To share by hand the account is taken back: bot accounts disconnect ID")
    with opened(data_dir) as app:
        account = _account(app, account_id)
        lang = app.store.run_read(volunteers.get, account.volunteer_id).lang
        if wanted not in lending.allowed(app.policies, account):
            message = f"config/networks/{account.network}.toml does not allow {wanted} for this account."
            raise ConflictError(message)
        if not agreed:
            show.say(lending_text(account.network, wanted).shown(lang))
            raise UsageError("Nobody agrees for a volunteer. Show them this text, then add --agreed.")
        app.store.run_write(
            lending.set_mode,
            account,
            wanted,
            policies=app.policies,
            lang=lang,
            now=app.clock.now(),
            actor=CLI,
            act="cli",
        )
        show.say(f"Account {account_id} shares {wanted}.")


@accounts.command(epilog=example("bot accounts disconnect 7", "bot accounts disconnect --all --yes"))
def disconnect(
    account_id: Annotated[int | None, typer.Argument(metavar="ID", help="The account's number.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every lent account: after a breach.")] = False,
    network: Network = "",
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """Take lent accounts back: shares are made by hand, the daemon gives the tokens back to their network."""
    from bot.delivery import lending

    if (account_id is None) == (not every):
        raise UsageError("Name one account, or --all.")
    with opened(data_dir) as app:
        now = app.clock.now()
        if account_id is not None:
            account = _account(app, account_id)
            done = int(app.store.run_write(lending.take_back, account, now=now, actor=CLI))
        else:
            sure(f"Take every lent account{' on ' if network else ''}{network} back?", yes=yes)
            done = app.store.run_write(lending.take_back_all, network=network, now=now, actor=CLI)
    show.say(f"{done} accounts taken back. `bot networks list` says what is still on its way.")
