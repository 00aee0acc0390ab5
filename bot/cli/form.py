"""`bot form …`: the door of the seeker's form."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.model.journal import CLI

form = group("Close and open the form by which notices come in.")


@form.command(epilog=example("bot form status --json"))
def status(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say whether the form takes notices in."""
    from bot.intake import door
    from bot.storage import doors

    with opened(data_dir) as app:
        now = app.clock.now()
        closed = app.store.run_read(doors.closed, now)
        full = app.store.run_read(door.full, app.settings.queue_max, now)
        zone = app.settings.time_zone
    data = {
        "open": closed is None and not full,
        "full": full,
        "closed_since": closed.since if closed else None,
        "closed_until": closed.until if closed else None,
    }
    if as_json:
        show.document(data)
    else:
        show.pairs(data, zone)


@form.command("close", epilog=example("bot form close", "bot form close --hours 48"))
def close_form(
    hours: Annotated[int | None, typer.Option(min=1, max=8760, help="Open again after so many.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Close the form, for some hours or until somebody opens it. What people have typed is not lost."""
    from bot.intake import door

    with opened(data_dir) as app:
        now: datetime = app.clock.now()
        until = now + timedelta(hours=hours) if hours else None
        app.store.run_write(door.close, until, now=now, actor=CLI)
        show.say(f"The form is closed until {until:%Y-%m-%d %H:%M} UTC." if until else "The form is closed.")


@form.command("open", epilog=example("bot form open"))
def open_form(data_dir: DataDir = None) -> None:
    """Open the form."""
    from bot.intake import door

    with opened(data_dir) as app:
        app.store.run_write(door.reopen, now=app.clock.now(), actor=CLI)
        show.say("The form is open.")
