"""What the process that serves pages remembers of people, to be quick, ends with them."""

import gc
from datetime import timedelta
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from bot import ticks
from bot.app import App
from bot.model import memory
from bot.model.journal import CLI
from bot.moderation import queue
from bot.privacy import erasure
from bot.storage import notices
from bot.web import impact
from tests.clocks import StillClock
from tests.privacy.people import SEEKERS_WORDS, People, story
from tests.web.visitor import Visitor


def remembered() -> set[str]:
    """Give the seeker's words that are in any function's cache, ours or a library's."""
    found = set()
    for function in gc.get_objects():
        if isinstance(function, _lru_cache_wrapper):
            keys = repr([list(held) for held in gc.get_referents(function) if isinstance(held, dict)])
            found |= {word for word in SEEKERS_WORDS if word in keys}
    return found


@pytest.fixture
def people(app: App, clock: StillClock) -> People:
    """Two people and their story; pages have just shown what the seeker wrote."""
    memory.forget()
    people = story(app, clock)
    show(app, people)
    return people


def show(app: App, people: People) -> None:
    """Show what is remembered: in the moderators' queue, as a picture, among the figures."""
    notice = app.store.run_read(notices.get, people.notice)
    app.store.run_read(queue.opened, [notice], app.clock.now())
    visitor = Visitor(app)
    assert visitor.get(f"/picture/{notice.share_slug}-{notice.revision}.png").status_code == 200
    assert visitor.get("/fr/impact").status_code == 200
    assert {"Zymologist", "mornings only in the cellar"} <= remembered()
    assert len(impact._kept) == 1


def forgotten() -> bool:
    """Whether nothing of the seeker is remembered."""
    return not remembered() and not impact._kept


def tick(app: App, name: str) -> None:
    """Run a tick of the daemon once."""
    ticks.run(app, next(one for one in ticks.every(app) if one.name == name))


def test_an_erased_seeker_is_forgotten_at_once(app: App, clock: StillClock, people: People):
    """By the process that erases: no word of theirs is in any cache."""
    erasure.erase_seeker(app.store, app.ledger(), people.seeker, now=clock.now(), actor=CLI)
    assert forgotten()


def test_what_a_command_erases_the_daemon_forgets(app: App, clock: StillClock, people: People):
    """At its next sweeps, also what a page under way remembered once more; later ones spare the rest."""
    before = app.store.run_read(notices.get, people.notice)
    ledger, now = app.ledger(), clock.now()
    ledger.add(erasure.SEEKER, people.seeker, app.store.run_read(_since, people.seeker), now=now)
    app.store.run_write(erasure._seeker, people.seeker, now=now, actor=CLI)
    for _ in range(2):
        app.store.run_read(queue.opened, [before], now)
        assert remembered()
        clock.advance(timedelta(minutes=1))
        tick(app, "sweep")
        assert forgotten()
    clock.advance(timedelta(hours=1))
    app.store.run_read(queue.opened, [before], now)
    tick(app, "sweep")
    assert remembered()


def _since(session: Any, seeker_id: int) -> Any:
    return dict(erasure.erasure.seekers_there(session))[seeker_id]


def test_what_is_past_its_date_is_forgotten_with_the_hour(app: App, clock: StillClock, people: People):
    """Whatever erased or changed it."""
    tick(app, "retain")
    assert forgotten()
