"""`bot admins …`: who may log in to the admin pages.

Whoever may run these commands may read the database: no role is asked of them, since none could be enforced.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.errors import UsageError
from bot.model.access import Role

if TYPE_CHECKING:
    from bot.app import App
    from bot.model.access import Admin

admins = group("Let people in to the admin pages, give roles, take log-ins away.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The admin's name, see `bot admins list`.")]


def _named(app: "App", name: str) -> "Admin":
    from bot.moderation.admins import clean_name
    from bot.storage import admins as stored

    known = app.store.run_read(stored.with_hash, clean_name(name))
    if known is None:
        message = f"There is no admin {name!r}. `bot admins list` shows them."
        raise UsageError(message)
    return known[0]


def _print_link(app: "App", token: str) -> None:
    typer.echo(f"{app.settings.address}/{app.settings.default_lang}/admin/setup/{token}")


@admins.command("list", epilog=example("bot admins list"))
def list_admins(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the admins with their roles."""
    from bot.storage import admins as stored

    with opened(data_dir) as app:
        found = app.store.run_read(stored.listed)
        zone = app.settings.time_zone
    if as_json:
        show.document(found)
    else:
        rows = [(one.id, one.name, one.role.value, one.created_at) for one in found]
        show.table(("id", "name", "role", "since"), rows, zone)


@admins.command(epilog=example("bot admins add", "bot admins add --role moderator"))
def add(
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR, data_dir: DataDir = None
) -> None:
    """Print a link that works once, for 24 hours, by which a new admin chooses a name and a password."""
    from bot.moderation import admins as stage

    with opened(data_dir, make=True) as app:
        _print_link(app, app.store.run_write(stage.new_setup_link, app.clock.now(), role=role))


@admins.command(epilog=example("bot admins reset Camille"))
def reset(name: Name, data_dir: DataDir = None) -> None:
    """Print a link that works once, for 24 hours, by which an admin sets a new password and second factor."""
    from bot.moderation import admins as stage

    with opened(data_dir) as app:
        admin = _named(app, name)
        _print_link(app, app.store.run_write(stage.new_reset_link, admin.id, now=app.clock.now()))


@admins.command(epilog=example("bot admins role Camille moderator"))
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What they may do from now on.")],
    data_dir: DataDir = None,
) -> None:
    """Give an admin another role; it holds from their next click."""
    from bot.moderation import admins as stage

    with opened(data_dir) as app:
        admin = app.store.run_write(stage.give_role, _named(app, name).id, role, now=app.clock.now())
        show.say(f"{admin.name} is {admin.role.value} now.")


@admins.command(epilog=example("bot admins remove Camille --yes"))
def remove(name: Name, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Take an admin's log-in away; they are logged out at once."""
    from bot.moderation import admins as stage

    with opened(data_dir) as app:
        admin = _named(app, name)
        sure(f"Take the log-in of {admin.name} away?", yes=yes)
        app.store.run_write(stage.remove, admin.id, now=app.clock.now())
        show.say(f"{admin.name} cannot log in any more.")
