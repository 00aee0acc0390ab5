"""What is asked too late, twice, or where there is nothing to do is refused, and changes nothing."""

from datetime import timedelta

import pytest

from bot.delivery import by_hand, collective, publication, rotation, source, take_back, tap, tokens
from bot.delivery.by_hand import TakenBackError
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI
from bot.model.lane import Call
from bot.model.notice import CloseReason, Contract, NoticeState
from bot.model.secret import Secret
from bot.storage import Session, access, boosts, calls, journal, notices, revocations
from tests.clocks import NOW
from tests.delivery.lending import NETWORK, Lending, policy
from tests.delivery.own import connect
from tests.lent import make_vault
from tests.planned import plan_boost

OWN = "emploi@one.example"


def brought(store, notice, volunteer, *states: BoostState) -> int:
    """Bring a boost of somebody into a state."""

    def make(session: Session) -> int:
        boost_id = plan_boost(session, notice, volunteer)
        for state in states:
            boosts.move(session, boost_id, state, ended_at=NOW)
        return boost_id

    return store.run_write(make)


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ((), by_hand.NOT_YET),
        ((BoostState.ASKED, BoostState.EXPIRED), by_hand.TOO_LATE),
        ((BoostState.ASKED, BoostState.CANCELLED), by_hand.TAKEN_BACK),
        ((BoostState.ASKED, BoostState.DUE), by_hand.BY_BOT),
    ],
)
def test_there_is_nothing_to_undo(store, make_notice, make_volunteer, states, says):
    """Undo takes back an answer; where none was given it says what is the matter."""
    person = make_volunteer()
    boost_id = brought(store, make_notice(), person, *states)
    with pytest.raises(ConflictError) as refused:
        store.run_write(by_hand.undo, boost_id, volunteer_id=person.id, now=NOW)
    assert refused.value.args[0] == says


def test_a_boost_is_shown_while_it_waits(store, make_notice, make_volunteer):
    """Its volunteer gets it with its notice; once the notice is closed, or it was answered, nobody does."""
    person, notice, other = make_volunteer(), make_notice(), make_notice()
    waits = brought(store, notice, person, BoostState.ASKED)
    answered = brought(store, other, person, BoostState.ASKED, BoostState.DECLARED)
    who = {"volunteer_id": person.id}
    boost, found = store.run_read(by_hand.asked, waits, **who)
    assert (boost.id, found.id) == (waits, notice.id)
    with pytest.raises(ConflictError):
        store.run_read(by_hand.asked, answered, **who)
    store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
    with pytest.raises(TakenBackError):
        store.run_read(by_hand.asked, waits, **who)


def test_a_tap_comes_too_late(store, make_notice, make_volunteer):
    """The notice has ended, or the boost was answered: no call is opened."""
    person, notice, other = make_volunteer(), make_notice(), make_notice()
    ended = brought(store, notice, person, BoostState.ASKED)
    answered = brought(store, other, person, BoostState.ASKED, BoostState.SKIPPED)
    store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
    with pytest.raises(TakenBackError):
        store.run_write(tap.start_tap, ended, person.id, NOW)
    with pytest.raises(ConflictError) as refused:
        store.run_write(tap.start_tap, answered, person.id, NOW)
    assert refused.value.args[0] == by_hand.ANSWERED
    assert store.run_read(calls.of, [ended, answered]) == {}


def test_what_a_hand_made_no_call_undoes(store, make_notice, make_volunteer):
    """A boost that was declared is the volunteer's own to take back."""
    person = make_volunteer()
    boost_id = brought(store, make_notice(), person, BoostState.ASKED, BoostState.DECLARED)
    with pytest.raises(ConflictError):
        store.run_write(take_back.start_undo, boost_id, volunteer_id=person.id, now=NOW)
    assert store.run_read(boosts.get, boost_id).state is BoostState.DECLARED


@pytest.mark.parametrize(
    ("digest", "state"), [("other words", NoticeState.PENDING), (None, NoticeState.CLOSED)]
)
def test_a_look_at_a_notice_that_has_ended_changes_nothing(store, make_notice, digest, state):
    """Edited while a moderator reads it anew, or gone after its end: it stands where it stood."""
    notice = make_notice(state=NoticeState.PENDING)
    if state is NoticeState.CLOSED:
        store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
    numbers = store.run_read(calls.posts, {notice.id: notice})
    where = (numbers[notice.id, "x"][0], "")
    store.run_write(calls.locate, {where: "here:1"})
    first, then = (source.Seen(notice.id, where, words, NOW) for words in ("words", digest))
    store.run_write(source.check, [first], now=NOW)
    assert store.run_write(source.check, [then], now=NOW) == [False]
    found = store.run_read(notices.get, notice.id)
    assert (found.state, found.close_reason) == (
        state,
        CloseReason.FOUND_JOB if state is NoticeState.CLOSED else None,
    )
    assert [
        one.action for one in store.run_read(journal.read) if one.action.startswith("notice.source")
    ] == []


def test_what_is_published_says_where_and_how(make_notice):
    """From anywhere and the kind of contract stand in the first line, in the notice's own language."""
    notice = make_notice(remote=True, contract=Contract.FIXED_TERM, lang="fr", place="")
    first = publication.words_of(notice).partition("\n")[0]
    assert first == "Welder, à distance, CDD"


def test_a_published_draft_names_its_first_try(make_notice):
    """The same words published again after they were taken back are another post."""
    notice = make_notice()
    target = publication.target_of(notice)
    drafts = [
        publication.draft_of(notice, call_at(target, NOW + timedelta(minutes=n)), "https://a.example")
        for n in (0, 0, 1)
    ]
    assert drafts[0] == drafts[1]
    assert drafts[0].key != drafts[2].key


def call_at(target: str, at) -> Call:
    """Give the call of the collective's own account that publishes."""
    state = BoostState.SENDING
    return Call(
        1, 1, 1, 1, NETWORK, Mode.COLLECTIVE, state, None, None, "boost", None, None, target, at, 0, "", ""
    )


def test_rotation_takes_along_what_is_going_back(app, store, settings, make_volunteer, tmp_path):
    """A token on its way back to its network opens with the new key, and with that one only."""
    path = tmp_path / "vault.key"
    seal, account = make_vault(app, path), make_volunteer().accounts[0]
    store.run_write(tokens.give, seal, account, Secret("t0ken"), mode=Mode.AUTOMATIC, now=NOW)
    store.run_write(access.give_back, account.id)
    assert rotation.rotate(store, path, settings.data_dir, clock=app.clock) == (1, 0)
    (back,) = store.run_read(revocations.page)
    opener = tokens.Opener(path, settings.data_dir)
    assert opener.open(tokens.bound(account.id, account.network), back.sealed).reveal() == "t0ken"


class TestOwnAccount:
    """The collective's own account, as rows."""

    def test_policy_must_allow_it(self, lending: Lending):
        """Refused with the name of the file to change, and nothing is kept."""
        lending.policy = policy(modes=frozenset({Mode.BY_HAND}))
        with pytest.raises(ConflictError, match=r"config/networks/mastodon\.toml does not allow it"):
            connect(lending, NETWORK, OWN, "t")
        assert lending.app.store.run_read(access.page) == []

    def test_a_second_token_sends_the_first_one_back(self, lending: Lending):
        """Connected twice, one token is kept and the other goes back to its network."""
        first, second = (connect(lending, NETWORK, OWN, token) for token in ("a", "b"))
        assert first.id == second.id
        assert len(lending.app.store.run_read(access.page)) == 1
        assert len(lending.app.store.run_read(revocations.page)) == 1

    def test_it_is_disconnected_once(self, lending: Lending):
        """A second time there is nothing to give back; where there never was one, it says so."""
        connect(lending, NETWORK, OWN, "a")
        values = {"now": NOW, "actor": CLI}
        done = [lending.app.store.run_write(collective.disconnect, NETWORK, **values) for _ in range(2)]
        assert done == [True, False]
        with pytest.raises(NotFoundError, match="bot collective connect bluesky HANDLE"):
            lending.app.store.run_write(collective.disconnect, "bluesky", **values)

    def test_only_a_connected_account_is_looked_at(self, lending: Lending):
        """At once when asked for all; not when its token is lost or given back, and no look is noted then."""
        account, store = connect(lending, NETWORK, OWN, "a"), lending.app.store
        later = NOW + timedelta(days=2)
        assert [one.account.id for one in store.run_read(collective.to_look_at, None)] == [account.id]
        assert store.run_read(collective.to_look_at, NOW) == []
        assert len(store.run_read(collective.to_look_at, later)) == 1
        store.run_write(access.lose, account.id, NOW)
        assert store.run_read(collective.to_look_at, None) == []
        store.run_write(access.give_back, account.id)
        before = len(store.run_read(journal.read))
        store.run_write(collective.looked, account, labelled=False, now=later)
        assert len(store.run_read(journal.read)) == before

    def test_a_label_that_stays_is_no_news(self, lending: Lending):
        """The journal says when it goes and when it comes back, nothing in between."""
        account, store = connect(lending, NETWORK, OWN, "a"), lending.app.store
        for minutes, labelled in enumerate([True, False, False, True, True]):
            at = NOW + timedelta(minutes=minutes)
            store.run_write(collective.looked, account, labelled=labelled, now=at)
        lines = [one.action for one in reversed(store.run_read(journal.read))]
        assert [one for one in lines if "label" in one] == ["collective.unlabelled", "collective.labelled"]
