"""Lending as rows: who may, what is kept, what goes back. Calls to networks are not made here."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.delivery import lending, returns
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import Mode
from bot.model.journal import Actor
from bot.model.lending import LASTS, Trouble, Way
from bot.model.notice import Consent
from bot.model.policy import Policy
from bot.model.secret import Secret
from bot.roster import change
from bot.storage import access, connections, journal, revocations, volunteers
from bot.trust import keyfile
from bot.trust.texts import CHARTER
from bot.trust.vault import Vault
from tests.clocks import NOW

NETWORK = "mastodon"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def policies(*modes: Mode) -> dict[str, Policy]:
    """Give a policy that allows these modes."""
    consent = dict.fromkeys(Mode, Consent.ASKED)
    return {NETWORK: Policy(NETWORK, frozenset({Mode.BY_HAND, *modes}), consent, 50, 0)}


BOTH = policies(Mode.ONE_TAP, Mode.AUTOMATIC)


@pytest.fixture
def vault() -> Vault:
    """A key of this test."""
    return Vault([keyfile.new_key()])


@pytest.fixture
def account(make_volunteer):
    """An account that nobody has lent yet."""
    return make_volunteer(accounts=[(NETWORK, "samir@one.example")]).accounts[0]


@pytest.fixture
def here(store, vault, account):
    """Lending of that account, each act with values that are fine but for those given."""

    def begin(**values):
        given = {
            "mode": Mode.ONE_TAP,
            "way": Way.PAGE,
            "state": "state",
            "policies": BOTH,
            "lang": "fr",
            "now": NOW,
        }
        return store.run_write(lending.begin, vault.seal, account, Secret("kept"), **given | values)

    def come_back(state="state", **values):
        given = {"network": NETWORK, "volunteer_id": account.volunteer_id, "now": NOW + MINUTE}
        return store.run_write(lending.come_back, vault.seal, state, {"code": "c"}, **given | values)

    def granted(token="token", **values):
        given = {"handle": account.handle, "policies": BOTH, "now": NOW + MINUTE}
        return store.run_write(lending.granted, vault.seal, account, Secret(token), **given | values)

    def set_mode(mode, **values):
        given = {"policies": BOTH, "lang": "fr", "now": NOW + MINUTE, "actor": Actor("volunteer", 1)}
        return store.run_write(lending.set_mode, account, mode, **given | values)

    return SimpleNamespace(begin=begin, come_back=come_back, granted=granted, set_mode=set_mode)


def returning(store, vault) -> list[str]:
    """Give the tokens on their way back to their networks."""
    found = store.run_read(revocations.page)
    return [vault.open(f"access:{one.account_id}:token:{one.network}", one.sealed).reveal() for one in found]


def consents(store, account) -> list[tuple[str, bool]]:
    """Give the purposes of the volunteer's yeses about lending, and whether each still holds."""
    found = store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")
    lent = [one for one in found if one["purpose"].startswith("lend_")]
    return [(one["text_version"].rpartition("-")[0], one["ended_at"] is None) for one in lent]


def test_a_token_is_kept_after_both_have_said_yes(store, vault, here, account):
    """The volunteer here and the network there: the token is sealed, the yes dated, the connection gone."""
    here.begin()
    assert here.come_back() == account
    assert here.granted() is None
    kept = store.run_read(access.of, account.id)
    assert kept.mode is Mode.ONE_TAP
    assert "token" not in kept.sealed
    assert store.run_read(connections.of, account.id) is None
    assert consents(store, account) == [("one_tap", True)]
    assert returning(store, vault) == []


@pytest.mark.parametrize("held", [{}, policies(), policies(Mode.AUTOMATIC)])
def test_nothing_begins_that_policy_does_not_allow(store, here, account, held):
    """Without a policy, or with one that lacks the mode, nothing is begun."""
    with pytest.raises(ConflictError, match="not allowed here"):
        here.begin(policies=held)
    assert store.run_read(connections.of, account.id) is None


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("another state", {}),
        ("state", {"network": "bluesky"}),
        ("state", {"now": NOW + LASTS}),
        ("state", {"volunteer_id": 999}),
    ],
)
def test_an_answer_counts_for_its_own_connection_only(store, here, account, make_volunteer, state, values):
    """Not under another state, network or volunteer, and not after ten minutes."""
    if "volunteer_id" in values:
        values = {"volunteer_id": make_volunteer(accounts=[(NETWORK, "eve@one.example")]).id}
    here.begin()
    with pytest.raises(ConflictError, match="begun in another browser"):
        here.come_back(state, **values)
    assert store.run_read(connections.of, account.id).answered_at is None


def test_an_answer_counts_once(here):
    """What came back is not replaced by what comes back again."""
    here.begin()
    here.come_back()
    with pytest.raises(ConflictError, match="begun in another browser"):
        here.come_back()


def test_a_pasted_password_waits_for_no_answer(store, here, account):
    """It can be finished at once, and no state leads to it."""
    here.begin(way=Way.PASSWORD, state="")
    assert store.run_read(connections.of, account.id).answered_at == NOW
    with pytest.raises(ConflictError):
        here.come_back("")


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"handle": "eve@one.example"}, Trouble.OTHER_ACCOUNT),
        ({"policies": policies()}, Trouble.NOT_ALLOWED),
        ({"policies": policies(Mode.AUTOMATIC)}, Trouble.NOT_ALLOWED),
    ],
)
def test_a_token_that_must_not_be_kept_goes_back(store, vault, here, account, values, trouble):
    """Another account's, or against the policy of now: it is not kept, and is given back to its network."""
    here.begin()
    here.come_back()
    assert here.granted(**values) is trouble
    assert store.run_read(access.of, account.id) is None
    assert returning(store, vault) == ["token"]
    assert store.run_read(connections.of, account.id).trouble is trouble
    assert consents(store, account) == []
    # The trouble ends it: a second token of the same connection is not kept either.
    assert here.granted("second") is Trouble.NOT_ALLOWED
    assert returning(store, vault) == ["token", "second"]


def test_a_token_that_nobody_asked_for_goes_back(store, vault, here, account):
    """Taken back meanwhile: there is no connection any more."""
    assert here.granted() is Trouble.NOT_ALLOWED
    assert returning(store, vault) == ["token"]
    assert store.run_read(access.of, account.id) is None


@pytest.mark.parametrize("lost", [False, True])
def test_a_newer_token_sends_the_older_one_back(store, vault, here, account, lost):
    """Unless the older one works no more: then there is nothing to give back."""
    here.begin()
    here.come_back()
    here.granted("first")
    if lost:
        store.run_write(access.lose, account.id, NOW)
    here.begin(mode=Mode.AUTOMATIC, state="again")
    here.come_back("again")
    assert here.granted("second") is None
    assert store.run_read(access.of, account.id).mode is Mode.AUTOMATIC
    assert returning(store, vault) == ([] if lost else ["first"])
    assert sorted(consents(store, account)) == [("automatic", True), ("one_tap", False)]


def test_another_mode_is_agreed_to_anew(store, here, account):
    """The yes to the former mode ends with the change; the token stays."""
    here.begin()
    here.come_back()
    here.granted()
    here.set_mode(Mode.AUTOMATIC)
    assert store.run_read(access.of, account.id).mode is Mode.AUTOMATIC
    assert sorted(consents(store, account)) == [("automatic", True), ("one_tap", False)]
    with pytest.raises(ConflictError, match="not allowed here"):
        here.set_mode(Mode.ONE_TAP, policies=policies(Mode.AUTOMATIC))


def test_a_yes_to_something_else_ends_no_other(store, here, account):
    """Whoever agrees to the charter of today still lends the account."""
    here.begin()
    here.come_back()
    here.granted()
    before = consents(store, account)
    store.run_write(volunteers.update, account.volunteer_id, charter_version="0")
    store.run_write(lending.accept_charter, account.volunteer_id, lang="fr", now=NOW)
    assert consents(store, account) == before
    assert [holds for _, holds in before] == [True]


def test_no_mode_without_a_token_that_works(store, here, account):
    """Never lent, or lost since: there is nothing to use in another mode."""
    with pytest.raises(ConflictError, match="is not lent"):
        here.set_mode(Mode.AUTOMATIC)
    here.begin()
    here.come_back()
    here.granted()
    store.run_write(access.lose, account.id, NOW)
    with pytest.raises(ConflictError, match="is not lent"):
        here.set_mode(Mode.AUTOMATIC)


def test_taking_back_ends_everything_once(store, vault, here, account):
    """The token goes back, the yes is withdrawn, a connection under way dropped; again there is nothing."""
    here.begin()
    here.come_back()
    here.granted()
    here.begin(state="again")
    actor = Actor("volunteer", account.volunteer_id)
    taken = [store.run_write(lending.take_back, account, now=NOW + MINUTE, actor=actor) for _ in range(2)]
    assert taken == [True, False]
    assert store.run_read(access.of, account.id) is None
    assert store.run_read(connections.of, account.id) is None
    assert returning(store, vault) == ["token"]
    assert consents(store, account) == [("one_tap", False)]
    assert len(store.run_read(journal.read, action="access.ended")) == 1


def test_all_of_a_network_are_taken_back(store, here, account, make_volunteer):
    """Those of other networks stay; an empty name means all."""
    here.begin()
    here.come_back()
    here.granted()
    make_volunteer(accounts=[(NETWORK, "nina@one.example")])  # has lent nothing
    assert store.run_write(lending.take_back_all, network="x", now=NOW, actor=Actor("cli")) == 0
    assert store.run_write(lending.take_back_all, network="", now=NOW, actor=Actor("cli")) == 1
    assert store.run_write(lending.take_back_all, network=NETWORK, now=NOW, actor=Actor("cli")) == 0


def test_an_account_is_its_volunteers_own(store, account, make_volunteer):
    """Another volunteer does not find it."""
    other = make_volunteer()
    assert store.run_read(lending.own, account.id, account.volunteer_id) == account
    with pytest.raises(NotFoundError, match="not on your page"):
        store.run_read(lending.own, account.id, other.id)


def test_the_charter_of_today_is_agreed_to_once(store, make_volunteer):
    """An older one is replaced, with a yes; the same again, or somebody who has left, changes nothing."""
    volunteer = make_volunteer()
    store.run_write(volunteers.update, volunteer.id, charter_version="0")

    def yeses() -> int:
        found = store.run_read(journal.consents, f"volunteer:{volunteer.id}")
        return sum(one["purpose"] == CHARTER.purpose for one in found)

    for _ in range(2):
        store.run_write(lending.accept_charter, volunteer.id, lang="fr", now=NOW)
        assert store.run_read(volunteers.get, volunteer.id).charter_version == CHARTER.version
        assert yeses() == 1
    store.run_write(change.leave, volunteer.id, now=NOW, actor=Actor("volunteer", volunteer.id))
    store.run_write(volunteers.update, volunteer.id, charter_version="0")
    store.run_write(lending.accept_charter, volunteer.id, lang="fr", now=NOW)
    assert store.run_read(volunteers.get, volunteer.id).charter_version == "0"


def test_a_token_that_a_network_does_not_take_is_offered_ever_less_often(store, vault, account):
    """After two minutes, four, eight, up to six hours; later where the network says so; 30 days at most."""
    sealed = vault.seal.close(f"access:{account.id}:token:{NETWORK}", Secret("token"))
    store.run_write(revocations.add, account.id, sealed)
    now, waits = NOW, []
    for tries in range(1, 13):
        (one,) = store.run_read(revocations.due, now, 5)
        assert store.run_write(revocations.take, one, now)
        (one,) = store.run_read(revocations.page)
        assert one.tries == tries
        assert not store.run_write(returns.not_yet, one, why="No answer.", until=None, now=now)
        (one,) = store.run_read(revocations.page)
        waits.append(one.next_at - now)
        now = one.next_at
    assert waits[:3] == [MINUTE * 2, MINUTE * 4, MINUTE * 8]
    assert waits[-1] == waits[-2] == returns.RETRY_MAX
    for until, wait in ((now + DAY, DAY), (now, returns.RETRY)):
        store.run_write(returns.not_yet, one, why="Later.", until=until, now=now)
        assert store.run_read(revocations.page)[0].next_at == now + wait
    assert not store.run_write(returns.not_yet, one, why="x", until=None, now=NOW + returns.GIVE_UP)
    assert store.run_write(returns.not_yet, one, why="x", until=None, now=NOW + returns.GIVE_UP + MINUTE)
    assert store.run_read(revocations.page) == []
    assert len(store.run_read(journal.read, action="access.not_revoked")) == 1


def test_a_token_that_was_given_back_is_forgotten(store, vault, account):
    """It is in no table any more, and the journal says so."""
    store.run_write(revocations.add, account.id, vault.seal.close("x:1:y:z", Secret("token")))
    (one,) = store.run_read(revocations.page)
    store.run_write(returns.given_back, one, now=NOW)
    assert store.run_read(revocations.page) == []
    (entry,) = store.run_read(journal.read, action="access.revoked")
    assert entry.subject == f"volunteer:{account.volunteer_id}"


def test_an_instance_may_allow_less_or_more(account):
    """Where the policy names the account's instance, that counts; elsewhere the network's own word does."""
    plain, both = policies(Mode.ONE_TAP)[NETWORK], policies(Mode.ONE_TAP, Mode.AUTOMATIC)[NETWORK]
    found = replace(plain, instances={"one.example": both})
    assert lending.allowed({NETWORK: found}, account) == (Mode.ONE_TAP, Mode.AUTOMATIC)
    assert lending.allowed({NETWORK: found}, replace(account, handle="samir@two.example")) == (Mode.ONE_TAP,)
    assert lending.allowed({}, account) == ()
