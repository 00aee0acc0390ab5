"""What the machine found once, kept as short stories."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.model.moderation import Reason, Verdict
from bot.moderation.decide import decide, undo
from bot.planning import ask
from bot.planning import round as planning
from bot.roster import change
from bot.storage import boosts, reports
from tests.conftest import NOW

UNDO = timedelta(seconds=30)


@pytest.mark.parametrize("act", ["pause", "leave", None])
def test_an_undone_refusal_does_not_call_back_who_went(
    app: App, make_notice: Any, make_volunteer: Any, act: str | None
):
    """A boost cancelled by a refusal comes back with its undo, unless its volunteer paused or left."""
    call, person = make_notice(), make_volunteer()
    write = app.store.run_write
    write(planning.run, settings=app.settings, keys=app.keys, networks=app.networks, now=NOW)
    assert write(ask.ask_due, settings=app.settings, keys=app.keys, networks=app.networks, now=NOW) == 1
    write(reports.add, notice_id=call.id, volunteer_id=person.id, why="odd", now=NOW)
    made = write(
        decide, call.id, Verdict.REFUSE, reason=Reason.CHARTER, settings=app.settings, admin_id=None,
        now=NOW, undo=UNDO,
    )  # fmt: skip
    if act == "pause":
        write(change.pause, person.id, until=None, now=NOW, actor=CLI)
    if act == "leave":
        write(change.leave, person.id, now=NOW, actor=CLI)
    write(undo, made.id, admin_id=None, now=NOW, undo=UNDO)
    (boost,) = app.store.run_read(boosts.listed, notice_id=call.id)
    assert boost.state is (BoostState.CANCELLED if act else BoostState.ASKED)
