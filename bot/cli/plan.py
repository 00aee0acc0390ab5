"""`bot plan …`: a round now, a round as data, and the proof of past decisions."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, opened
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.app import App
    from bot.planning.audit import Report

plan = typer.Typer(
    help="Run a planning round now.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)


DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be planned; change nothing.")]
RoundFile = Annotated[
    Path | None,
    typer.Option(
        "--round", metavar="FILE", help="Plan the round of a JSON document (- reads it from the input)."
    ),
]
Certificates = Annotated[
    bool, typer.Option("--certificates", help="With --round: prove why nobody could get more.")
]
Reach = Annotated[
    bool, typer.Option("--reach", help="With --round: prefer who reaches most people to even loads.")
]
Before = Annotated[
    Path | None,
    typer.Option("--before", metavar="FILE", help="With --round: an earlier answer, to change little of."),
]
Changes = Annotated[
    int | None, typer.Option(min=0, help="With --before: the most other pairs of it that may change.")
]


@plan.callback(epilog=example("bot plan --dry-run", "bot plan --round round.json", "bot plan audit"))
def one_round(  # noqa: PLR0917  each is an option
    context: typer.Context,
    dry_run: DryRun = False,
    round_file: RoundFile = None,
    certificates: Certificates = False,
    reach: Reach = False,
    before: Before = None,
    changes: Changes = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Run a planning round now, and ask for the boosts that are due.

    With --round nothing is asked and no database is needed: the round is read, the plan is printed as JSON.
    """
    if context.invoked_subcommand is not None:
        return
    if round_file is not None:
        _plan_document(round_file, before, changes, certificates=certificates, reach=reach)
        return
    if certificates or reach or before is not None or changes is not None:
        raise UsageError("--certificates, --reach, --before and --changes go with --round.")
    from bot import ticks

    with opened(data_dir) as app:
        figures = ticks.foresee(app) if dry_run else ticks.round_now(app)
    if as_json:
        show.document({"dry_run": dry_run, **figures})
    else:
        show.pairs(figures)


def _plan_document(
    path: Path, before: Path | None, changes: int | None, *, certificates: bool, reach: bool
) -> None:
    import gc

    from bot.planning.document import answer

    if before is not None and reach:
        raise UsageError("--reach makes a plan anew: leave --before out.")
    if changes is not None and before is None:
        raise UsageError("--changes counts from a plan: give it with --before.")
    if changes is not None and certificates:
        raise UsageError("--certificates prove the best plan: leave --changes out.")
    gc.disable()  # one document, then the end: looking for garbage would cost an eighth of the time
    earlier = _read(before) if before is not None else None
    planned = answer(
        _read(path), with_certificates=certificates, reach=reach, before=earlier, changes=changes
    )
    typer.echo(planned)


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise UsageError(message) from None


Since = typer.Option(metavar="WHEN", help="Check decisions from then on: 2026-11-01 or 2026-11-01T09:30.")
Until = typer.Option(metavar="WHEN", help="Check decisions before then; a date counts to its end.")


@plan.command(epilog=example("bot plan audit", "bot plan audit --since 2026-11-01 --until 2026-11-30 --json"))
def audit(
    since: Annotated[str | None, Since] = None,
    until: Annotated[str | None, Until] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Replay the planner's log; prove every decision, or name the first breach (exit code 1).

    Moments without an offset are in the time zone of the settings.
    """
    with opened(data_dir) as app:
        zone = app.settings.time_zone
        begin = _moment("--since", since, zone, days=0)
        end = _moment("--until", until, zone, days=1)
        report = _replayed(app, begin, end)
    if as_json:
        breach = report.breach and {**vars(report.breach), "expected": report.breach.expected}
        holds = {"since": begin, "until": end, "holds": breach is None}
        show.document({**holds, **vars(report), "breach": breach})
    else:
        show.pairs({"entries": report.entries, "asks": report.asks, "before the log": report.before})
        show.pairs({f"{promise} checked": count for promise, count in report.checks.items()})
        show.pairs({f"not checked: {what}": count for what, count in report.unchecked.items()})
    if report.breach is not None:
        show.say(str(report.breach))
        raise typer.Exit(1)
    left = sum(report.unchecked.values()) + report.before
    but = f" What could not be checked: {left}, see above." if left else ""
    show.say(f"P1, P2 and I1 to I12 hold for all {report.asks} decisions that were checked.{but}")


def _replayed(app: "App", begin: datetime | None, end: datetime | None) -> "Report":
    """Audit what the installation's log tells of a period; None: from the beginning, to the end."""
    from bot.model.boost import BoostState
    from bot.planning.audit import audit as replayed
    from bot.storage import Session, boosts, plan_log

    def look(session: Session) -> "Report":
        return replayed(
            plan_log.read(session, begin),
            boosts.listed(
                session, states=set(BoostState) - {BoostState.PLANNED}, volunteers_only=True, limit=1 << 62
            ),
            app.keys.seed("slots"),
            facts=plan_log.facts(session),
            earlier=plan_log.before(session, begin) if begin else (),
            since=begin,
            until=end,
        )

    return app.store.run_read(look)


def _moment(option: str, text: str | None, zone: str, *, days: int) -> datetime | None:
    """Read a date, as its midnight and `days` later, or a moment."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-01"):
            day = date.fromisoformat(text) + timedelta(days=days)
            return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{option} wants a date or a moment, e.g. 2026-11-01 or 2026-11-01T09:30, not {text!r}."
        raise UsageError(message) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
