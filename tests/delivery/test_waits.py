"""What holds a call back says until when, for what, and whether the whole account waits."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.delivery.allow import End, Go, Later, Scene, verdict
from bot.delivery.terms import Terms
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.halt import Halt
from bot.model.lane import Call, Rest, Target
from bot.model.notice import Consent, Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.policy import Policy
from bot.model.volunteer import Access, Account, Limits, Volunteer, VolunteerState
from tests.clocks import NOW

NETWORK = "mastodon"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
POST = PostRef(NETWORK, "https://one.example/@nadia/1", "1", "nadia@one.example")
ACCOUNT = Account(4, 3, NETWORK, "samir@one.example")
POLICY = Policy(
    NETWORK,
    frozenset(Mode),
    dict.fromkeys(Mode, Consent.ASKED),
    cap_day=2,
    spacing_min=10,
    collective_cap_day=2,
    collective_spacing_min=20,
)


class _Api:
    """What a verdict asks of an adapter."""

    def __init__(self, *, reads_back: bool) -> None:
        self.reads_back = reads_back


def terms(*, reads_back: bool = True, policy: Policy = POLICY) -> Terms:
    """What delivery goes by: looks stay fresh for 40 seconds."""
    return Terms("one", {NETWORK: _Api(reads_back=reads_back)}, {NETWORK: policy})  # type: ignore[dict-item]


def scene(mode: Mode = Mode.AUTOMATIC, state: BoostState = BoostState.DUE, **values: Any) -> Scene:
    """A boost that may be made now, but for `values`."""
    call = Call(1, 4, 3, 2, NETWORK, mode, state, NOW + HOUR, None, Action.BOOST, 5, NOW, "", None, 0, "", "")
    words = NoticeText(
        "Welder", "Lille", remote=False, contract=Contract.ANY, text="Ten years", name="Moussa"
    )
    notice = Notice(
        2,
        1,
        1,
        NoticeState.ACTIVE,
        words,
        "fr",
        None,
        None,
        (POST,),
        "slug",
        1,
        NOW,
        NOW - HOUR,
        NOW + HOUR,
        9,
        1,
    )
    limits = Limits(2, 30, 0, 0, "UTC")
    person = Volunteer(
        3, "Samir", "fr", frozenset({"fr"}), VolunteerState.ACTIVE, limits, None, None, (ACCOUNT,), NOW
    )
    access = Access(4, NETWORK, mode, "sealed", NOW, NOW, None)
    target = Target("here:1", "words", NOW - 40 * SECOND)
    sent: dict[str, Any] = {"sent": (), "called": (), "post_sent": None, "post_busy": False}
    made = Scene(call, notice, person, ACCOUNT, access, POST, target, halt=None, reported=False, **sent)
    return replace(made, **values)


def asked(found: Scene, **values: Any) -> Any:
    """Ask for the verdict at NOW."""
    return verdict(found, terms(**values), NOW)


def change(found: Scene, part: str, **values: Any) -> Scene:
    """Give the scene with a part of it changed."""
    return replace(found, **{part: replace(getattr(found, part), **values)})


def ago(*spans: timedelta) -> tuple[datetime, ...]:
    """Give moments so long before NOW."""
    return tuple(NOW - span for span in spans)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.ONE_TAP, Mode.COLLECTIVE])
def test_what_nothing_holds_back_goes(mode: Mode):
    """Boosted at once where the look is fresh; else located, or looked at again, first."""
    free = scene(mode)
    assert asked(free) == Go(Action.BOOST)
    assert asked(replace(free, target=None)) == Go(Action.LOCATE)
    for looked_at in (None, NOW - 41 * SECOND, NOW + SECOND):
        assert asked(change(free, "target", looked_at=looked_at)) == Go(Action.LOOK)
    assert asked(change(free, "target", looked_at=NOW)) == Go(Action.BOOST)


def test_what_the_collective_has_no_post_for_is_published():
    """The words go out by themselves, where the network lets it."""
    found = replace(change(scene(Mode.COLLECTIVE), "notice", posts=()), post=None)
    rules = replace(terms(), publishers={NETWORK: object()}, address="https://x.example")  # type: ignore[dict-item]
    assert verdict(found, rules, NOW) == Go(Action.PUBLISH)
    for poorer in (replace(rules, address=""), replace(rules, publishers={})):
        ended = verdict(found, poorer, NOW)
        assert isinstance(ended, End)
        assert (ended.state, "do not let" in ended.why) == (BoostState.CANCELLED, True)


@pytest.mark.parametrize(
    ("values", "until", "why", "lane"),
    [
        ({"halt": Halt(1, NOW, "cli", "")}, 2 * SECOND, Rest.HALTED, True),
        ({"reported": True}, MINUTE, Rest.REPORTED, False),
        ({"sent": ago(29 * MINUTE)}, MINUTE, Rest.SPACING, True),
        ({"sent": ago(3 * HOUR, 2 * HOUR)}, 15 * HOUR, Rest.CAP, True),
        ({"called": ago(23 * HOUR, 2 * HOUR)}, HOUR, Rest.NETWORK_CAP, True),
        ({"called": ago(2 * HOUR, 23 * HOUR)}, HOUR, Rest.NETWORK_CAP, True),
        ({"called": ago(HOUR, 2 * HOUR, 23 * HOUR)}, 22 * HOUR, Rest.NETWORK_CAP, True),
        ({"post_sent": NOW - 9 * MINUTE}, MINUTE, Rest.POST_SPACING, False),
        ({"post_busy": True}, SECOND, Rest.POST_SPACING, False),
    ],
)
def test_a_boost_waits_until_exactly_when_it_may(values, until: timedelta, why: Rest, lane: bool):
    """NOW is nine in the morning."""
    assert asked(scene(**values)) == Later(NOW + until, why, lane=lane)


@pytest.mark.parametrize(
    ("values", "until", "why", "lane"),
    [
        ({"halt": Halt(1, NOW, "cli", "")}, 2 * SECOND, Rest.HALTED, True),
        ({"reported": True}, MINUTE, Rest.REPORTED, False),
        ({"called": ago(19 * MINUTE)}, MINUTE, Rest.SPACING, True),
        ({"called": ago(19 * MINUTE, HOUR)}, MINUTE, Rest.SPACING, True),
        ({"called": ago(23 * HOUR, 2 * HOUR)}, HOUR, Rest.NETWORK_CAP, True),
        ({"post_sent": NOW - 9 * MINUTE}, MINUTE, Rest.POST_SPACING, False),
        ({"post_busy": True}, SECOND, Rest.POST_SPACING, False),
    ],
)
def test_the_collective_s_share_waits_until_exactly_when_it_may(values, until, why, lane):
    """Its pace is the policy's, nobody's quiet hours or cap."""
    assert asked(scene(Mode.COLLECTIVE, **values)) == Later(NOW + until, why, lane=lane)


@pytest.mark.parametrize(
    "values",
    [
        {"sent": ago(30 * MINUTE)},
        {"sent": ago(10 * HOUR, 11 * HOUR)},
        {"called": ago(24 * HOUR, 24 * HOUR, HOUR)},
        {"post_sent": NOW - 10 * MINUTE},
    ],
)
def test_at_its_end_a_limit_holds_nothing_back(values):
    """The same second that was told is the first in which it goes."""
    assert asked(scene(**values)) == Go(Action.BOOST)
    assert asked(scene(Mode.COLLECTIVE, **values)) == Go(Action.BOOST)


def test_the_collective_s_spacing_ends_with_its_second():
    """Twenty minutes after the last share, not a second more."""
    assert asked(scene(Mode.COLLECTIVE, called=ago(20 * MINUTE))) == Go(Action.BOOST)


def test_the_limits_of_a_person_bind_what_the_bot_does_by_itself():
    """Whoever taps decides: only the network's own limits hold that back."""
    for values in ({"sent": ago(29 * MINUTE)}, {"sent": ago(3 * HOUR, 2 * HOUR)}):
        assert asked(scene(Mode.ONE_TAP, **values)) == Go(Action.BOOST)
    night = change(scene(), "volunteer", limits=Limits(9, 0, 8 * 60, 2 * 60, "UTC"))
    assert asked(night) == Later(NOW + HOUR, Rest.QUIET_HOURS, lane=True)
    dawn = change(scene(), "volunteer", limits=Limits(9, 0, 8 * 60, 60, "UTC"))
    assert asked(dawn) == Go(Action.BOOST)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.ONE_TAP, Mode.COLLECTIVE])
def test_nothing_goes_while_an_acceptance_can_be_undone(mode: Mode):
    """Until the round opens; in that second it goes."""
    found = scene(mode)
    assert asked(change(found, "notice", opened_at=NOW + MINUTE)) == Later(NOW + MINUTE, Rest.UNDO_WINDOW)
    for opened_at in (NOW, None):
        assert asked(change(found, "notice", opened_at=opened_at)) == Go(Action.BOOST)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.ONE_TAP, Mode.COLLECTIVE])
def test_what_is_over_ends_and_says_why(mode: Mode):
    """Closed, or its time was up: in that second, not before."""
    found = scene(mode)
    for state in (NoticeState.CLOSED, NoticeState.PAUSED, NoticeState.PENDING):
        ended = asked(change(found, "notice", state=state))
        assert ended == End(BoostState.CANCELLED, "the notice does not go round any more")
    assert asked(change(found, "call", expires_at=NOW)) == End(BoostState.EXPIRED, "its time was up")
    for expires_at in (None, NOW + SECOND):
        assert asked(change(found, "call", expires_at=expires_at)) == Go(Action.BOOST)


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.ONE_TAP])
def test_whoever_has_a_break_is_not_called_for(mode: Mode):
    """Cancelled, with a reason."""
    ended = asked(change(scene(mode), "volunteer", state=VolunteerState.PAUSED))
    assert ended == End(BoostState.CANCELLED, "the volunteer has a break or has left")


@pytest.mark.parametrize(
    ("given", "wanted", "goes"),
    [
        (Mode.AUTOMATIC, Mode.AUTOMATIC, True),
        (Mode.AUTOMATIC, Mode.ONE_TAP, True),
        (Mode.ONE_TAP, Mode.ONE_TAP, True),
        (Mode.ONE_TAP, Mode.AUTOMATIC, False),
    ],
)
def test_no_call_does_more_than_was_lent(given: Mode, wanted: Mode, goes: bool):
    """Whoever lends for taps only is asked; whoever lends for more may tap as well."""
    found = change(scene(wanted), "access", mode=given)
    by_hand = End(BoostState.ASKED, "it can only be made by hand now")
    assert asked(found) == (Go(Action.BOOST) if goes else by_hand)
    for less in (replace(found, account=None), replace(found, access=None), replace(found, post=None)):
        assert asked(less) == by_hand
    assert asked(change(found, "access", lost_at=NOW)) == by_hand
    assert verdict(found, replace(terms(), policies={}), NOW) == by_hand


def test_the_collective_shares_only_what_it_may():
    """Not connected, not labelled, or the seeker said no."""
    found = scene(Mode.COLLECTIVE)
    gone = End(BoostState.CANCELLED, "the collective's account is not connected")
    for less in (replace(found, account=None), replace(found, access=None)):
        assert asked(less) == gone
    assert asked(change(found, "access", lost_at=NOW)) == gone
    unlabelled = change(found, "access", unlabelled_at=NOW)
    assert asked(unlabelled) == Later(NOW + 10 * MINUTE, Rest.LABEL, lane=True)
    refused = End(BoostState.CANCELLED, "policy or its seeker do not let the collective's account share it")
    assert asked(change(found, "notice", by_collective=False)) == refused
    assert asked(found, policy=replace(POLICY, modes=frozenset({Mode.BY_HAND}))) == refused


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.COLLECTIVE])
def test_an_instance_s_own_pace_goes_before_the_network_s(mode: Mode):
    """The stricter rule of one server holds there."""
    own = replace(POLICY, cap_day=1, collective_cap_day=1, spacing_min=60)
    strict = replace(POLICY, instances={"one.example": own})
    found = scene(mode, called=ago(2 * HOUR))
    assert asked(found) == Go(Action.BOOST)
    assert asked(found, policy=strict) == Later(NOW + 22 * HOUR, Rest.NETWORK_CAP, lane=True)
    found = scene(mode, post_sent=NOW - 59 * MINUTE)
    assert asked(found, policy=strict) == Later(NOW + MINUTE, Rest.POST_SPACING)


def test_doubt_is_asked_about_where_the_network_can_be_asked():
    """With a token; else an admin is told why it stays in doubt."""
    found = scene(state=BoostState.UNCERTAIN)
    assert asked(found) == Go(Action.READ_BACK)
    assert asked(found, reads_back=False) == End(None, "this network cannot be asked whether it was made")
    assert asked(change(found, "access", lost_at=NOW)) == End(None, "the account is not lent any more")
    halted = replace(found, halt=Halt(1, NOW, "cli", ""))
    assert asked(halted) == Later(NOW + 2 * SECOND, Rest.HALTED, lane=True)


def test_an_undo_that_was_asked_before_a_halt_stays_under_it():
    """One asked in the halt goes: it may have been called for it. At its very moment: nobody can tell."""
    found = scene(state=BoostState.UNDOING)
    assert asked(found) == Go(Action.UNDO)
    assert asked(change(found, "access", lost_at=NOW)) == End(None, "the account is not lent any more")
    halted = replace(found, halt=Halt(1, NOW, "cli", ""))
    for before in (None, NOW - SECOND, NOW):
        assert asked(change(halted, "call", ended_at=before)) == Later(NOW + 2 * SECOND, Rest.HALTED)
    assert asked(change(halted, "call", ended_at=NOW + SECOND)) == Go(Action.UNDO)


@pytest.mark.parametrize("state", [BoostState.SENDING, BoostState.VERIFIED, BoostState.CANCELLED])
def test_what_was_decided_meanwhile_is_left_alone(state: BoostState):
    """Nothing is called and its state stays."""
    assert asked(scene(state=state)) == End(None)
