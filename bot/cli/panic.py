"""`bot panic`, `bot resume` and `bot undo`: stop, go on, take back."""

from typing import Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, opened, sure
from bot.model.journal import CLI

Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever reads it later.")]


def panic(reason: Why = "", data_dir: DataDir = None) -> None:
    """Stop everything outgoing at once, whether or not the daemon runs. Nothing is lost."""
    from bot.delivery import panic as stop
    from bot.storage import halts

    with opened(data_dir) as app:
        before = app.store.run_read(halts.current)
        found = app.store.run_write(stop.halt, reason=reason, now=app.clock.now(), actor=CLI)
        since = f"{found.since:%Y-%m-%d %H:%M} UTC"
        why = f", because “{found.reason}”" if found.reason else ""
        show.say(
            f"Halted since {since} by {found.actor}{why}: nothing goes out. `bot resume --reason …` goes on."
        )
        if before is not None and reason:
            show.say("That halt stays as it is: the reason given now is not kept.")


def resume(reason: Why = "", data_dir: DataDir = None) -> None:
    """Let everything go out again. A reason is needed."""
    from bot.delivery import panic as stop

    with opened(data_dir) as app:
        longer = app.store.run_write(stop.resume, reason=reason, now=app.clock.now(), actor=CLI)
        show.say(f"Going on. {longer} asks that waited get the time of the halt back.")


Notice = Annotated[int, typer.Option("--notice", metavar="ID", min=1, help="The notice.")]


def undo(notice: Notice, yes: Yes = False, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Take back all boosts of a notice; it goes back to the moderators.

    Planned and asked ones are cancelled, those that the bot made are undone by the bot, also while everything
    is stopped. Those made by hand are listed: their volunteers are asked on their page to undo them.
    """
    from bot.delivery import recall

    with opened(data_dir) as app:
        sure(f"Take back all boosts of notice {notice} and ask its volunteers to undo theirs?", yes=yes)
        found = app.store.run_write(recall.take_back, notice, now=app.clock.now(), actor=CLI)
        zone = app.settings.time_zone
    rows = [
        {"boost": b.id, "volunteer": b.volunteer_id, "network": b.network, "done_at": b.ended_at}
        for b in found.to_undo
    ]
    if as_json:
        show.document({"cancelled": found.cancelled, "by_bot": found.by_bot, "to_undo": rows})
        return
    show.table(("boost", "volunteer", "network", "done"), [list(row.values()) for row in rows], zone)
    show.say(f"{found.cancelled} cancelled, {found.by_bot} undone by the bot within the network's limits.")
    show.say(f"{len(rows)} to undo by hand: their volunteers' pages ask for it.")
