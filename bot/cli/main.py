"""The tree of commands. A command's module is imported when the command is named: help answers at once."""

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli.base import example
from bot.errors import LanguetteError

if TYPE_CHECKING:
    from collections.abc import Callable

SUMMARY = "Languette: fair, explained boosts for people who look for a job."
CODES = (
    "\b\nExit codes: 0 ok, 1 error, 2 usage, 4 log-in needed (kept for later), 5 settings invalid,\n"
    "6 database too new or damaged, 130 interrupted.\n\n"
) + example("bot run", "bot demo", "bot notices list --json")


class Entry(NamedTuple):
    """Where a command lives, and what the list of commands says of it. A group brings its own examples."""

    source: str
    about: str
    examples: tuple[str, ...] = ()


COMMANDS: dict[str, Entry] = {
    "run": Entry(
        "site:run",
        "Start the site and the planner; Ctrl-C ends it.",
        ("bot run", "bot run --port 8080 --data-dir /srv/languette"),
    ),
    "demo": Entry("site:demo", "Show a living, invented collective.", ("bot demo", "bot demo --port 8001")),
    "status": Entry("site:status", "Say if the daemon lives and what waits.", ("bot status --json",)),
    "panic": Entry(
        "panic:panic", "Stop everything outgoing at once.", ('bot panic --reason "strange posts"',)
    ),
    "resume": Entry(
        "panic:resume", "Go on after a panic.", ('bot resume --reason "the volunteer changed the password"',)
    ),
    "undo": Entry("panic:undo", "Take back all boosts of a notice.", ("bot undo --notice 12",)),
    "doctor": Entry("doctor:doctor", "Say what is wrong and what to do.", ("bot doctor",)),
    "config": Entry(
        "config:config",
        "Show every setting and its source.",
        ("bot config", "bot config --example > config/languette.toml.example"),
    ),
    "submit": Entry(
        "submit:submit",
        "Send a notice for a seeker.",
        (
            'bot submit --title Welder --place Lille --text "Ten years of TIG." --name Moussa --consent',
            "bot submit --json notice.json",
        ),
    ),
    "notices": Entry("notices:notices", "Read the queue and decide on notices."),
    "form": Entry("form:form", "Close and open the form for notices."),
    "volunteers": Entry("volunteers:volunteers", "Read the roster, act for volunteers."),
    "accounts": Entry("accounts:accounts", "See how accounts share; take a lent one back."),
    "collective": Entry("collective:collective", "Connect the collective's own account; see how it stands."),
    "plan": Entry("plan:plan", "Run a planning round now; audit the past ones."),
    "simulate": Entry(
        "simulate:simulate",
        "Play weeks of a collective, with and without a planner.",
        ("bot simulate --supply 0.2", "bot simulate --own-data --cap-factor 2 --html what-if.html"),
    ),
    "boosts": Entry("boosts:boosts", "Read the boosts, answer for volunteers."),
    "budget": Entry(
        "budget:budget",
        "Say what X has cost and may cost.",
        ("bot budget", "bot budget --posts 150 --volunteers 5 --boosts 3", "bot budget --json"),
    ),
    "networks": Entry("networks:networks", "See what each network allows and how watching goes."),
    "explain": Entry("explain:explain", "Say why a notice or a boost stands where it does."),
    "privacy": Entry("privacy:privacy", "Show what is kept how long; end what is late."),
    "export": Entry("privacy:export", "Give one person a copy of what is kept of them."),
    "erase": Entry("privacy:erase", "Erase one person for good."),
    "admins": Entry("admins:admins", "Let people in to the admin pages."),
    "audit": Entry("audit:audit", "Prove that nobody changed the journal."),
    "backup": Entry("backup:backup", "Make, list, prove and restore backups."),
    "keys": Entry("keys:keys", "Make, show and change the key of volunteers' tokens."),
    "journal": Entry("records:journal", "Show who did what.", ("bot journal --action notice. --limit 20",)),
    "version": Entry("main:version", "Print the version.", ("bot version",)),
}


def load(name: str) -> Any:
    """Import one command and make it ready to run."""
    entry = COMMANDS[name]
    module, _, attribute = entry.source.partition(":")
    found: typer.Typer | Callable[..., Any] = getattr(import_module(f"bot.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name, epilog=example(*entry.examples))(found)
        found = single
    command = get_command(found)
    command.name = name
    return command


class Tree(TyperGroup):
    """The group that knows its commands by name before it imports them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the library's signature
        """Give the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  the library's signature
        """Import a command."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  the library's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.about) for name, entry in COMMANDS.items()])


cli = typer.Typer(
    name="bot",
    cls=Tree,
    help=SUMMARY,
    epilog=CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def version() -> None:
    """Print the version."""
    from bot import __version__

    typer.echo(f"Languette {__version__}")


def _version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@cli.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options of `bot` itself; its help is the Typer's."""


def main() -> int:
    """Run the command line and give the exit code; what went wrong is said in a sentence."""
    try:
        cli(prog_name="bot")
    except LanguetteError as error:
        typer.echo(str(error), err=True)
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  the last line of defence
        typer.echo(f"Something broke ({type(error).__name__}: {error}). Try: bot doctor", err=True)
        return 1
    return 0
