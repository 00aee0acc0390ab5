"""From the plan to the network: what is automatic is due at its slot, what is one tap when it is tapped."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import by_hand, retrying, tap
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import Boost, BoostState, Mode
from bot.model.journal import CLI
from bot.model.policy import mode_for
from bot.planning import ask, audit
from bot.planning import round as planning
from bot.reporting import seeker as status
from bot.reporting import volunteer
from bot.storage import access, boosts, calls, journal, plan_log
from tests.clocks import NOW
from tests.delivery.lending import NETWORK, Lending, policy
from tests.fakes.recording import RecordingNet

HOUR = timedelta(hours=1)


def everything(lending: Lending) -> list[Boost]:
    """Give all boosts."""
    return lending.app.store.run_read(boosts.listed)


def rules(lending: Lending) -> dict[str, Any]:
    """Give what planning goes by."""
    app = lending.app
    return {
        "settings": app.settings,
        "keys": app.keys,
        "networks": app.networks,
        "policies": {NETWORK: lending.policy},
        "now": lending.clock.now(),
    }


def hours(lending: Lending, count: int) -> None:
    """Let hours pass: plan, ask, deliver."""
    for _ in range(count):
        lending.app.store.run_write(planning.run, **rules(lending))
        lending.app.store.run_write(ask.ask_due, **rules(lending))
        lending.deliver()
        lending.advance(hours=1)


def test_the_plan_names_the_mode(lending: Lending):
    """Automatic, one tap and by hand, as each volunteer allows."""
    for mode in (Mode.AUTOMATIC, Mode.ONE_TAP, None):
        lending.volunteer(mode=mode)
    lending.notice()
    lending.app.store.run_write(planning.run, **rules(lending))
    assert {boost.mode for boost in everything(lending)} == set(Mode) - {Mode.COLLECTIVE}


def test_an_automatic_boost_is_due_at_its_slot_and_no_card(lending: Lending):
    """It is not asked for: the volunteer's page has nothing to do, and delivery makes it."""
    person = lending.volunteer()
    lending.notice()
    hours(lending, 1)
    (boost,) = everything(lending)
    assert (boost.state, boost.asked_at) == (BoostState.VERIFIED, NOW)
    lines = lending.app.store.run_read(journal.read, subject=f"boost:{boost.id}")
    assert [line.action for line in lines] == ["boost.verified", "boost.due"]
    day = lending.app.store.run_read(
        volunteer.day,
        person.id,
        networks=lending.app.networks,
        settings=lending.app.settings,
        now=lending.clock.now(),
    )
    assert (day.cards, [one.by_bot for one in day.answers]) == ((), [True])


def test_one_tap_is_asked_first_and_made_at_the_tap(lending: Lending, net: RecordingNet):
    """Nothing is called before; a second tap changes nothing."""
    person = lending.volunteer(mode=Mode.ONE_TAP)
    lending.notice()
    hours(lending, 1)
    (boost,) = everything(lending)
    assert (boost.state, boost.mode, net.log) == (BoostState.ASKED, Mode.ONE_TAP, [])
    for _ in range(2):
        tapped = lending.app.store.run_write(tap.start_tap, boost.id, person.id, lending.clock.now())
        assert tapped.state is BoostState.DUE
    lending.deliver()
    assert lending.state(boost.id) is BoostState.VERIFIED
    again = lending.app.store.run_write(tap.start_tap, boost.id, person.id, lending.clock.now())
    assert again.state is BoostState.VERIFIED
    with pytest.raises(ConflictError):
        lending.app.store.run_write(
            by_hand.declare, boost.id, volunteer_id=person.id, now=lending.clock.now()
        )


@pytest.mark.parametrize("why", ["another", "by hand", "lost", "expired"])
def test_a_tap_that_cannot_be_is_refused(lending: Lending, why: str):
    """Somebody else's, one without a token, one whose time is up: nothing becomes due."""
    person = lending.volunteer(mode=None if why == "by hand" else Mode.ONE_TAP)
    lending.notice()
    hours(lending, 1)
    (boost,) = everything(lending)
    if why == "lost":
        lending.app.store.run_write(access.lose, boost.account_id, NOW)
    elif why == "expired":
        lending.app.store.run_write(boosts.move, boost.id, BoostState.EXPIRED)
    who = person.id + (why == "another")
    with pytest.raises(NotFoundError if why == "another" else ConflictError):
        lending.app.store.run_write(tap.start_tap, boost.id, who, lending.clock.now())
    assert lending.app.store.run_read(calls.of, [boost.id]) == {}


def audited(lending: Lending) -> Any:
    """Replay the planner's log against the boosts."""
    session_of = lending.app.store.run_read

    def replay(session: Any) -> Any:
        states = set(BoostState) - {BoostState.PLANNED}
        entries: Iterable[Any] = list(plan_log.read(session))
        rows = boosts.listed(session, states=states)
        seed = lending.app.keys.seed("slots")
        return audit.audit(entries, rows, seed, facts=plan_log.facts(session))

    return session_of(replay)


def test_the_audit_holds_over_days_of_every_mode(lending: Lending, net: RecordingNet):
    """Automatic, by hand, failed, tried again and undone in doubt: every decision is proved."""
    for mode in (Mode.AUTOMATIC, Mode.AUTOMATIC, Mode.AUTOMATIC, Mode.ONE_TAP, None):
        lending.volunteer(mode=mode, cap_day=3)
    for _ in range(4):
        lending.notice()
    net.script["boost"].extend(["", "e403", "lost", "e403", "", "e503"])
    hours(lending, 12)
    failed = [boost for boost in everything(lending) if boost.state is BoostState.FAILED]
    assert len(failed) == 2
    lending.app.store.run_write(retrying.retry, failed[0].id, now=lending.clock.now(), actor=CLI)
    hours(lending, 24)
    assert lending.state(failed[0].id) is BoostState.VERIFIED
    report = audited(lending)
    assert report.breach is None, str(report.breach)
    assert report.asks > 8


def test_pages_tell_of_what_the_bot_makes(lending: Lending, net: RecordingNet):
    """While a boost is due the seeker sees it coming and the admin who makes it; then it counts."""
    lending.volunteer()
    notice = lending.notice()
    net.script["locate"].append("e503")
    hours(lending, 1)
    app, now = lending.app, lending.clock.now()
    shown = app.store.run_read(
        status.status, notice.id, networks=app.networks, now=now, undo=timedelta(seconds=30)
    )
    assert shown.coming is not None
    hours(lending, 1)
    shown = app.store.run_read(
        status.status, notice.id, networks=app.networks, now=now, undo=timedelta(seconds=30)
    )
    assert shown.total_done == 1


@pytest.mark.parametrize(
    ("given", "allowed", "made"),
    [
        (Mode.AUTOMATIC, {Mode.AUTOMATIC, Mode.ONE_TAP}, Mode.AUTOMATIC),
        (Mode.AUTOMATIC, {Mode.ONE_TAP}, Mode.ONE_TAP),
        (Mode.ONE_TAP, {Mode.AUTOMATIC, Mode.ONE_TAP}, Mode.ONE_TAP),
        (Mode.AUTOMATIC, {Mode.BY_HAND}, Mode.BY_HAND),
    ],
)
def test_the_mode_is_the_most_that_both_allow(lending: Lending, given: Mode, allowed: set[Mode], made: Mode):
    """The volunteer's yes and the policy's; without a post, or with a cap of none, it is by hand."""
    notice, person = lending.notice(), lending.volunteer(mode=given)
    account = person.accounts[0]
    lent = lending.app.store.run_read(access.of, account.id)
    found = policy(modes=frozenset(allowed) | {Mode.BY_HAND})
    assert mode_for(notice, account, lent, found, notice.posts[0]) is made
    assert mode_for(notice, account, lent, found, None) is Mode.BY_HAND
    assert mode_for(notice, account, lent, policy(cap_day=0), notice.posts[0]) is Mode.BY_HAND


def test_a_reported_notice_waits_for_a_moderator(lending: Lending, net: RecordingNet):
    """What was due when a volunteer reported it is not called for before somebody has looked."""
    notice = lending.notice()
    reporter = lending.volunteer(mode=None)
    mine = lending.due(notice, reporter)
    lending.app.store.run_write(boosts.by_hand, mine)
    boost_id = lending.due(notice, lending.volunteer())
    lending.app.store.run_write(by_hand.report, mine, volunteer_id=reporter.id, why="scam", now=NOW)
    lending.deliver()
    assert (lending.state(boost_id), net.log) == (BoostState.DUE, [])
