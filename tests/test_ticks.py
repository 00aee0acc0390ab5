"""The daemon's ticks."""

from datetime import timedelta
from typing import Any

from bot import ticks
from bot.app import App
from bot.model.moderation import Verdict
from bot.model.notice import NoticeState
from bot.moderation import decide
from bot.storage import cases
from tests.clocks import StillClock


def sweep(app: App) -> None:
    """Run the tick once."""
    ticks.run(app, next(tick for tick in ticks.every(app) if tick.name == "sweep"))


def test_removed_words_are_gone_when_the_undo_is_over(app: App, clock: StillClock, make_notice: Any):
    """A number that a moderator took out is in no file any more, though nobody decides on anything else."""
    notice = make_notice(state=NoticeState.PENDING, text="TIG welder. Call me on 06 12 34 56 78.")
    undo = timedelta(seconds=app.settings.undo_s)
    app.store.run_write(
        decide.decide,
        notice.id,
        Verdict.ACCEPT_FIXED,
        settings=app.settings,
        admin_id=None,
        now=clock.now(),
        undo=undo,
    )
    sweep(app)
    assert app.store.run_read(cases.before_of, 1)
    clock.advance(undo + timedelta(seconds=1))
    sweep(app)
    app.store.close()
    held = b"".join(file.read_bytes() for file in app.settings.data_dir.glob("languette.db*"))
    assert b"12 34 56 78" not in held
