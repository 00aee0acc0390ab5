"""`bot journal`."""

from typing import Annotated

import typer

from bot.cli import shapes, show
from bot.cli.base import DataDir, Json, opened


def journal(
    actor: Annotated[str, typer.Option(metavar="WHO", help="Only who: admin, admin:1, cli, daemon…")] = "",
    action: Annotated[str, typer.Option(metavar="WHAT", help="Only what: notice., notice.accepted…")] = "",
    subject: Annotated[str, typer.Option(metavar="KIND:ID", help="Only about: notice:12, volunteer:3…")] = "",
    before: Annotated[int | None, typer.Option(metavar="ID", help="Only lines before this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Show who did what, newest first."""
    from bot.storage import journal as stored

    with opened(data_dir) as app:
        found = app.store.run_read(
            stored.read, subject=subject, actor=actor, action=action, before_id=before, limit=limit
        )
        zone = app.settings.time_zone
    if as_json:
        show.document([shapes.entry(line) for line in found])
        return
    rows = [
        (
            line.id,
            line.at,
            line.actor,
            line.action,
            line.subject,
            [f"{k}={v}" for k, v in line.details.items()],
        )
        for line in found
    ]
    show.table(("id", "when", "who", "what", "subject", "details"), rows, zone)
