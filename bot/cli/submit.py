"""`bot submit`: send a notice as the form does."""

import json
import sys
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, opened
from bot.cli.life import status_link
from bot.errors import UsageError
from bot.model.journal import CLI
from bot.model.notice import Contract

if TYPE_CHECKING:
    from bot.app import App
    from bot.intake.submit import Submitted
    from bot.model.forms import FieldError


def refuse(problems: "Iterable[FieldError]") -> None:
    """Say everything that is wrong with what was typed.

    Raises:
        UsageError: there is something.
    """
    if lines := [f"  {problem.field}: {problem.message}" for problem in problems]:
        raise UsageError("There is a problem:\n" + "\n".join(lines))


def _from_json(source: Path) -> dict[str, Any]:
    """Read an object from a file, or from standard input when `source` is `-`."""
    from bot.intake.form import Submission

    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
        found = json.loads(text)
    except OSError as error:
        message = f"{source} cannot be read: {error.strerror}."
        raise UsageError(message) from error
    except ValueError as error:
        message = f"{source} is not JSON in UTF-8: {error}."
        raise UsageError(message) from error
    known = {field.name: field.type for field in fields(Submission)}
    if not isinstance(found, dict) or (unknown := found.keys() - known):
        names = ", ".join(sorted(known))
        extra = f" It has {', '.join(sorted(unknown))}." if isinstance(found, dict) else ""
        message = f"{source} must hold one JSON object with only: {names}.{extra}"
        raise UsageError(message)
    for name, value in found.items():
        if not isinstance(value, bool if known[name] in {bool, "bool"} else str):
            message = f"{source}: {name} has the wrong type."
            raise UsageError(message)
    return found


Email = Annotated[
    str, typer.Option(help="Tells two notices of one seeker; never shown, and no mail is sent.")
]
AnswerTo = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Address to show on the page of a notice without a post, with the seeker's yes.",
    ),
]
Agreed = Annotated[
    bool, typer.Option("--consent", help="The seeker agrees that the notice is published and boosted.")
]
Alone = Annotated[
    bool, typer.Option("--volunteers-only", help="The seeker leaves the collective's own account out.")
]
Source = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Read the fields from a JSON object; - is standard input."),
]


def submit(
    *,
    title: Annotated[str, typer.Option(help="The job looked for.")] = "",
    place: Annotated[str, typer.Option(help="Where.")] = "",
    remote: Annotated[bool, typer.Option("--remote", help="Remote work is possible.")] = False,
    contract: Annotated[Contract, typer.Option(help="Kind of contract.")] = Contract.ANY,
    text: Annotated[str, typer.Option(help="One or two sentences.")] = "",
    link: Annotated[str, typer.Option(metavar="URL", help="The seeker's own post, if there is one.")] = "",
    name: Annotated[str, typer.Option(help="Name shown on the notice.")] = "",
    email: Email = "",
    answer_to: AnswerTo = "",
    lang: Annotated[str, typer.Option(metavar="fr|en", help="Language of the notice.")] = "fr",
    consent: Agreed = False,
    volunteers_only: Alone = False,
    source: Source = None,
    data_dir: DataDir = None,
) -> None:
    """Send a notice for a seeker and print the link to its status page."""
    values: dict[str, Any] = {
        "title": title, "place": place, "remote": remote, "contract": contract.value, "text": text,
        "link": link, "name": name, "email": email, "answer_to": answer_to,
        "show_answer_to": bool(answer_to), "lang": lang, "consent": consent,
        "volunteers_only": volunteers_only,
    }  # fmt: skip
    if source is not None:
        values |= _from_json(source)
    values.setdefault("has_post", "yes" if values["link"] else "no")
    with opened(data_dir, make=True) as app:
        sent = _send(app, values)
        typer.echo(status_link(app, sent.token, sent.notice.lang))
        show.say(f"Notice {sent.notice.id} waits for a moderator: bot notices approve {sent.notice.id}")


def _send(app: "App", values: dict[str, Any]) -> "Submitted":
    """Send what the form would send with these values."""
    from bot.intake import form
    from bot.intake.submit import submit as send

    draft, problems = form.read(form.Submission(**values), app.networks)
    refuse(problems)
    assert draft is not None
    return app.store.run_write(
        send, draft, settings=app.settings, keys=app.keys, now=app.clock.now(), actor=CLI
    )
