"""A notice that a volunteer reported waits for a moderator: nobody is asked for it meanwhile."""

from datetime import timedelta

import pytest

from bot.app import App
from bot.delivery import by_hand
from bot.model.boost import BoostState
from bot.model.moderation import Verdict
from bot.model.plan import Wait
from bot.moderation.decide import decide
from bot.planning import ask
from bot.planning import round as planning
from bot.reporting import inquiry, volunteer
from bot.reporting import seeker as status
from bot.reporting.waits import READ_AGAIN
from bot.storage import boosts, notices
from tests.conftest import NOW
from tests.planned import plan_boost

LATER = NOW + timedelta(hours=2)
NOTHING = timedelta(0)


class Scene:
    """A notice with three boosts: two asked, of which `reporter` reports one, and one due."""

    def __init__(self, app: App, make_notice, make_volunteer) -> None:
        self.app = app
        self.notice = make_notice()
        self.reporter, self.other, self.third = make_volunteer(), make_volunteer(), make_volunteer()
        self.mine, self.theirs = self._asked(self.reporter), self._asked(self.other)
        app.store.run_write(plan_boost, self.notice, self.third, due_at=NOW)

    def _asked(self, person) -> int:
        boost = self.app.store.run_write(plan_boost, self.notice, person)
        self.app.store.run_write(boosts.move, boost, BoostState.ASKED, asked_at=NOW - timedelta(hours=6))
        return boost

    def report(self) -> None:
        """One of the volunteers reports the notice."""
        values = {"volunteer_id": self.reporter.id, "why": "scam", "now": NOW}
        self.app.store.run_write(by_hand.report, self.mine, **values)

    def plan(self):
        """A planning round."""
        app = self.app
        how = {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": LATER}
        return app.store.run_write(planning.run, **how)

    def ask_due(self, now=NOW) -> int:
        """Ask those whose slot has come."""
        app = self.app
        how = {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": now}
        return app.store.run_write(ask.ask_due, **how)

    def day(self, person) -> volunteer.Day:
        """Give somebody's page."""
        app = self.app
        how = {"networks": app.networks, "settings": app.settings, "now": NOW}
        return app.store.run_read(volunteer.day, person.id, **how)

    def cards(self, person) -> int:
        """Count the cards on somebody's page."""
        return len(self.day(person).cards)

    def deadline(self):
        """Give the end of the notice's round."""
        return self.app.store.run_read(notices.get, self.notice.id).deadline


@pytest.fixture
def scene(app: App, make_notice, make_volunteer) -> Scene:
    """A notice that goes round."""
    return Scene(app, make_notice, make_volunteer)


def test_nobody_is_asked(scene: Scene):
    """What is due is not asked, what waits on others' pages leaves them, and the round says why."""
    assert scene.cards(scene.other) == 1
    scene.report()
    assert scene.cards(scene.other) == 0
    assert scene.ask_due() == 0
    result = scene.plan()
    assert result.planned == 0
    assert result.waiting[scene.notice.id] == {"code": Wait.REPORTED}


def test_without_a_report_it_is_asked(scene: Scene):
    """The same notice, not reported, is asked for: what the tests here see is the report's doing."""
    assert scene.ask_due() == 1


def test_who_has_opened_it_may_still_answer(scene: Scene):
    """Who is on the network already finds the card again, told of the report, to say how it ended."""
    how = {"volunteer_id": scene.other.id, "now": NOW}
    scene.app.store.run_write(by_hand.open_boost, scene.theirs, **how)
    assert [card.reported for card in scene.day(scene.other).cards] == [False]
    scene.report()
    assert [card.reported for card in scene.day(scene.other).cards] == [True]
    assert scene.app.store.run_write(by_hand.declare, scene.theirs, **how).state is BoostState.DECLARED


def test_the_seeker_reads_that_somebody_looks(scene: Scene):
    """Their page names no next boost and no reporter; the admin's story says what it waits for."""
    scene.report()
    how = {"networks": scene.app.networks, "now": NOW}
    found = scene.app.store.run_read(status.status, scene.notice.id, undo=NOTHING, **how)
    assert (found.coming, found.why) == (None, READ_AGAIN)
    scene.plan()
    told = scene.app.store.run_read(inquiry.notice, scene.notice.id, now=NOW)
    assert told.waiting == {"code": Wait.REPORTED}


def test_undo_lets_it_go_round_again(scene: Scene):
    """Taken back, the notice is asked for again, and its round has the time that was lost."""
    before = scene.deadline()
    scene.report()
    how = {"volunteer_id": scene.reporter.id, "now": LATER}
    scene.app.store.run_write(by_hand.undo, scene.mine, **how)
    assert scene.deadline() == before + (LATER - NOW)
    assert scene.cards(scene.other) == 1
    assert scene.plan().waiting.get(scene.notice.id) is None


@pytest.mark.parametrize("undone", [False, True])
def test_a_moderator_lets_it_go_round_again(scene: Scene, undone: bool):
    """Accepted again it goes on, with the time that was lost; an undone decision holds it again."""
    from bot.moderation import decide as moderation

    before = scene.deadline()
    scene.report()
    store = scene.app.store
    how = {"admin_id": None, "now": LATER}
    undo = timedelta(seconds=30)
    made = store.run_write(
        decide, scene.notice.id, Verdict.ACCEPT, settings=scene.app.settings, undo=undo, **how
    )
    assert scene.deadline() == before + (LATER - NOW)
    assert scene.cards(scene.other) == 1
    if undone:
        store.run_write(moderation.undo, made.id, undo=undo, **how)
        assert scene.deadline() == before
        assert scene.cards(scene.other) == 0
