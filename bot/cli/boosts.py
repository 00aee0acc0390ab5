"""`bot boosts …`: what was asked, and what volunteers answered."""

from typing import Annotated

import typer

from bot.cli import shapes, show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.model.boost import BoostState
from bot.model.journal import CLI

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
        (b.id, b.state.value, b.mode.value, b.notice_id, b.volunteer_id, b.network, b.due_at, b.ended_at)
        for b in found
    ]
    show.table(("id", "state", "mode", "notice", "volunteer", "network", "due", "ended"), rows, zone)
    if len(found) == limit:
        show.say(f"The first {limit} by their due time; --limit shows more.")


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


@boosts.command(epilog=example("bot boosts retry 7", "bot boosts retry 8 --made"))
def retry(
    boost_id: BoostId,
    made: Annotated[
        bool, typer.Option("--made", help="You have seen it on the network: note that it is made.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Try again a boost that failed, or whose outcome nobody could find out.

    Look at the network first when the outcome is unknown: without --made you say that it is not there, and it
    is sent once more.
    """
    from bot.delivery import retrying

    with opened(data_dir) as app:
        act = retrying.made if made else retrying.retry
        app.store.run_write(act, boost_id, now=app.clock.now(), actor=CLI)
        show.say(f"Boost {boost_id} is made." if made else f"Boost {boost_id} is due again.")
