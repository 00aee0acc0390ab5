"""Whatever people do between two looks of the daemon: who has gone is not asked, and the log proves it."""

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.app import App, build
from bot.delivery import by_hand, due
from bot.demo import story
from bot.demo.people import ROUND
from bot.errors import LanguetteError
from bot.intake import life
from bot.model.boost import WAITING_STATES, Boost, BoostState
from bot.model.journal import CLI
from bot.model.notice import LIVE_STATES, NoticeState
from bot.planning import ask
from bot.planning import round as planning
from bot.roster import change
from bot.settings import Settings
from bot.storage import boosts, notices, volunteers
from tests.clocks import StillClock, give_secret
from tests.planning.test_audit import left_by

START = datetime(2026, 10, 24, 7, 0, tzinfo=UTC)
"""The day before the clocks of Europe go back."""
PEOPLE = 6
LIVES = int(os.environ.get("BOT_TEST_LIVES", "10"))
"""Lives that are drawn for each property; `BOT_TEST_LIVES=200` for the long run."""
OPEN = (NoticeState.PENDING, NoticeState.ACTIVE, NoticeState.PAUSED)
ACTS = (
    *("look", "look", "look", "only ask", "only ask", "comes", "comes", "answers", "skips"),
    *("withdraws", "finds a job", "thinks again", "pauses a notice", "resumes a notice"),
    *("pauses", "comes back", "leaves", "joins"),
)
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 40), st.integers(0, 9)), min_size=10, max_size=25
)


class Life:
    """A collective in which one thing after another happens, by the real stages, in real rows."""

    def __init__(self, app: App) -> None:
        self.app, self.rng, self.now = app, random.Random(1), START
        self.act, self.look_up = app.store.run_write, app.store.run_read
        self.joined = 0
        for _ in range(PEOPLE):
            self.joins(0)
        for which in range(3):
            self.comes(which)

    def does(self, what: str, which: int) -> None:
        """Let something happen, if it can."""
        with suppress(LanguetteError):
            getattr(self, what.replace(" ", "_"))(which)

    def look(self, _: int) -> None:
        """All that the daemon does."""
        self.act(due.expire, now=self.now)
        self.act(life.close_overdue, now=self.now)
        self.act(planning.run, **self._how())
        self.only_ask(0)

    def only_ask(self, _: int) -> None:
        """The slots come; the plan was made before whatever has happened since."""
        before = {boost.id for boost in self.asked()}
        self.act(ask.ask_due, **self._how())
        for boost in self.asked():
            if boost.id not in before:
                self._check(boost)

    def _check(self, boost: Boost) -> None:
        """Hold an ask against the rows of its notice and its volunteer, as they are at this moment."""
        call = self.look_up(notices.get, boost.notice_id)
        person = self.look_up(volunteers.get, boost.volunteer_id)
        assert call.state is NoticeState.ACTIVE
        assert call.opened_at is not None
        assert call.deadline is not None
        assert call.opened_at <= self.now < call.deadline
        assert person.may_be_asked(self.now)
        assert boost.account_id in {account.id for account in person.accounts}

    def comes(self, which: int) -> None:
        """Somebody sends a notice, perhaps again; a moderator accepts it."""
        index = which % 8
        sent, _ = story.send(self.app, ROUND[index], index, self.now)
        story.read(self.app, sent, self.now)

    def joins(self, _: int) -> None:
        """A volunteer comes."""
        story.recruit(self.app, self.rng, self.joined, self.now)
        self.joined += 1

    def answers(self, which: int) -> None:
        """A volunteer boosts."""
        boost = self._one(self.look_up(boosts.listed, states=WAITING_STATES), which)
        self.act(by_hand.declare, boost.id, volunteer_id=boost.volunteer_id, now=self.now)

    def skips(self, which: int) -> None:
        """A volunteer says no."""
        boost = self._one(self.look_up(boosts.listed, states=WAITING_STATES), which)
        self.act(by_hand.skip, boost.id, volunteer_id=boost.volunteer_id, now=self.now)

    def withdraws(self, which: int) -> None:
        """A seeker takes the notice back."""
        self.act(life.withdraw, self._notice(which, *OPEN), now=self.now, actor=CLI)

    def finds_a_job(self, which: int) -> None:
        """A seeker has found a job."""
        number = self._notice(which, *OPEN)
        self.act(life.found_job, number, show_name=False, now=self.now, actor=CLI)

    def thinks_again(self, which: int) -> None:
        """A seeker takes "I found a job" back."""
        self.act(life.undo_found_job, self._notice(which, NoticeState.CLOSED), now=self.now, actor=CLI)

    def pauses_a_notice(self, which: int) -> None:
        """A seeker pauses."""
        self.act(life.pause, self._notice(which, NoticeState.ACTIVE), now=self.now, actor=CLI)

    def resumes_a_notice(self, which: int) -> None:
        """A seeker goes on."""
        self.act(life.resume, self._notice(which, NoticeState.PAUSED), now=self.now, actor=CLI)

    def pauses(self, which: int) -> None:
        """A volunteer takes a break, with or without an end."""
        until = self.now + timedelta(hours=which) if which % 2 else None
        self.act(change.pause, 1 + which % self.joined, until=until, now=self.now, actor=CLI)

    def comes_back(self, which: int) -> None:
        """A volunteer ends a break."""
        self.act(change.resume, 1 + which % self.joined, now=self.now, actor=CLI)

    def leaves(self, which: int) -> None:
        """A volunteer leaves for good."""
        self.act(change.leave, 1 + which % self.joined, now=self.now, actor=CLI)

    def asked(self) -> list[Boost]:
        """Give every boost that was asked."""
        states = set(BoostState) - {BoostState.PLANNED}
        return self.look_up(boosts.listed, states=states, limit=1 << 30)

    def _how(self) -> dict[str, Any]:
        app = self.app
        return {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": self.now}

    def _notice(self, which: int, *states: NoticeState) -> int:
        return self._one(self.look_up(notices.listed, states=states), which).id

    @staticmethod
    def _one(some: list[Any], which: int) -> Any:
        if not some:
            raise LanguetteError("There is nothing to do this to.")
        return some[which % len(some)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated installation to be copied."""
    folder = tmp_path_factory.mktemp("installed")
    give_secret(folder)
    build(_settings(folder), clock=StillClock(START)).close()
    return folder


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, notice_spacing_min=5, _env_file=None)  # type: ignore[call-arg]


@contextmanager
def begun(installed: Path) -> Iterator[Life]:
    """Begin a life in a copy of its own."""
    with TemporaryDirectory() as folder:
        shutil.copytree(installed, folder, dirs_exist_ok=True)
        app = build(_settings(Path(folder)), clock=StillClock(START))
        try:
            yield Life(app)
        finally:
            app.close()


@pytest.mark.slow
@settings(max_examples=LIVES)
@given(story=acts)
def test_who_has_gone_is_not_asked(installed: Path, story: list[tuple[str, int, int]]):
    """I9: no ask after a withdrawal, a job, a pause or a leave, however old the plan; the log proves all."""
    with begun(installed) as lived:
        lived.look(0)
        for what, which, halves in story:
            lived.now += halves * timedelta(minutes=30)
            lived.does(what, which)
        lived.look(0)
        report = left_by(lived.app).audit()
        event(f"asks: {min(report.asks // 5 * 5, 30)}")
        assert str(report.breach) == "None"
        assert report.asks == len(lived.asked()) > 0


@pytest.mark.slow
@settings(max_examples=LIVES)
@given(story=acts)
def test_a_seeker_has_one_open_notice(installed: Path, story: list[tuple[str, int, int]]):
    """I10: whatever is sent, withdrawn, ended and taken up again, nobody has two going round at once."""
    with begun(installed) as lived:
        for what, which, halves in story:
            lived.now += halves * timedelta(minutes=30)
            lived.does("comes" if what in {"joins", "answers", "skips"} else what, which)
            found = lived.look_up(notices.listed, states=OPEN, limit=1 << 30)
            going = [one.person_id for one in found if one.state in LIVE_STATES]
            assert max(Counter(going).values(), default=0) <= 1
