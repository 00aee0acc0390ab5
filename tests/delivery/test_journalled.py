"""The journal tells of each act: when, who, what, about what, with ids and codes."""

from datetime import timedelta

import pytest

from bot.delivery import by_hand, collective, due, panic, recall, retrying, returns, take_back, tap
from bot.delivery import lending as lend
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI, Actor
from bot.model.lending import Way
from bot.model.secret import Secret
from bot.model.volunteer import VolunteerState
from bot.storage import access, boosts, journal, revocations, volunteers
from tests.clocks import NOW
from tests.delivery.lending import NETWORK, Lending
from tests.delivery.own import connect
from tests.fakes.recording import RecordingNet
from tests.planned import plan_boost

ADMIN = Actor("admin", 7)


def told(lending: Lending, action: str = "") -> list[tuple[str, str, str, dict]]:
    """Give what the journal says, oldest first; each line is of this moment."""
    lines = lending.app.store.run_read(journal.read, action=action)
    return [(line.actor, line.action, line.subject, dict(line.details)) for line in reversed(lines)]


def about(lending: Lending, boost_id: int) -> list[tuple[str, str, dict]]:
    """Give what the journal says of a boost, oldest first."""
    subject = f"boost:{boost_id}"
    return [(who, what, more) for who, what, whom, more in told(lending, "boost.") if whom == subject]


@pytest.mark.parametrize(
    ("act", "states", "says"),
    [
        (tap.start_tap, (BoostState.ASKED,), "boost.tapped"),
        (take_back.start_undo, (BoostState.ASKED, BoostState.DUE), "boost.cancelled"),
        (
            take_back.start_undo,
            (BoostState.ASKED, BoostState.DUE, BoostState.SENDING, BoostState.VERIFIED),
            "boost.undo_asked",
        ),
        (
            take_back.made_by_hand,
            (BoostState.ASKED, BoostState.DUE, BoostState.SENDING, BoostState.FAILED),
            "boost.declared",
        ),
        (by_hand.open_boost, (BoostState.ASKED,), "boost.opened"),
        (by_hand.declare, (BoostState.ASKED,), "boost.declared"),
        (by_hand.skip, (BoostState.ASKED,), "boost.skipped"),
    ],
)
def test_what_a_volunteer_does_with_a_boost(lending: Lending, act, states, says):
    """One line with the volunteer's number and the notice's; a second tap adds none."""
    lending.volunteer()  # so that no two numbers are the same
    notice, person = lending.notice(), lending.volunteer(mode=Mode.ONE_TAP)
    boost_id = lending.app.store.run_write(
        lambda session: plan_boost(session, notice, person, mode=Mode.ONE_TAP)
    )
    for state in states:
        lending.app.store.run_write(boosts.move, boost_id, state)
    for _ in range(2):
        lending.app.store.run_write(act, boost_id, volunteer_id=person.id, now=NOW)
    assert about(lending, boost_id) == [(f"volunteer:{person.id}", says, {"notice": notice.id})]
    (line,) = lending.app.store.run_read(journal.read, action=says)
    assert line.at == NOW


@pytest.mark.parametrize("active", [True, False])
def test_what_a_volunteer_takes_back_of_their_answer(lending: Lending, active: bool):
    """Undone; on a notice that has ended meanwhile it is cancelled as well."""
    lending.volunteer()
    notice, person = lending.notice(), lending.volunteer(mode=None)
    boost_id = lending.app.store.run_write(lambda session: plan_boost(session, notice, person))
    lending.app.store.run_write(boosts.move, boost_id, BoostState.ASKED)
    lending.app.store.run_write(by_hand.declare, boost_id, volunteer_id=person.id, now=NOW)
    if not active:
        lending.app.store.run_write(recall.take_back, notice.id, now=NOW, actor=CLI)
    lending.app.store.run_write(by_hand.undo, boost_id, volunteer_id=person.id, now=NOW)
    verbs = ["boost.declared", "boost.undone", *([] if active else ["boost.cancelled"])]
    assert about(lending, boost_id) == [
        (f"volunteer:{person.id}", verb, {"notice": notice.id}) for verb in verbs
    ]


def test_what_a_call_came_to(lending: Lending, net: RecordingNet):
    """In doubt, then found; then taken back. The daemon says so itself, each with the notice's number."""
    lending.volunteer()
    lending.notice()
    notice = lending.notice()
    boost_id = lending.due(notice, lending.volunteer())
    net.script["boost"].append("lost")
    lending.deliver()
    lending.advance(seconds=121)
    lending.deliver()
    lending.app.store.run_write(recall.take_back, notice.id, now=lending.clock.now(), actor=CLI)
    lending.deliver()
    of = {"notice": notice.id}
    assert about(lending, boost_id) == [
        ("daemon", "boost.uncertain", of),
        ("daemon", "boost.verified", {**of, "before": False}),
        ("daemon", "boost.taken_back", of),
    ]
    assert told(lending, "notice.") == [
        ("cli", "notice.recalled", f"notice:{notice.id}", {"cancelled": 0, "asked": 0, "by_bot": 1})
    ]


def test_a_boost_that_was_there_before_is_told_so(lending: Lending, net: RecordingNet):
    """What the volunteer had boosted already is no work of the bot."""
    net.kind = "set"
    notice, person = lending.notice(), lending.volunteer(token="v")
    net.effects["v", f"here:{notice.posts[0].remote_id}"].append({"id": "1", "key": 0, "at": ""})
    boost_id = lending.due(notice, person)
    lending.deliver()
    assert about(lending, boost_id) == [("daemon", "boost.verified", {"notice": notice.id, "before": True})]


@pytest.mark.parametrize("end", ["failed", "expired", "cancelled", "by_hand"])
def test_how_a_boost_ended_without_being_made(lending: Lending, net: RecordingNet, end: str):
    """One line of the daemon's says which way, and when."""
    lending.volunteer()
    lending.notice()
    notice, person = lending.notice(), lending.volunteer()
    boost_id = lending.due(notice, person, expires_at=NOW + timedelta(minutes=1))
    if end == "failed":
        net.script["boost"].append("e403")
    elif end == "expired":
        lending.advance(minutes=1)
    elif end == "cancelled":
        lending.app.store.run_write(volunteers.update, person.id, state=VolunteerState.PAUSED)
    else:
        lending.app.store.run_write(access.lose, person.accounts[0].id, NOW)
    lending.deliver()
    assert about(lending, boost_id) == [("daemon", f"boost.{end}", {"notice": notice.id})]
    found = lending.app.store.run_read(boosts.get, boost_id)
    assert found.ended_at == (None if end == "by_hand" else lending.clock.now())


def test_what_an_admin_decides_of_a_boost(lending: Lending, net: RecordingNet):
    """Tried again, or seen on the network: the admin's number stands there."""
    lending.values["reads_back"] = False
    lending.notice()
    notice, other = lending.notice(), lending.notice()
    failed, doubted = lending.due(notice, lending.volunteer()), lending.due(other, lending.volunteer())
    net.script["boost"].extend(["e403", "lost"])
    lending.deliver()
    if lending.state(failed) is not BoostState.FAILED:  # they leave side by side
        notice, other, failed, doubted = other, notice, doubted, failed
    lending.app.store.run_write(retrying.retry, failed, now=NOW, actor=ADMIN)
    lending.app.store.run_write(retrying.made, doubted, now=NOW, actor=ADMIN)
    assert about(lending, failed)[-1] == ("admin:7", "boost.retried", {"notice": notice.id})
    assert about(lending, doubted)[-1] == ("admin:7", "boost.verified", {"notice": other.id})


def test_silence_is_told(lending: Lending):
    """A boost that waited too long for its volunteer."""
    lending.volunteer()
    notice, person = lending.notice(), lending.volunteer(mode=None)
    boost_id = lending.app.store.run_write(lambda session: plan_boost(session, notice, person))
    lending.app.store.run_write(boosts.move, boost_id, BoostState.ASKED, asked_at=NOW, expires_at=NOW)
    assert lending.app.store.run_write(due.expire, now=NOW) == 1
    assert about(lending, boost_id) == [("daemon", "boost.expired", {})]


@pytest.mark.parametrize(("digest", "says"), [("other words", "edited"), (None, "gone")])
def test_a_post_that_changed_is_told(lending: Lending, net: RecordingNet, digest, says: str):
    """The daemon saw that the words are others, or that they are gone."""
    lending.notice()
    notice = lending.notice()
    lending.due(notice, lending.volunteer())
    lending.deliver()
    net.digests[f"here:{notice.posts[0].remote_id}"] = digest
    lending.advance(minutes=5)
    lending.due(notice, lending.volunteer())
    lending.deliver()
    assert told(lending, "notice.") == [("daemon", f"notice.source_{says}", f"notice:{notice.id}", {})]


def test_a_place_that_broke_is_told(lending: Lending, net: RecordingNet):
    """Its network is named when everybody stops calling it, and when they call again."""
    for _ in range(6):
        lending.boosted()
    net.script["locate"].extend(["e401"] * 6)
    for _ in range(3):
        lending.deliver()
        lending.advance(minutes=6)
    lending.deliver()
    assert told(lending, "breaker.") == [
        ("daemon", f"breaker.{verb}", "", {"network": NETWORK}) for verb in ("opened", "closed")
    ]


def test_what_a_volunteer_lends_is_told(lending: Lending):
    """Given, used otherwise, ended, and that its network took the token back, or never did."""
    lending.volunteer(mode=None)
    person, store = lending.volunteer(mode=None), lending.app.store
    (account,) = person.accounts
    rules = {NETWORK: lending.policy}
    words = {"mode": Mode.ONE_TAP, "way": Way.PAGE, "state": "state", "lang": "fr"}
    store.run_write(lend.begin, lending.seal, account, Secret("kept"), policies=rules, now=NOW, **words)
    store.run_write(
        lend.granted,
        lending.seal,
        account,
        Secret("token"),
        handle=account.handle,
        policies=rules,
        now=NOW,
    )
    store.run_write(lend.set_mode, account, Mode.AUTOMATIC, policies=rules, lang="fr", now=NOW, actor=ADMIN)
    store.run_write(lend.take_back, account, now=NOW, actor=CLI)
    (one,) = store.run_read(revocations.page)
    store.run_write(returns.given_back, one, now=NOW)
    of = {"account": account.id, "network": NETWORK}
    whom = f"volunteer:{person.id}"
    assert told(lending, "access.") == [
        (whom, "access.given", whom, {**of, "mode": "one_tap"}),
        ("admin:7", "access.mode_changed", whom, {**of, "mode": "automatic"}),
        ("cli", "access.ended", whom, of),
        ("daemon", "access.revoked", whom, of),
    ]


def test_what_the_operator_does_with_the_collective_s_account(lending: Lending):
    """Connected, seen without and with its label, disconnected."""
    lending.volunteer()
    account, store = connect(lending, NETWORK, "emploi@one.example", "token"), lending.app.store
    for labelled in (True, False, False, True):
        lending.advance(minutes=1)
        store.run_write(collective.looked, account, labelled=labelled, now=lending.clock.now())
    store.run_write(collective.disconnect, NETWORK, now=NOW, actor=ADMIN)
    whom, of = f"volunteer:{account.volunteer_id}", {"network": NETWORK}
    assert told(lending, "collective.") == [
        ("cli", "collective.connected", whom, of),
        ("daemon", "collective.unlabelled", whom, of),
        ("daemon", "collective.labelled", whom, of),
        ("admin:7", "collective.disconnected", whom, of),
    ]


def test_a_halt_is_told(lending: Lending):
    """Who stopped, who went on, and how many asks got their time back."""
    lending.app.store.run_write(panic.halt, reason="why", now=NOW, actor=ADMIN)
    assert lending.app.store.run_write(panic.resume, reason="why", now=NOW, actor=CLI) == 0
    assert told(lending, "halt.") == [
        ("admin:7", "halt.begun", "halt:1", {}),
        ("cli", "halt.ended", "halt:1", {"prolonged": 0}),
    ]
