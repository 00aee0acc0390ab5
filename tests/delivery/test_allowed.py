"""What holds a boost back is looked at again in the transaction that claims it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery import panic
from bot.model.boost import BoostState, Mode
from bot.model.budget import Budget
from bot.model.calls import Action, Learnt, Limit, Scope
from bot.model.journal import CLI, Actor
from bot.model.moderation import Reason, Verdict
from bot.model.notice import CloseReason, Consent, NoticeState
from bot.model.volunteer import VolunteerState
from bot.moderation import decide
from bot.roster import change
from bot.roster.profile import Pace
from bot.storage import access, boosts, notices, reports, spending, volunteers
from tests.clocks import NOW
from tests.delivery.lending import NETWORK, Lending, policy
from tests.fakes.recording import RecordingNet


def write(lending: Lending, fn, *args, **values):
    """Run one write."""
    return lending.app.store.run_write(fn, *args, **values)


def test_a_halt_lets_nothing_out(lending: Lending, net: RecordingNet):
    """Not one request while it holds; afterwards the boost is made."""
    boost_id = lending.boosted()
    write(lending, panic.halt, reason="", now=lending.clock.now(), actor=CLI)
    lending.advance(minutes=1)
    lending.deliver()
    assert (lending.state(boost_id), net.log) == (BoostState.DUE, [])
    write(lending, panic.resume, reason="over", now=lending.clock.now(), actor=CLI)
    lending.advance(seconds=2)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.ONE_TAP])
def test_a_reported_notice_waits_for_a_moderator(lending: Lending, net: RecordingNet, mode: Mode):
    """Not one request until somebody has looked, even for a tap on an older page; then it goes."""
    notice, person = lending.notice(), lending.volunteer(mode=mode)
    boost_id = lending.due(notice, person, mode=mode)
    remark = write(lending, reports.add, notice_id=notice.id, volunteer_id=None, why="scam", now=NOW)
    lending.deliver()
    assert (lending.state(boost_id), net.log) == (BoostState.DUE, [])
    write(lending, reports.settle, [remark], NOW)
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


@pytest.mark.parametrize("ends", ["paused", "closed", "break", "left"])
def test_what_is_no_longer_wanted_is_cancelled(lending: Lending, net: RecordingNet, ends: str):
    """A notice that does not go round, a volunteer with a break or gone: no call is made."""
    notice, person = lending.notice(), lending.volunteer()
    boost_id = lending.due(notice, person)
    if ends == "paused":
        write(lending, notices.move, notice.id, NoticeState.PAUSED)
    elif ends == "closed":
        write(lending, notices.close, notice.id, CloseReason.WITHDRAWN, NOW)
    else:
        state = VolunteerState.PAUSED if ends == "break" else VolunteerState.LEFT
        write(lending, volunteers.update, person.id, state=state)
    lending.deliver()
    assert (lending.state(boost_id), net.log) == (BoostState.CANCELLED, [])


@pytest.mark.parametrize("changes", ["access", "lost", "account", "mode", "policy", "consent", "instance"])
def test_what_may_not_be_called_is_asked_by_hand(lending: Lending, net: RecordingNet, changes: str):
    """No token, another mode, a policy that says no by now: the volunteer is asked instead."""
    asked = Consent.FOUND if changes == "consent" else Consent.ASKED
    notice, person = lending.notice(), lending.volunteer()
    boost_id, account = lending.due(notice, person), person.accounts[0]
    if changes == "access":
        write(lending, access.give_back, account.id)
    elif changes == "lost":
        write(lending, access.lose, account.id, NOW)
    elif changes == "account":
        write(lending, volunteers.set_accounts, person.id, [(NETWORK, "other@one.example")])
    elif changes == "mode":
        write(lending, access.give, account.id, mode=Mode.ONE_TAP, sealed="v1.x.y", now=NOW)
    elif changes == "policy":
        lending.policy = policy(modes=frozenset({Mode.BY_HAND}))
    elif changes == "consent":
        write(lending, notices.update, notice.id, consent=asked.value)
    else:
        lending.policy = policy(instances={"one.example": policy(modes=frozenset({Mode.BY_HAND}))})
    lending.deliver()
    found = lending.app.store.run_read(boosts.get, boost_id)
    assert (found.state, found.mode, net.log) == (BoostState.ASKED, Mode.BY_HAND, [])


def test_quiet_hours_hold_what_the_bot_does_by_itself(lending: Lending):
    """An automatic boost waits for the morning; one that was tapped for goes at once."""
    night = {"quiet_start_min": 21 * 60, "quiet_len_min": 600, "time_zone": "Europe/Paris"}
    lending.clock.moment = datetime(2026, 11, 17, 21, 0, tzinfo=UTC)
    notice = lending.notice(at=lending.clock.now())
    bots = lending.due(notice, lending.volunteer(**night))
    tapped = lending.due(notice, lending.volunteer(mode=Mode.ONE_TAP, **night), mode=Mode.ONE_TAP)
    lending.deliver()
    assert (lending.state(bots), lending.state(tapped)) == (BoostState.DUE, BoostState.VERIFIED)
    lending.clock.moment = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)
    lending.deliver()
    assert lending.state(bots) is BoostState.VERIFIED


def test_changed_limits_are_looked_at_at_once(lending: Lending):
    """A volunteer whose spacing holds a boost back, and who shortens it, waits no longer."""
    person = lending.volunteer(cap_day=5, spacing_min=240, time_zone="UTC")
    made = [lending.due(lending.notice(), person) for _ in range(2)]
    lending.deliver()
    lending.advance(minutes=10)
    lending.deliver()
    assert [lending.state(one) for one in made] == [BoostState.VERIFIED, BoostState.DUE]
    now = lending.clock.now()
    write(lending, change.update, person.id, Pace(5, 0), now=now, actor=Actor("volunteer", person.id))
    lending.deliver()
    assert lending.state(made[1]) is BoostState.VERIFIED


def test_an_undone_refusal_lets_its_boosts_go_on(lending: Lending, net: RecordingNet):
    """The engine gave up what a moderator refused; taken back in time, it is made."""
    notice, person = lending.notice(), lending.volunteer()
    boost_id = lending.due(notice, person)
    remark = write(lending, reports.add, notice_id=notice.id, volunteer_id=None, why="scam", now=NOW)
    undo = {"admin_id": None, "undo": timedelta(seconds=30)}
    made = write(
        lending,
        decide.decide,
        notice.id,
        Verdict.REFUSE,
        reason=Reason.SCAM,
        settings=lending.app.settings,
        now=lending.clock.now(),
        **undo,
    )
    lending.deliver()
    assert lending.state(boost_id) is BoostState.CANCELLED
    lending.advance(seconds=5)
    write(lending, decide.undo, made.id, now=lending.clock.now(), **undo)
    write(lending, reports.settle, [remark], NOW)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert net.requests("boost") == 1


def test_cap_and_spacing_count_what_was_really_sent(lending: Lending):
    """Four boosts due at once go one for each spacing, and two a local day."""
    person = lending.volunteer(cap_day=2, spacing_min=30, time_zone="UTC")
    made = [lending.due(lending.notice(), person) for _ in range(3)]

    def done() -> int:
        return sum(lending.state(one) is BoostState.VERIFIED for one in made)

    lending.deliver()
    assert done() == 1
    lending.advance(minutes=29)
    lending.deliver()
    assert done() == 1
    lending.advance(minutes=1)
    lending.deliver()
    assert done() == 2
    lending.advance(hours=14)  # 23:30
    lending.deliver()
    assert done() == 2
    lending.advance(minutes=30)
    lending.deliver()
    assert done() == 3


def test_a_tap_by_hand_counts_too(lending: Lending):
    """A boost that the volunteer declared a minute ago holds back the next automatic one."""
    person = lending.volunteer(spacing_min=30)
    by_hand = lending.due(lending.notice(), person)
    write(lending, boosts.by_hand, by_hand)
    write(lending, boosts.move, by_hand, BoostState.DECLARED, ended_at=NOW)
    boost_id = lending.due(lending.notice(), person)
    lending.advance(minutes=29)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.DUE
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_one_volunteer_with_two_accounts_keeps_one_spacing(lending: Lending):
    """Two lanes that are due in the same turn do not boost at the same moment."""
    person = lending.volunteer(spacing_min=30)
    made = [lending.due(lending.notice(), person)]
    write(
        lending,
        volunteers.set_accounts,
        person.id,
        [(NETWORK, person.accounts[0].handle), (NETWORK, "second@one.example")],
    )
    both = lending.app.store.run_read(volunteers.get, person.id)
    lending.lend(both.accounts[1])
    made.append(lending.due(lending.notice(), both, account=both.accounts[1]))
    lending.deliver()
    assert sorted(lending.state(one) for one in made) == [BoostState.DUE, BoostState.VERIFIED]


def test_the_policy_caps_the_calls_of_any_day(lending: Lending):
    """At most `cap_day` calls from an account in any 24 hours, whatever the volunteer's cap says."""
    lending.policy = policy(cap_day=1)
    person = lending.volunteer(cap_day=5)
    made = [lending.due(lending.notice(), person) for _ in range(2)]
    lending.deliver()
    lending.advance(hours=23, minutes=59)
    lending.deliver()
    assert sorted(lending.state(one) for one in made) == [BoostState.DUE, BoostState.VERIFIED]


def test_a_post_is_boosted_once_for_each_spacing(lending: Lending, net: RecordingNet):
    """Ten volunteers due at once for one post: one call, and the next after `spacing_min` minutes."""
    lending.policy = policy(spacing_min=10)
    notice = lending.notice()
    for _ in range(10):
        lending.due(notice, lending.volunteer())
    lending.deliver()
    assert net.requests("boost") == 1
    lending.advance(minutes=10)
    lending.deliver()
    assert net.requests("boost") == 2
    assert net.requests("look") == 2


def test_a_declared_limit_holds(lending: Lending, net: RecordingNet):
    """Two boosts a minute for the whole instance: the third waits."""
    limit = Limit(Scope.INSTANCE, frozenset({Action.BOOST}), 2, timedelta(minutes=1), "test")
    lending.values["limits"] = (limit,)
    notice = lending.notice()
    for _ in range(3):
        lending.due(notice, lending.volunteer())
    lending.due(notice, lending.volunteer(instance="two.example"))
    for seconds in range(60):
        lending.deliver()
        assert net.requests("boost") <= 3, seconds
        lending.advance(seconds=1)
    lending.deliver()
    assert net.requests("boost") == 4


def test_a_learnt_window_goes_before_the_declared_one(lending: Lending, net: RecordingNet):
    """An answer says that nothing is left for an hour: nobody of the app boosts before."""
    notice = lending.notice()
    lending.due(notice, lending.volunteer())
    until = NOW + timedelta(hours=1)
    lending.values["learnt"] = (Learnt(Scope.APP, Action.BOOST, 0, until),)
    lending.deliver()
    lending.due(notice, lending.volunteer())
    lending.advance(minutes=59)
    lending.deliver()
    assert net.requests("boost") == 1
    lending.advance(minutes=1)
    lending.deliver()
    assert net.requests("boost") == 2


def test_a_rest_of_the_instance_is_everybodys(lending: Lending, net: RecordingNet):
    """A 429 for the instance: no request leaves for any of its accounts, and the other instance goes on."""
    net.scope = "instance"
    net.script["boost"].append("e429")
    notice = lending.notice()
    lending.due(notice, lending.volunteer())
    lending.deliver()
    before = len(net.log)
    lending.due(notice, lending.volunteer())
    lending.deliver()
    assert len(net.log) == before
    lending.due(notice, lending.volunteer(instance="two.example"))
    lending.deliver()
    assert net.requests("boost") == 2


def test_without_a_budget_nothing_is_spent(lending: Lending, net: RecordingNet):
    """Calls that cost money wait for the next day when the budget of this one is used up."""
    lending.values["prices"] = {Action.BOOST: 15_000}
    lending.terms["budgets"] = {NETWORK: Budget(15_000, 100_000)}
    notice = lending.notice()
    for _ in range(2):
        lending.due(notice, lending.volunteer())
    lending.deliver()
    assert net.requests("boost") == 1
    assert lending.app.store.run_read(spending.spent, NETWORK, lending.clock.now()).day == 15_000
    lending.terms["budgets"] = {}
    lending.advance(hours=15)
    lending.deliver()
    assert net.requests("boost") == 1
    lending.terms["budgets"] = {NETWORK: Budget(15_000, 100_000)}
    lending.advance(hours=8)
    lending.deliver()
    assert net.requests("boost") == 2


def test_an_edited_post_brings_its_notice_back(lending: Lending, net: RecordingNet):
    """Other words than those first seen: a moderator reads it again, and nothing more goes out."""
    notice = lending.notice()
    first = lending.due(notice, lending.volunteer())
    lending.deliver()
    second = lending.due(notice, lending.volunteer())
    net.digests[f"here:{notice.posts[0].remote_id}"] = "other words"
    lending.advance(minutes=2)
    lending.deliver()
    assert (lending.state(first), lending.state(second)) == (BoostState.VERIFIED, BoostState.CANCELLED)
    assert lending.app.store.run_read(notices.get, notice.id).state is NoticeState.PENDING
    assert net.requests("boost") == 1


def test_a_post_that_is_gone_ends_its_notice(lending: Lending, net: RecordingNet):
    """The notice is closed as `source_gone`, and what was coming is cancelled."""
    notice = lending.notice()
    boost_id = lending.due(notice, lending.volunteer())
    net.digests[f"here:{notice.posts[0].remote_id}"] = None
    lending.deliver()
    found = lending.app.store.run_read(notices.get, notice.id)
    assert (found.state, found.close_reason) == (NoticeState.CLOSED, CloseReason.SOURCE_GONE)
    assert lending.state(boost_id) is BoostState.CANCELLED


def test_a_boost_follows_a_look_of_the_last_minute(lending: Lending, net: RecordingNet):
    """What kept the boost waiting makes the look stale: the post is looked at again."""
    lending.boosted()
    net.script["boost"].append("e429")
    net.retry_after = 90
    lending.deliver()
    lending.advance(seconds=90)
    lending.deliver()
    assert [one[1] for one in net.log] == ["locate", "look", "boost", "look", "boost"]


def test_a_token_is_renewed_and_kept_before_it_is_used(lending: Lending, net: RecordingNet):
    """The old token makes one call; the new one is in the database, and makes all others."""
    lending.boosted(token="renew:fresh")
    lending.deliver()
    assert [(one[1], one[2]) for one in net.log] == [
        ("renew", "renew:fresh"), ("locate", "fresh"), ("look", "fresh"), ("boost", "fresh"),
    ]  # fmt: skip
