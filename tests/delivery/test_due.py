"""Silence ends an asked boost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import App
from bot.delivery import due
from bot.model.boost import Boost, BoostState
from bot.planning import ask
from bot.storage import boosts
from tests.conftest import NOW
from tests.planned import plan_boost

HOUR = timedelta(hours=1)
Plan = Callable[..., int]


@pytest.fixture
def plan(app: App) -> Plan:
    """Plan one boost straight in the database: `plan(notice, volunteer, at)`."""

    def make(call: Any, person: Any, at: datetime = NOW) -> int:
        return app.store.run_write(plan_boost, call, person, due_at=at)

    return make


def _release(app: App, now: datetime = NOW) -> int:
    return app.store.run_write(
        ask.ask_due, settings=app.settings, keys=app.keys, networks=app.networks, now=now
    )


def _all(app: App) -> list[Boost]:
    return app.store.run_read(boosts.listed)


def test_silence_expires(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """Asked and opened boosts end as expired when their time is up, not a second before."""
    one, other = make_volunteer(), make_volunteer()
    call = make_notice()
    first, second = plan(call, one), plan(call, other, NOW + HOUR)
    _release(app, NOW)
    _release(app, NOW + HOUR)
    app.store.run_write(boosts.move, second, BoostState.OPENED, opened_at=NOW + HOUR)
    early = NOW + timedelta(hours=24, seconds=-1)
    assert app.store.run_write(due.expire, now=early) == 0
    assert app.store.run_write(due.expire, now=NOW + 24 * HOUR) == 1
    assert app.store.run_write(due.expire, now=NOW + 25 * HOUR) == 1
    ended = {boost.id: (boost.state, boost.ended_at) for boost in _all(app)}
    assert ended == {
        first: (BoostState.EXPIRED, NOW + 24 * HOUR),
        second: (BoostState.EXPIRED, NOW + 25 * HOUR),
    }


def test_an_answer_does_not_expire(app: App, plan: Plan, make_notice: Any, make_volunteer: Any):
    """A declared boost stays declared for ever."""
    boost = plan(make_notice(), make_volunteer())
    _release(app)
    app.store.run_write(boosts.move, boost, BoostState.DECLARED, ended_at=NOW)
    assert app.store.run_write(due.expire, now=NOW + 99 * HOUR) == 0
