"""`bot audit …`: proof that nobody changed the journal."""

from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.errors import UsageError

audit = group("Prove that nobody changed the journal.")

WORDS = {
    "altered": "line {line} is not what was written: it was changed, or stands in another's place",
    "missing": "line {line} is missing",
    "added": "line {line} was not written by this program",
    "rewritten": "line {line} is not the one of the head you gave: the journal was written anew",
    "checkpoint": "the mark of where the journal begins is not ours (is `secret.key` the right one?)",
}

Heads = Annotated[
    list[str] | None,
    typer.Option("--head", metavar="LINE:HASH", help="A head noted earlier; may be given many times."),
]


@audit.command(epilog=example("bot audit verify", "bot audit verify --head 4821:9f2c… --json"))
def verify(head: Heads = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Check every line of the journal; name the first that was altered, taken out or added (exit code 1).

    A journal cut off at its end shows only against a head that was noted elsewhere.
    """
    from bot.storage import chain

    known = dict(map(_read_head, head or ()))
    with opened(data_dir) as app:
        found = app.store.run_read(chain.verify, known)
    if as_json:
        show.document({"holds": found.breach is None, **asdict(found)})
    else:
        show.pairs(
            {"lines": found.lines, "first": found.first, "head": f"{found.head.id}:{found.head.chain}"}
        )
    if found.breach is not None:
        show.say(f"The journal does not hold: {WORDS[found.breach].format(line=found.line)}.")
        raise typer.Exit(1)
    show.say(f"All {found.lines} lines hold.")


@audit.command("head", epilog=example("bot audit head"))
def show_head(data_dir: DataDir = None) -> None:
    """Print the journal's head, LINE:HASH, to be kept elsewhere for `bot audit verify --head`."""
    from bot.storage import chain

    with opened(data_dir) as app:
        found = app.store.run_read(chain.head)
    typer.echo(f"{found.id}:{found.chain}")


def _read_head(text: str) -> tuple[int, str]:
    number, _, chain = text.partition(":")
    if not number.isdecimal() or not chain:
        message = f"--head wants LINE:HASH as `bot audit head` prints it, not {text!r}."
        raise UsageError(message)
    return int(number), chain
