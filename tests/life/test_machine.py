"""Notices, volunteers and boosts live through whatever people and the daemon do, in any order.

`LIFE_EXAMPLES=500 pytest tests/life` looks longer than the few examples of every day.
"""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.delivery import by_hand, due
from bot.intake import life
from bot.intake.form import Draft
from bot.intake.submit import submit
from bot.model.boost import WAITING_STATES, BoostState
from bot.model.journal import CLI, Actor
from bot.model.moderation import Reason, Verdict
from bot.model.notice import Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.plan import Wait
from bot.model.volunteer import Volunteer, VolunteerState
from bot.moderation.decide import contest, decide
from bot.moderation.decide import undo as undo_decision
from bot.planning import ask
from bot.planning import round as planning
from bot.reporting.waits import why_waiting
from bot.roster import change
from bot.roster.join import join
from bot.roster.profile import Hours, Interests, Pace, Presence, Profile
from bot.storage import rounds
from tests.life.world import UNDO, World

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "15"))
SEEKER = Actor("seeker")
T = TypeVar("T")
STARTS = [
    datetime(2026, 11, 17, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 28, 20, 0, tzinfo=UTC),  # the clocks of Paris go forward that night
    datetime(2026, 10, 24, 20, 0, tzinfo=UTC),  # and back
    datetime(2026, 11, 1, 4, 0, tzinfo=UTC),  # New York goes back
    datetime(2028, 2, 28, 20, 0, tzinfo=UTC),  # a leap day follows
]
ZONES = ["Europe/Paris", "America/New_York", "Pacific/Chatham"]
STEPS = [
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=25),
    timedelta(hours=1),
    timedelta(hours=7),
    timedelta(days=1),
    timedelta(days=4),
    timedelta(minutes=-10),
]
TITLES = ["Soudeur", "Infirmière", "Comptable", "Nothing in particular"]
some = st.integers(0, 99)
paces = st.builds(Pace, st.sampled_from([1, 2, 5]), st.sampled_from([0, 1, 30, 120, 720]))
hours = st.builds(
    Hours, st.sampled_from([0, 360, 1260]), st.sampled_from([0, 0, 540, 1380]), st.sampled_from(ZONES)
)
interests = st.builds(
    Interests,
    st.sampled_from([None, None, frozenset("HJ")]),
    st.sampled_from([None, None, frozenset({"32"})]),
    st.sampled_from([frozenset({"fr"}), frozenset({"fr", "en"})]),
)


class Life(RuleBasedStateMachine):
    """One collective. Every rule is one act through the real stage function, then every invariant is read."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.count = 0
        self.decisions: list[tuple[int, int, NoticeState]] = []
        """Decision, notice, and the notice's state before."""
        self.before_end: dict[int, NoticeState] = {}

    @initialize(start=st.sampled_from(STARTS), crowd=st.lists(paces, min_size=2, max_size=3))
    def begin(self, start: datetime, crowd: list[Pace]) -> None:
        """Start with a few volunteers who take everything French and a few accepted notices."""
        before = _after_five_notices(start)
        self.world = World(start, like=before.world)
        self.count, self.decisions = before.count, before.decisions.copy()
        for pace in crowd:
            self.join(pace, Interests(None, None, frozenset({"fr"})), Hours(0, 0, ZONES[0]), both=False)
        self.a_while_goes_by(2)

    def teardown(self) -> None:
        """Read the database no more."""
        if hasattr(self, "world"):
            self.world.leave()

    def _notice(self, which: int) -> Notice:
        return _one(which, self.world.everything().notices.values())

    def _volunteer(self, which: int) -> Volunteer:
        return _one(which, self.world.everything().volunteers.values())

    def _draft(self, *, post: bool, lang: str) -> Draft:
        self.count += 1
        words = NoticeText(
            TITLES[self.count % len(TITLES)], "Lille", remote=False, contract=Contract.ANY,
            text="Disponible tout de suite.", name="Ana",
        )  # fmt: skip
        url = f"https://x.com/ana{self.count}/status/{self.count}"
        ref = PostRef("x", url, str(self.count), f"ana{self.count}") if post else None
        return Draft(words, None, ref, lang)

    def _act_on_notice(self, which: int, act: Callable[..., Any], state: NoticeState, **more: Any) -> None:
        call = self._notice(which)
        done = self.world.act(act, call.id, now=self.world.now, actor=SEEKER, **more)
        if done:
            self.world.expected[call.id] = state
            if act is life.found_job and call.state is not NoticeState.CLOSED:
                self.before_end[call.id] = call.state
        self.world.check()

    # Seekers

    @rule(post=st.booleans(), lang=st.sampled_from(["fr", "fr", "en"]), accepted=st.booleans())
    def send(self, post: bool, lang: str, accepted: bool) -> None:
        """A new seeker sends a notice; a moderator may accept it at once."""
        app = self.world.app
        sent = self.world.act(
            submit, self._draft(post=post, lang=lang), settings=app.settings, keys=app.keys,
            now=self.world.now, actor=SEEKER,
        )  # fmt: skip
        self.world.expected[sent.notice.id] = NoticeState.PENDING
        self.world.check()
        if accepted:
            self.accept(-1)

    @rule(which=some, post=st.booleans())
    def edit(self, which: int, post: bool) -> None:
        """A seeker changes the words: back to moderation."""
        draft = self._draft(post=post, lang="fr")
        self._act_on_notice(which, life.edit, NoticeState.PENDING, draft=draft, keys=self.world.app.keys)

    @rule(which=some)
    def pause_notice(self, which: int) -> None:
        """A seeker pauses."""
        self._act_on_notice(which, life.pause, NoticeState.PAUSED)

    @rule(which=some)
    def resume_notice(self, which: int) -> None:
        """A seeker goes on."""
        self._act_on_notice(which, life.resume, NoticeState.ACTIVE)

    @rule(which=some)
    def withdraw(self, which: int) -> None:
        """A seeker takes the notice back."""
        self._act_on_notice(which, life.withdraw, NoticeState.CLOSED)

    @rule(which=some, show_name=st.booleans())
    def found_job(self, which: int, show_name: bool) -> None:
        """A seeker found a job."""
        self._act_on_notice(which, life.found_job, NoticeState.CLOSED, show_name=show_name)

    @rule(which=some)
    def undo_found_job(self, which: int) -> None:
        """A seeker did not find a job after all."""
        call = self._notice(which)
        state = self.before_end.get(call.id, call.state)
        if self.world.act(life.undo_found_job, call.id, now=self.world.now, actor=SEEKER):
            self.world.expected[call.id] = state
        self.world.check()

    @rule(which=some)
    def renew(self, which: int) -> None:
        """A seeker asks for another round."""
        self._act_on_notice(which, life.renew, NoticeState.ACTIVE, settings=self.world.app.settings)

    @rule(which=some)
    def contest(self, which: int) -> None:
        """A seeker asks the moderators to read again."""
        call = self._notice(which)
        if self.world.act(contest, call.id, now=self.world.now):
            self.world.expected[call.id] = NoticeState.PENDING
        self.world.check()

    # Moderators

    def _decide(self, which: int, verdict: Verdict, states: dict[NoticeState, NoticeState]) -> None:
        call = self._notice(which)
        made = self.world.act(
            decide, call.id, verdict, reason=Reason.CHARTER if verdict is not Verdict.ACCEPT else None,
            settings=self.world.app.settings, admin_id=None, now=self.world.now, undo=UNDO,
        )  # fmt: skip
        if made:
            self.decisions.append((made.id, call.id, call.state))
            self.world.expected[call.id] = states.get(call.state, call.state)
        self.world.check(2)

    @rule(which=some)
    def accept(self, which: int) -> None:
        """A moderator accepts."""
        self._decide(which, Verdict.ACCEPT, {NoticeState.PENDING: NoticeState.ACTIVE})

    @rule(which=some)
    def refuse(self, which: int) -> None:
        """A moderator refuses."""
        self._decide(which, Verdict.REFUSE, dict.fromkeys(NoticeState, NoticeState.CLOSED))

    @rule(which=some)
    def ask_for_change(self, which: int) -> None:
        """A moderator asks for other words."""
        self._decide(which, Verdict.ASK, dict.fromkeys(NoticeState, NoticeState.ASKED))

    @rule()
    def undo_decision(self) -> None:
        """A moderator takes the last decision back."""
        if self.decisions:
            made, notice_id, state = self.decisions[-1]
            if self.world.act(undo_decision, made, admin_id=None, now=self.world.now, undo=UNDO):
                self.world.expected[notice_id] = state
            self.world.check(2, revived=True)

    # Volunteers

    @rule(pace=paces, likes=interests, quiet=hours, both=st.booleans())
    def join(self, pace: Pace, likes: Interests, quiet: Hours, both: bool) -> None:
        """Somebody joins."""
        self.count += 1
        accounts = [("x", f"v{self.count}"), ("bluesky", f"v{self.count}.example")][: 1 + both]
        profile = Profile(Presence("Sam", tuple(accounts)), pace, likes, quiet)
        actor = Actor("volunteer")
        assert self.world.act(join, profile, now=self.world.now, actor=actor, lang="fr", consent_act="join")
        self.world.check()

    def _act_on_volunteer(self, which: int, act: Callable[..., Any], *args: Any, **more: Any) -> None:
        person = self._volunteer(which)
        self.world.act(act, person.id, *args, now=self.world.now, actor=CLI, **more)
        self.world.check()

    @rule(which=some, part=st.one_of(paces, interests, hours))
    def change_settings(self, which: int, part: Pace | Interests | Hours) -> None:
        """A volunteer changes pace, interests or hours."""
        self._act_on_volunteer(which, change.update, part)

    @rule(which=some)
    def change_accounts(self, which: int) -> None:
        """A volunteer changes to another account."""
        self.count += 1
        self._act_on_volunteer(which, change.update, Presence("Sam", (("x", f"other{self.count}"),)))

    @rule(which=some, span=st.sampled_from([None, timedelta(hours=2), timedelta(days=1)]))
    def pause_volunteer(self, which: int, span: timedelta | None) -> None:
        """A volunteer pauses."""
        self._act_on_volunteer(which, change.pause, until=self.world.now + span if span else None)
        person = self._volunteer(which)
        if person.state is VolunteerState.PAUSED:
            of = [one for one in self.world.everything().boosts.values() if one.volunteer_id == person.id]
            assert not [one for one in of if one.state in WAITING_STATES]

    @rule(which=some)
    def resume_volunteer(self, which: int) -> None:
        """A volunteer comes back."""
        self._act_on_volunteer(which, change.resume)

    @rule(which=some)
    def leave(self, which: int) -> None:
        """A volunteer leaves."""
        self._act_on_volunteer(which, change.leave)

    def _answer(self, which: int, act: Callable[..., Any], moves: int = 1, **more: Any) -> None:
        _, people, found = self.world.everything()
        states = WAITING_STATES if moves == 1 else set(BoostState) - {BoostState.PLANNED}
        answerable = [one for one in found.values() if one.state in states]
        if not answerable:
            return
        boost = _one(which, answerable)
        who = boost.volunteer_id
        if people[who].state is not VolunteerState.LEFT:  # their link opens nothing any more
            done = self.world.act(act, boost.id, volunteer_id=who, now=self.world.now, **more)
            assert done or moves > 1, "what waits on a volunteer's page can be answered"
            self.world.check(moves)

    @rule(which=some)
    def open_boost(self, which: int) -> None:
        """A volunteer goes to the network."""
        self._answer(which, by_hand.open_boost)

    @rule(which=some)
    def declare(self, which: int) -> None:
        """A volunteer says it is done."""
        self._answer(which, by_hand.declare)

    @rule(which=some)
    def skip(self, which: int) -> None:
        """A volunteer passes."""
        self._answer(which, by_hand.skip)

    @rule(which=some)
    def report(self, which: int) -> None:
        """A volunteer reports the notice."""
        self._answer(which, by_hand.report, why="Not a search")

    @rule(which=some)
    def undo_answer(self, which: int) -> None:
        """A volunteer takes an answer back."""
        self._answer(which, by_hand.undo, 2)

    # The daemon

    def plan(self, *, again: bool) -> None:
        """A round. Every active notice has a boost before it, or says why not; `again`, it is idle."""
        app = self.world.app
        how: dict[str, Any] = {
            "settings": app.settings, "keys": app.keys, "networks": app.networks, "now": self.world.now,
        }  # fmt: skip
        result = self.world.act(planning.run, **how)
        if again:
            second = self.world.act(planning.run, **how)
            assert (second.planned, second.dropped) == (0, 0)
            assert second.kept == result.planned + result.kept
        _, people, found = self.world.everything()
        planned = {boost.notice_id for boost in found.values() if boost.state is BoostState.PLANNED}
        for notice_id, waiting in self.world.read(rounds.waiting).items():
            assert (notice_id in planned) == (waiting is None)
            if waiting is not None:
                assert Wait(waiting["code"])
                assert str(why_waiting(waiting))
        for person in people.values():
            assert person.state is not VolunteerState.PAUSED or not person.may_be_asked(self.world.now)
        self.world.check()

    @rule()
    def release(self) -> None:
        """Due boosts are asked."""
        app = self.world.app
        self.world.act(
            ask.ask_due, settings=app.settings, keys=app.keys, networks=app.networks, now=self.world.now
        )
        self.world.check()

    @rule()
    def plan_and_release(self) -> None:
        """What the daemon does most of the time."""
        self.plan(again=True)
        self.release()

    @rule()
    def sweep(self) -> None:
        """Silence expires, rounds end."""
        self.world.act(due.expire, now=self.world.now)
        for call in self.world.everything().notices.values():
            if call.state is NoticeState.ACTIVE and call.deadline <= self.world.now:
                self.world.expected[call.id] = NoticeState.CLOSED
                self.before_end[call.id] = NoticeState.ACTIVE
        self.world.act(life.close_overdue, now=self.world.now)
        self.world.check()
        found = self.world.everything().boosts.values()
        assert all(one.expires_at > self.world.now for one in found if one.state in WAITING_STATES)

    @rule(step=st.sampled_from(STEPS), awake=st.booleans())
    def pass_time(self, step: timedelta, awake: bool) -> None:
        """The clock goes on, or is set back a little, with or without a daemon that runs."""
        self.world.now += step
        if awake:
            self.sweep()
            self.plan(again=False)
            self.release()

    @rule(looks=st.integers(1, 4))
    def a_while_goes_by(self, looks: int) -> None:
        """The daemon runs for a few hours; nobody does anything."""
        for _ in range(looks):
            self.pass_time(timedelta(minutes=40), awake=True)

    @rule()
    def restart(self) -> None:
        """The daemon stops and starts."""
        self.world.restart()
        self.world.check(0)


def _one(which: int, found: Iterable[T]) -> T:
    """Pick one."""
    of = list(found)
    return of[which % len(of)]


@cache
def _after_five_notices(start: datetime) -> Life:
    """Give a collective with some accepted notices, stopped: histories go on from copies of it."""
    life = Life()
    life.world = World(start)
    for post in (True, False, True, False, True):
        life.send(post=post, lang="fr", accepted=True)
    life.world.keep()
    return life


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
