"""What every command shares: its options, the installation it works on, how it asks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import DataError, UsageError

if TYPE_CHECKING:
    from bot.app import App

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Folder of the database, instead of the setting."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def group(about: str) -> typer.Typer:
    """Make a group of commands, e.g. `bot notices …`."""
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def example(*lines: str) -> str:
    """Give the epilog that shows how a command is used."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\b\n" + "\n".join([title, *(f"  {line}" for line in lines)])


@contextmanager
def opened(data_dir: Path | None = None, *, make: bool = False, **overrides: Any) -> "Iterator[App]":
    """Open the installation and close it again. With `make` it is made where there is none.

    Raises:
        ConfigError: a setting cannot be used.
        DataError: there is no installation, or its database cannot be used.
    """
    from bot.app import build
    from bot.settings import load

    settings = load(data_dir=data_dir, **overrides)
    if not make and not settings.database.exists():
        message = f"There is nothing in {settings.data_dir} yet. Start with: bot run"
        raise DataError(message)
    app = build(settings)
    try:
        yield app
    finally:
        app.close()


def sure(question: str, *, yes: bool) -> None:
    """Ask before something that is hard to take back.

    Raises:
        UsageError: nobody is there to answer, and `--yes` was not given.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to confirm this. Add --yes to do it without asking.")
    if not typer.confirm(question, err=True):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)
