"""Found posts before moderators: what consent and policy leave of the verdicts."""

from datetime import timedelta

import pytest

from bot.errors import UsageError
from bot.model.boost import BoostState, Mode
from bot.model.moderation import Reason, Verdict
from bot.model.notice import Consent, NoticeState, PostRef
from bot.model.policy import Policy, modes_of
from bot.moderation import decide as moderation
from bot.networks import policy
from bot.storage import boosts, journal, notices
from tests.conftest import NOW
from tests.planned import plan_boost

UNDO = timedelta(seconds=30)
STRICT = {"x": Policy("x", frozenset({Mode.BY_HAND}), {Mode.BY_HAND: Consent.ASKED}, 3, 20)}
OURS = policy.load(["x", "mastodon"])


def ask(session, notice, volunteer):
    """Ask a volunteer for a notice; give the boost's id."""
    boost_id = plan_boost(session, notice, volunteer)
    later = NOW + timedelta(days=1)
    return boosts.move(session, boost_id, BoostState.ASKED, asked_at=NOW, expires_at=later).id


@pytest.fixture
def make_found(store, make_notice):
    """A notice whose author used the hashtag only."""

    def make(**values):
        notice = make_notice(**{"state": NoticeState.PENDING, **values})
        return store.run_write(notices.update, notice.id, consent=Consent.FOUND)

    return make


@pytest.fixture
def decide(store, settings):
    """Decide from the command line."""

    def run(notice, verdict, policies, reason=None):
        return store.run_write(
            moderation.decide,
            notice.id,
            verdict,
            reason=reason,
            settings=settings,
            policies=policies,
            admin_id=None,
            now=NOW,
            undo=UNDO,
        )

    return run


def test_found_where_policy_allows(store, make_found, decide):
    """On X a found post is accepted, and then it goes round by hand only."""
    notice = make_found()
    assert moderation.allowed(notice, OURS) == set(Verdict) - {Verdict.ASK}
    decide(notice, Verdict.ACCEPT, OURS)
    accepted = store.run_read(notices.get, notice.id)
    assert accepted.state is NoticeState.ACTIVE
    assert modes_of(accepted, OURS) == {Mode.BY_HAND}


@pytest.mark.parametrize("policies", [STRICT, {}])
def test_found_where_policy_does_not_allow(make_found, decide, policies):
    """Elsewhere only "later" and "refuse" are left; a network without a policy allows nothing."""
    notice = make_found()
    assert moderation.allowed(notice, policies) == {Verdict.LATER, Verdict.REFUSE}
    with pytest.raises(UsageError, match="its author has not asked"):
        decide(notice, Verdict.ACCEPT, policies)
    decide(notice, Verdict.REFUSE, policies, Reason.NOT_A_SEARCH)


def test_a_found_author_cannot_be_asked_for_a_change(make_found, decide):
    """Nobody would read the question."""
    with pytest.raises(UsageError, match="its author has not asked"):
        decide(make_found(), Verdict.ASK, OURS, Reason.PERSONAL_DATA)


def test_who_asked_is_decided_on_freely(make_notice):
    """A form, a mention or a confirmed link leaves every verdict, whatever the policy."""
    assert moderation.allowed(make_notice(state=NoticeState.PENDING), STRICT) == set(Verdict)


def test_every_post_of_a_notice_must_allow(make_found):
    """One post on a network that forbids is enough."""
    posts = [
        PostRef("x", "https://x.com/a/status/1", "1", "a"),
        PostRef("mastodon", "https://piaille.fr/@a/1", "https://piaille.fr/@a/1", "a@piaille.fr"),
    ]
    assert moderation.allowed(make_found(posts=posts), OURS) == {Verdict.LATER, Verdict.REFUSE}


def test_a_stricter_policy_takes_found_notices_back(store, make_found, make_notice, make_volunteer):
    """They wait for a moderator again, their boosts are cancelled; those who asked go on."""
    asked = make_notice()
    notice = make_found(state=NoticeState.ACTIVE)
    boost_id = store.run_write(ask, notice, make_volunteer())
    assert store.run_write(moderation.recheck, policies=OURS, now=NOW) == 0
    assert store.run_write(moderation.recheck, policies=STRICT, now=NOW) == 1
    assert store.run_read(notices.get, notice.id).state is NoticeState.PENDING
    assert store.run_read(notices.get, asked.id).state is NoticeState.ACTIVE
    assert store.run_read(boosts.get, boost_id).state is BoostState.CANCELLED
    [entry] = store.run_read(journal.read, action="notice.policy_changed")
    assert entry.actor == "daemon"
