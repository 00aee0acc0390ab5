"""`bot boosts …` and `bot plan`: the plan, and what volunteers answered."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import shapes, show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.errors import UsageError
from bot.model.boost import BoostState

boosts = group("Read the boosts and answer for volunteers.")

BoostId = Annotated[int, typer.Argument(metavar="ID", help="The boost's number, see `bot boosts list`.")]


@boosts.command("list", epilog=example("bot boosts list --state asked", "bot boosts list --notice 12 --json"))
def list_boosts(
    state: Annotated[BoostState | None, typer.Option(help="Only boosts in this state.")] = None,
    notice: Annotated[int | None, typer.Option(metavar="ID", help="Only boosts of this notice.")] = None,
    volunteer: Annotated[int | None, typer.Option(metavar="ID", help="Only this volunteer's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List boosts by their due time."""
    from bot.storage import boosts as stored

    with opened(data_dir) as app:
        found = app.store.run_read(
            stored.listed,
            notice_id=notice,
            volunteer_id=volunteer,
            states=[state] if state else None,
            limit=limit,
        )
        zone = app.settings.time_zone
    if as_json:
        show.document([shapes.boost(boost) for boost in found])
        return
    rows = [
        (b.id, b.state.value, b.notice_id, b.volunteer_id, b.network, b.due_at, b.ended_at) for b in found
    ]
    show.table(("id", "state", "notice", "volunteer", "network", "due", "ended"), rows, zone)


@boosts.command(epilog=example("bot boosts done 7"))
def done(boost_id: BoostId, data_dir: DataDir = None) -> None:
    """Note that the volunteer has made a boost."""
    from bot.delivery import by_hand
    from bot.storage import boosts as stored

    with opened(data_dir) as app:
        boost = app.store.run_read(stored.get, boost_id)
        app.store.run_write(by_hand.declare, boost_id, volunteer_id=boost.volunteer_id, now=app.clock.now())
        show.say(f"Boost {boost_id} is done.")


@boosts.command(epilog=example("bot boosts skip 7"))
def skip(
    boost_id: BoostId,
    why: Annotated[str, typer.Option(help="The volunteer's reason, if they gave one.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Note that the volunteer passes on a boost."""
    from bot.delivery import by_hand
    from bot.storage import boosts as stored

    with opened(data_dir) as app:
        boost = app.store.run_read(stored.get, boost_id)
        app.store.run_write(
            by_hand.skip, boost_id, volunteer_id=boost.volunteer_id, now=app.clock.now(), why=why
        )
        show.say(f"Boost {boost_id} is skipped.")


def plan(
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
