"""Connections that volunteers began are finished, and tokens go back, outside the pages."""

import asyncio
import os
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import errands
from bot.delivery import lending, panic, tokens
from bot.errors import ConflictError
from bot.lenders import back_to
from bot.model.boost import Mode
from bot.model.journal import CLI, Actor
from bot.model.lending import LASTS, Trouble, Way
from bot.model.secret import Secret
from bot.networks.connect.base import Begun
from bot.privacy import retention
from bot.roster import change
from bot.storage import access, connections, journal, revocations, volunteers
from tests.clocks import NOW
from tests.fakes.lender import FakeLender
from tests.lent import allow, make_vault, run_errands

HANDLE = "samir@piaille.fr"


@pytest.fixture
def lender():
    """The network."""
    made = FakeLender()
    yield made
    made.end()


@pytest.fixture
def key(tmp_path):
    """The vault's private key."""
    return tmp_path / "vault.key"


@pytest.fixture
def seal(app, key):
    """The vault's public key."""
    return make_vault(app, key)


@pytest.fixture
def app(app):
    """An installation whose policy allows every mode on Mastodon."""
    return allow(app, "mastodon")


@pytest.fixture
def account(make_volunteer):
    """A volunteer's account."""
    return make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0]


@pytest.fixture
def begin(app, seal, account):
    """Begin a connection as the page does; give the state."""

    def do(mode=Mode.ONE_TAP, way=Way.PAGE, kept="verifier", state="s" * 22):
        begun = Begun("", state, Secret(f"{kept} {HANDLE}" if way is Way.PAGE else kept))
        values = {"mode": mode, "way": way, "state": state, "policies": app.policies, "lang": "fr"}
        app.store.run_write(lending.begin, seal, account, begun.kept, now=NOW, **values)
        return state

    return do


@pytest.fixture
def come_back(app, seal, account, lender):
    """Say yes at the network as `handle` and bring the answer back."""

    def do(state, handle=HANDLE, volunteer_id=None):
        url = f"{lender.url}/consent?back={back_to(app, 'mastodon')}&state={state}"
        query = {k: v[0] for k, v in parse_qs(urlsplit(lender.say_yes(url, handle)).query).items()}
        who = volunteer_id or account.volunteer_id
        now = app.clock.now()
        return app.store.run_write(
            lending.come_back, seal, query["state"], query, network="mastodon", volunteer_id=who, now=now
        )

    return do


@pytest.fixture
def work(app, lender, key):
    """Let the daemon do what is due."""
    return lambda: run_errands(app, lender.lenders(), key)


def trouble_of(app, account):
    """Give why the account's connection did not come about."""
    return app.store.run_read(connections.of, account.id).trouble


def test_an_account_is_lent(app, account, lender, begin, come_back, work):
    """The token is kept sealed in the mode chosen, the yes stands with its text, nothing else is left."""
    come_back(begin(Mode.AUTOMATIC))
    assert work() == 1
    kept = app.store.run_read(access.of, account.id)
    assert kept.mode is Mode.AUTOMATIC
    assert list(lender.tokens.values()) == [HANDLE]
    assert app.store.run_read(connections.of, account.id) is None
    consent = app.store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")[-1]
    assert (consent["purpose"], consent["text_version"]) == ("lend_mastodon", "automatic-1")
    assert "sans me demander" in consent["text"]
    assert work() == 0


def test_an_app_password_is_used_once_and_forgotten(app, account, lender, begin, work):
    """It is exchanged for a token and kept nowhere; a wrong one is said to be wrong."""
    begin(way=Way.PASSWORD, kept="wrong")
    work()
    assert trouble_of(app, account) is Trouble.PASSWORD
    begin(way=Way.PASSWORD, kept=lender.password)
    work()
    assert app.store.run_read(access.of, account.id).mode is Mode.ONE_TAP
    assert app.store.run_read(connections.of, account.id) is None


def test_another_account_gives_its_token_back(app, account, lender, begin, come_back, work):
    """Who said yes under another handle has lent nothing, and that token works no more."""
    come_back(begin(), handle="other@piaille.fr")
    work()
    assert trouble_of(app, account) is Trouble.OTHER_ACCOUNT
    assert app.store.run_read(access.of, account.id) is None
    work()
    assert lender.tokens == {}


def test_nobody_finishes_it_for_somebody_else(begin, come_back, make_volunteer):
    """The answer counts on the page of the volunteer who began, once, within ten minutes."""
    state = begin()
    with pytest.raises(ConflictError, match="another browser"):
        come_back(state, volunteer_id=make_volunteer().id)
    with pytest.raises(ConflictError, match="another browser"):
        come_back("not-the-state")
    come_back(state)
    with pytest.raises(ConflictError, match="another browser"):
        come_back(state)


def test_a_connection_expires(app, clock, begin, come_back):
    """After ten minutes it can only be begun anew, and the next sweep forgets it."""
    state = begin()
    clock.advance(LASTS)
    with pytest.raises(ConflictError, match="too long ago"):
        come_back(state)
    assert retention.sweep(app.store, app.ledger(), now=clock.now())["connections"] == 1


def test_a_silent_network_is_said(app, account, lender, begin, come_back, work):
    """When the network does not answer, the volunteer can begin again; nothing was granted."""
    come_back(begin())
    lender.down = True
    work()
    assert trouble_of(app, account) is Trouble.UNAVAILABLE
    lender.down = False
    come_back(begin())
    work()
    assert app.store.run_read(access.of, account.id) is not None


def test_a_code_is_good_once(app, account, lender, begin, come_back, work):
    """A code that the network does not know any more is a refusal, in words of its own."""
    come_back(begin())
    lender.codes.clear()
    work()
    assert trouble_of(app, account) is Trouble.REFUSED


def test_a_worker_that_died_leaves_a_clear_end(app, account, clock, begin, come_back, work):
    """A connection that somebody took and never finished is cut off, after a minute and not before."""
    come_back(begin())
    assert app.store.run_write(connections.take, account.id, clock.now())
    assert work() == 0
    clock.advance(connections.LEASE)
    work()
    assert trouble_of(app, account) is Trouble.CUT_OFF


def test_policy_that_changed_meanwhile_wins(app, account, seal, begin):
    """A token for a mode that is not allowed any more is not kept, and goes back."""
    begin(Mode.AUTOMATIC)
    closed = allow(app).policies
    got = app.store.run_write(
        lending.granted, seal, account, Secret("t"), handle=HANDLE, policies=closed, now=NOW
    )
    assert got is Trouble.NOT_ALLOWED
    assert app.store.run_read(access.of, account.id) is None
    assert len(app.store.run_read(revocations.page)) == 1


def test_leaving_gives_the_token_back(app, account, lender, begin, come_back, work):
    """After leaving nothing is sealed here any more and the token does not work at the network."""
    come_back(begin())
    work()
    app.store.run_write(change.leave, account.volunteer_id, now=NOW, actor=CLI)
    assert app.store.run_read(access.of, account.id) is None
    assert lender.tokens
    work()
    assert lender.tokens == {}
    assert app.store.run_read(revocations.page) == []
    lines = app.store.run_read(journal.read, subject=f"volunteer:{account.volunteer_id}", action="access.")
    assert [line.action for line in lines] == ["access.revoked", "access.given"]


def test_ninety_idle_days_give_the_token_back(app, account, clock, lender, begin, come_back, work):
    """A token that nobody used for ninety days goes back, and the yes has ended."""
    come_back(begin())
    work()
    clock.advance(timedelta(days=90))
    assert retention.sweep(app.store, app.ledger(), now=clock.now())["tokens"] == 1
    work()
    assert lender.tokens == {}
    consent = app.store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")[-1]
    assert consent["withdrawn_at"] is not None


def test_a_network_that_does_not_take_it_back_is_asked_again(
    app, account, clock, lender, begin, come_back, work
):
    """Ever less often, with the reason for the operator; after thirty days it is erased all the same."""
    come_back(begin())
    work()
    lender.down = True
    actor = Actor("volunteer", account.volunteer_id)
    assert app.store.run_write(lending.take_back, account, now=NOW, actor=actor)
    assert app.store.run_read(access.of, account.id) is None
    tries = 0
    while app.store.run_read(revocations.page):
        tries += work()
        assert work() == 0, "not again at once"
        clock.advance(timedelta(hours=3))
        if tries == 1:
            assert app.store.run_read(revocations.waiting) == {"mastodon": (1, "the fake is down")}
    assert 100 < tries < 250
    last = app.store.run_read(journal.read, action="access.", limit=1)[0]
    assert last.action == "access.not_revoked"


def test_a_halt_holds_connections_up_and_lets_tokens_go_back(app, account, lender, begin, come_back, work):
    """While everything stands still nobody is connected; what takes rights away goes on."""
    come_back(begin())
    work()
    app.store.run_write(lending.take_back, account, now=NOW, actor=CLI)
    come_back(begin(Mode.ONE_TAP))
    app.store.run_write(panic.halt, reason="", now=NOW, actor=CLI)
    work()
    assert lender.tokens == {}
    assert app.store.run_read(access.of, account.id) is None
    app.store.run_write(panic.resume, reason="seen", now=NOW, actor=CLI)
    work()
    assert app.store.run_read(access.of, account.id) is not None


def test_all_tokens_go_back_at_once(app, lender, seal, make_volunteer, work):
    """After a breach every token goes back, twenty side by side: `TOKENS_BACK=1000` measures the drill."""
    count = int(os.environ.get("TOKENS_BACK", "25"))
    for number in range(count):
        one = make_volunteer(accounts=[("mastodon", f"v{number}@piaille.fr")]).accounts[0]
        lender.tokens[f"t{number}"] = one.handle
        app.store.run_write(tokens.give, seal, one, Secret(f"t{number}"), mode=Mode.ONE_TAP, now=NOW)
    app.store.run_write(panic.halt, reason="", now=NOW, actor=CLI)
    assert app.store.run_write(lending.take_back_all, network="", now=NOW, actor=CLI) == count
    start = time.monotonic()
    turns = [work()]
    while turns[-1]:
        turns.append(work())
    took = time.monotonic() - start
    assert sum(turns) == count
    assert max(turns) <= errands.AT_ONCE
    assert lender.tokens == {}
    assert took + len(turns) * errands.PAUSE_S < max(60, count * 0.6)


def test_the_daemons_task_goes_on_by_itself(app, account, lender, key, begin, come_back):
    """It finishes what waits, then gives back what is taken back, until it is cancelled."""
    app = replace(app, settings=app.settings.model_copy(update={"vault_key": str(key)}))
    come_back(begin())

    async def until(done):
        async with asyncio.timeout(30):
            while not await app.store.read(done):  # noqa: ASYNC110  rows have no event
                await asyncio.sleep(0.05)

    async def live():
        task = asyncio.create_task(errands.run(app, lender.lenders()))
        await until(lambda session: access.of(session, account.id) is not None)
        await app.store.write(lending.take_back, account, now=NOW, actor=CLI)
        await until(lambda session: not revocations.page(session))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(live())
    assert lender.tokens == {}


def test_what_is_sealed_stays_sealed(app, account, lender, begin, come_back, work):
    """No code, verifier, password or token stands in the database's files in plain text."""
    come_back(begin(kept="verifier canary-kept"))
    begin(way=Way.PASSWORD, kept=lender.password)
    work()
    found = [path.read_bytes() for path in app.settings.data_dir.iterdir() if path.is_file()]
    assert any(account.handle.encode() in held for held in found), "the search would find something"
    for word in (b"canary-", b"verifier", lender.password.encode()):
        assert not any(word in held for held in found)


def test_a_volunteer_who_lends_agrees_to_the_charter_of_today(app, account):
    """The charter of before is over, the new one stands with its text; twice changes nothing."""
    for _ in range(2):
        app.store.run_write(lending.accept_charter, account.volunteer_id, lang="en", now=NOW)
    assert app.store.run_read(volunteers.get, account.volunteer_id).charter_version == "2"
    agreed = app.store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")
    assert [(one["purpose"], one["text_version"]) for one in agreed] == [("charter", "2")]
