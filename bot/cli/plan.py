"""`bot plan …`: a round now, a round as data, and the proof of past decisions."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, opened
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.planning.audit import Report

plan = typer.Typer(
    help="Run a planning round now.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)


@plan.callback(epilog=example("bot plan --dry-run", "bot plan --round round.json", "bot plan audit"))
def one_round(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be planned; change nothing.")
    ] = False,
    round_file: Annotated[
        Path | None,
        typer.Option(
            "--round", metavar="FILE", help="Plan the round of a JSON document (- reads it from the input)."
        ),
    ] = None,
    certificates: Annotated[
        bool, typer.Option("--certificates", help="With --round: prove why nobody could get more.")
    ] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Run a planning round now, and ask for the boosts that are due.

    With --round nothing is asked and no database is needed: the round is read, the plan is printed as JSON.
    """
    if context.invoked_subcommand is not None:
        return
    if round_file is not None:
        _plan_document(round_file, certificates)
        return
    from bot import ticks
    from bot.planning import round as planning

    with opened(data_dir) as app:
        if dry_run:
            result = app.store.run_read(
                planning.run,
                settings=app.settings,
                keys=app.keys,
                networks=app.networks,
                now=app.clock.now(),
                dry=True,
            )
            figures = {
                "planned": result.planned,
                "kept": result.kept,
                "dropped": result.dropped,
                "unserved": result.unserved,
            }
        else:
            work = {tick.name: tick.work for tick in ticks.every(app)}
            figures = {**work["sweep"](app), **work["plan"](app)}
    if as_json:
        show.document({"dry_run": dry_run, **figures})
    else:
        show.pairs(figures)


def _plan_document(path: Path, certificates: bool) -> None:
    import gc

    from bot.planning.document import answer

    gc.disable()  # one document, then the end: looking for garbage would cost an eighth of the time
    try:
        data = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise UsageError(message) from None
    typer.echo(answer(data, with_certificates=certificates))


_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
Since = typer.Option(metavar="WHEN", formats=_FORMATS, help="Check decisions from then on (UTC).")
Until = typer.Option(metavar="WHEN", formats=_FORMATS, help="Stop there (UTC).")


@plan.command(epilog=example("bot plan audit", "bot plan audit --since 2026-11-01 --json"))
def audit(
    since: Annotated[datetime | None, Since] = None,
    until: Annotated[datetime | None, Until] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Replay the planner's log; prove every decision, or name the first breach (exit code 1)."""
    from bot.model.boost import BoostState
    from bot.planning.audit import audit as replayed
    from bot.storage import Session, boosts, plan_log

    since, until = (moment and moment.replace(tzinfo=UTC) for moment in (since, until))
    with opened(data_dir) as app:

        def look(session: Session) -> "Report":
            rows = boosts.listed(session, states=set(BoostState) - {BoostState.PLANNED}, limit=1 << 62)
            log = plan_log.read(session)
            return replayed(log, rows, app.keys.seed("slots"), since=since, until=until)

        report = app.store.run_read(look)
    if as_json:
        show.document(report)
    else:
        show.pairs({"entries": report.entries, "asks": report.asks, "before the log": report.before})
        for promise, count in report.checks.items():
            show.say(f"{promise}: {count} checked")
    if report.breach is not None:
        show.say(str(report.breach))
        raise typer.Exit(1)
    show.say(f"Every one of {report.asks} decisions holds.")
