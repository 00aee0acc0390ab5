"""Sending again takes along what there was, unless an admin lets the seeker begin anew (I10)."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from bot.errors import ConflictError, NotFoundError
from bot.intake import life
from bot.model.journal import CLI, Actor
from bot.model.moderation import Verdict
from bot.model.notice import Notice, NoticeState
from bot.model.volunteer import Volunteer
from bot.moderation.decide import decide
from bot.moderation.reset import reset
from bot.planning import ask
from bot.planning import round as planning
from bot.planning.audit import audit
from bot.storage import boosts, journal, notices, plan_log, rounds
from tests.conftest import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADMIN = Actor("admin", 1)


@pytest.fixture
def again(app: App, make_notice: Any, make_volunteer: Any) -> tuple[Volunteer, Notice]:
    """A volunteer who was asked for a notice that its seeker took back and sent again: it waits for a yes."""
    person, first = make_volunteer(cap_day=5, spacing_min=0), make_notice()
    _plan_and_ask(app, NOW)
    app.store.run_write(life.withdraw, first.id, now=NOW + HOUR, actor=CLI)
    second = make_notice(state=NoticeState.PENDING, person_id=first.person_id, posts=[], at=NOW + HOUR)
    return person, second


def _plan_and_ask(app: App, now: Any) -> int:
    how = {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": now}
    app.store.run_write(planning.run, **how)
    return app.store.run_write(ask.ask_due, **how)


def _accept(app: App, notice_id: int, now: Any) -> Notice:
    app.store.run_write(
        decide,
        notice_id,
        Verdict.ACCEPT,
        settings=app.settings,
        admin_id=None,
        now=now,
        undo=timedelta(0),
    )
    return app.store.run_read(notices.get, notice_id)


def test_sending_again_takes_everything_along(app: App, again: tuple[Volunteer, Notice]):
    """The boost counts, the volunteer is not asked again, the deadline is the first notice's."""
    found = _accept(app, again[1].id, NOW + 2 * HOUR)
    assert found.deadline == NOW + 7 * DAY
    (one,) = app.store.run_read(rounds.asked, NOW + 2 * HOUR, history=DAY)
    assert (one.notice_id, one.carried) == (found.id, True)
    assert _plan_and_ask(app, NOW + 3 * HOUR) == 0


def test_after_a_reset_nothing_is_taken_along(app: App, again: tuple[Volunteer, Notice]):
    """A whole round of its own, no boost, the same volunteer may be asked; the journal names who did it."""
    first = app.store.run_read(notices.get, 1)
    app.store.run_write(reset, first.id, now=NOW + 2 * HOUR, actor=ADMIN)
    found = _accept(app, again[1].id, NOW + 3 * HOUR)
    assert (found.deadline, found.demand) == (NOW + 3 * HOUR + 7 * DAY, 12)
    assert app.store.run_read(rounds.asked, NOW + 3 * HOUR, history=timedelta(0)) == []
    assert _plan_and_ask(app, NOW + 4 * HOUR) == 1
    line = app.store.run_read(journal.read, subject=f"notice:{first.id}", action="seeker.reset")[0]
    assert (line.actor, line.details) == (str(ADMIN), {"seeker": first.seeker_id})


def test_what_had_no_round_has_nothing_to_begin_anew(app: App, again: tuple[Volunteer, Notice]):
    """Whose turns it has is not settled: a line of today would change what was decided before."""
    with pytest.raises(ConflictError, match="no round yet"):
        app.store.run_write(reset, again[1].id, now=NOW + 2 * HOUR, actor=ADMIN)
    assert app.store.run_read(journal.read, action="seeker.reset") == []


def test_a_pair_still_meets_once(app: App, make_notice: Any, make_volunteer: Any):
    """A reset does not let a volunteer be asked twice for the same notice (I2)."""
    make_volunteer(cap_day=5, spacing_min=0)
    one = make_notice()
    assert _plan_and_ask(app, NOW) == 1
    app.store.run_write(reset, one.id, now=NOW + HOUR, actor=ADMIN)
    assert _plan_and_ask(app, NOW + 2 * HOUR) == 0


def test_the_audit_knows_of_resets(app: App, again: tuple[Volunteer, Notice]):
    """With the journal's line every decision is proved; without it, a boost is missing from the count."""
    _accept(app, again[1].id, NOW + 2 * HOUR)
    assert _plan_and_ask(app, NOW + 3 * HOUR) == 0
    app.store.run_write(reset, again[1].id, now=NOW + 4 * HOUR, actor=ADMIN)
    assert _plan_and_ask(app, NOW + 5 * HOUR) == 1
    log = app.store.run_read(lambda session: list(plan_log.read(session)))
    rows = app.store.run_read(boosts.listed, limit=100)
    facts = app.store.run_read(plan_log.facts)
    seed = app.keys.seed("slots")
    report = audit(log, rows, seed, facts=facts)
    assert str(report.breach) == "None"
    assert report.asks == 2
    breach = audit(log, rows, seed, facts=facts._replace(resets={})).breach
    assert breach is not None
    assert breach.promise in {"LOG", "I2"}


def test_a_notice_that_is_not_there(app: App):
    """The number is said."""
    with pytest.raises(NotFoundError, match="7"):
        app.store.run_write(reset, 7, now=NOW, actor=CLI)


def test_a_reset_counts_as_an_event(app: App, make_notice: Any):
    """The plan may change for it."""
    made = make_notice()
    app.store.run_write(journal.tick, NOW, "plan", took_ms=1, every_s=60, result={})
    app.store.run_write(reset, made.id, now=NOW + HOUR, actor=CLI)
    read = (planning.read, app.settings, app.keys, app.networks, NOW + 2 * HOUR)
    assert app.store.run_read(*read).changes
