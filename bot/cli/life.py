"""What the seeker, or somebody for them, does with a notice: end it, rest it, go on, renew its link."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.base import DataDir, Yes, opened, sure
from bot.model.journal import CLI

if TYPE_CHECKING:
    from bot.app import App

NoticeId = Annotated[int, typer.Argument(metavar="ID", help="The notice's number, see `bot notices list`.")]


class EndReason(StrEnum):
    """How `bot notices close` may end a notice."""

    WITHDRAWN = "withdrawn"
    FOUND_JOB = "found_job"


def status_link(app: "App", token: str, lang: str) -> str:
    """Give the address of a seeker's own page."""
    return f"{app.settings.address}/{lang}/n/{token}"


def close(
    notice_id: NoticeId,
    reason: Annotated[EndReason, typer.Option("--reason", help="Why it ends.")],
    show_name: Annotated[
        bool, typer.Option("--show-name", help="found_job: the seeker agrees to be named on the impact page.")
    ] = False,
    yes: Yes = False,
    data_dir: DataDir = None,
) -> None:
    """End a notice for its seeker; boosts not made yet are cancelled."""
    from bot.intake import life

    with opened(data_dir) as app:
        sure(f"End notice {notice_id} ({reason.value})?", yes=yes)
        now = app.clock.now()
        if reason is EndReason.FOUND_JOB:
            app.store.run_write(life.found_job, notice_id, show_name=show_name, now=now, actor=CLI)
        else:
            app.store.run_write(life.withdraw, notice_id, now=now, actor=CLI)
        show.say(f"Notice {notice_id} has ended.")


def reopen(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Take "found a job" back, within 24 hours."""
    from bot.intake import life

    with opened(data_dir) as app:
        app.store.run_write(life.undo_found_job, notice_id, now=app.clock.now(), actor=CLI)
        show.say(f"Notice {notice_id} goes round again.")


def renew(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Give a notice another round of boosts."""
    from bot.intake import life

    with opened(data_dir) as app:
        app.store.run_write(life.renew, notice_id, settings=app.settings, now=app.clock.now(), actor=CLI)
        show.say(f"Notice {notice_id} has another round.")


def pause(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Stop asking for boosts of a notice until it is resumed."""
    from bot.intake import life

    with opened(data_dir) as app:
        app.store.run_write(life.pause, notice_id, now=app.clock.now(), actor=CLI)
        show.say(f"Notice {notice_id} is paused. `bot notices resume {notice_id}` goes on.")


def resume(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Go on with a paused notice."""
    from bot.intake import life

    with opened(data_dir) as app:
        app.store.run_write(life.resume, notice_id, now=app.clock.now(), actor=CLI)
        show.say(f"Notice {notice_id} goes round again.")


def link(notice_id: NoticeId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Make a new link to the seeker's page; the old one stops working."""
    from bot.intake import life
    from bot.storage import notices as stored

    with opened(data_dir) as app:
        lang = app.store.run_read(stored.get, notice_id).lang
        sure("The link that the seeker has now will stop working. Go on?", yes=yes)
        token = app.store.run_write(life.issue_link, notice_id, now=app.clock.now(), actor=CLI)
        typer.echo(status_link(app, token, lang))


def reset(notice_id: NoticeId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Let a notice's seeker begin anew: what their earlier notices had counts no more."""
    from bot.moderation.reset import reset as begin_anew

    with opened(data_dir) as app:
        sure(f"Let the seeker of notice {notice_id} begin anew?", yes=yes)
        app.store.run_write(begin_anew, notice_id, now=app.clock.now(), actor=CLI)
        show.say(f"What the seeker of notice {notice_id} had before counts no more.")


COMMANDS = (
    (close, ("bot notices close 12 --reason found_job", "bot notices close 12 --reason withdrawn --yes")),
    (reopen, ("bot notices reopen 12",)),
    (renew, ("bot notices renew 12",)),
    (pause, ("bot notices pause 12",)),
    (resume, ("bot notices resume 12",)),
    (reset, ("bot notices reset 12",)),
    (link, ("bot notices link 12",)),
)
"""Each command with its examples, in the order of the help."""
