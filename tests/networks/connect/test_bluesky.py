"""Lending an account on the official PDS, beyond what every network must do (tests/contract)."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.secret import Secret
from bot.networks.api.base import Lent
from bot.networks.atproto import token as tokens
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.client import METADATA_PATH, SCOPE, Client
from bot.networks.atproto.jws import Key
from bot.networks.atproto.records import POSTS
from bot.networks.errors import AccessLostError, RefusedError
from bot.networks.http import Http, NoAnswerError, anywhere
from tests.contract.stage import BACK
from tests.fakes.proxy import Fault
from tests.networks.bluesky_lent import BACK_TO, account, consented, intent, lend, play
from tests.pds import CLIENT, PASSWORD, SITE, Pds

LATER = timedelta(hours=3)


@pytest.fixture(scope="module")
def samir(atnet: Pds):
    """A volunteer."""
    return atnet.person("samir")


def write_post(pds, lent):
    """Try to post with what opens the account."""

    async def act():
        async with Http(anywhere) as http:
            mine = tokens.read(lent.token)
            record = {"$type": POSTS, "text": "no", "createdAt": "2026-11-25T08:00:00.000Z"}
            body = {"repo": mine.did, "collection": POSTS, "record": record}
            return await Calls(http).write(mine, "com.atproto.repo.createRecord", body)

    return asyncio.run(act())


def test_consent_opens_reposts_and_nothing_else(pds, samir):
    """From a loopback client, for the scope that was asked for: a post by it is refused."""
    lent = consented(pds, samir)
    mine = tokens.read(lent.token)
    assert (mine.did, mine.issuer, mine.scope) == (samir.did, pds.url, SCOPE)
    with pytest.raises(AccessLostError, match="ScopeMissingError"):
        write_post(pds, lent)


def test_a_named_site_is_a_confidential_client(pds, samir):
    """It signs with the key that its documents show: consent, boost, renewal, giving back."""
    lent = consented(pds, samir, CLIENT, BACK)
    assert tokens.read(lent.token).client_id == f"{SITE}{METADATA_PATH}"
    post = pds.post(samir)

    async def act(adapters):
        fresh = Lent(lent.account, await adapters.api.renew(lent, datetime.now(UTC) + LATER))
        made = await adapters.api.boost(fresh, intent(await adapters.api.locate(fresh, post)))
        await adapters.connect.revoke(fresh.token)
        with pytest.raises(AccessLostError):
            await adapters.api.renew(fresh, datetime.now(UTC) + 2 * LATER)
        return made

    assert play(pds, act, CLIENT).remote_id.startswith(f"at://{samir.did}/")
    assert any(b"client_assertion=" in asked.body for asked, _ in pds.proxy.seen)


def test_a_site_with_another_key_is_not_believed(pds, samir):
    """Whoever shows our documents without our key gets no page of consent."""
    thief = Client(SITE, Key.derived(b"thief"))
    with pytest.raises(AccessLostError, match="invalid_client"):
        play(pds, lambda a: a.connect.begin(account(samir), BACK), thief)


@pytest.mark.parametrize(
    "address", ["http://languette.internal", "http://localhost:8000", "https://a.example:8443"]
)
def test_a_site_in_between_is_told_that_only_app_passwords_are_left(pds, samir, address):
    """Neither https on its own port nor a loopback address: refused with the reason."""
    client = Client(address, Key.derived(b"site"))
    with pytest.raises(RefusedError, match="https"):
        play(pds, lambda a: a.connect.begin(account(samir), f"{address}/fr/back"), client)


def begun_and(pds, person, says, **changed):
    """Begin, let `says` answer for the person, change that, and finish."""

    async def act(adapters):
        begun = await adapters.connect.begin(account(person), BACK_TO)
        answer = await asyncio.to_thread(says, begun.url)
        given = {name: value for name, value in (answer | changed).items() if value}
        return await adapters.connect.finish(begun.kept, BACK_TO, given)

    return play(pds, act)


def test_another_account_is_refused(pds, samir):
    """Somebody else says yes on the page that was meant for this account, and their grant is given back."""
    other = pds.person("other")
    with pytest.raises(RefusedError, match="another account"):
        begun_and(pds, samir, lambda page: pds.consent(page, other))
    assert pds.proxy.seen[-1][0].path == "/oauth/revoke"


@pytest.mark.parametrize("changed", [{"iss": "https://elsewhere.example"}, {"iss": ""}, {"code": "cod-00"}])
def test_an_answer_that_was_tampered_with_is_refused(pds, samir, changed):
    """Another issuer, no issuer, a code of nobody's."""
    with pytest.raises(RefusedError):
        begun_and(pds, samir, lambda page: pds.consent(page, samir), **changed)


def test_a_handle_of_nobody_is_refused(pds, samir):
    """It is not in the directory, or its owner's document names another."""
    with pytest.raises(RefusedError, match="handle"):
        play(pds, lambda a: a.connect.begin(account(type(samir)("", "nobody.test", "")), BACK_TO))


def test_an_app_password_is_a_second_way(pds, samir):
    """It opens the account until it is given back; the session is renewed like a grant."""
    lent = lend(pds, samir)
    assert not tokens.read(lent.token).oauth
    play(pds, lambda a: a.connect.revoke(lent.token))
    play(pds, lambda a: a.connect.revoke(lent.token))
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.renew(lent, datetime.now(UTC) + LATER))


def test_an_app_password_taken_back_at_the_network_is_lost(pds):
    """Its owner removes it in the settings of Bluesky."""
    person = pds.person("samir")
    lent = lend(pds, person, "languette")
    pds.call("com.atproto.server.revokeAppPassword", {"name": "languette"}, person.session)
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.renew(lent, datetime.now(UTC) + LATER))


@pytest.mark.parametrize(("password", "why"), [(PASSWORD, "own password"), ("aaaa-bbbb-cccc-dddd", "401")])
def test_other_passwords_are_refused(pds, samir, password, why):
    """The account's own opens everything and cannot be taken back alone: its session is ended at once."""
    with pytest.raises(RefusedError, match=why):
        play(pds, lambda a: a.connect.sign_in(account(samir), Secret(password)))
    assert pds.proxy.seen[-1][0].path.endswith("deleteSession") is (password == PASSWORD)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CUT, Fault.ERROR])
def test_a_lost_refresh_is_unknown_and_the_next_one_tells(pds, fault):
    """The pair is gone with the answer: nobody knows until the old refresh token is refused."""
    person = pds.person("samir")
    lent = consented(pds, person)
    pds.proxy.meet(fault, lambda asked: asked.path == "/oauth/token")
    later = datetime.now(UTC) + LATER
    with pytest.raises(NoAnswerError):
        play(pds, lambda a: a.api.renew(lent, later))
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.renew(lent, later))


def test_no_app_password_reaches_a_log(pds, samir, caplog):
    """At DEBUG, libraries included: neither the password nor what it opens."""
    caplog.set_level(logging.DEBUG)
    password = Secret(pds.app_password(samir))

    async def act(adapters):
        given = await adapters.connect.sign_in(account(samir), password)
        lent = Lent(account(samir), given.token)
        fresh = Lent(account(samir), await adapters.api.renew(lent, datetime.now(UTC) + LATER))
        await adapters.connect.revoke(fresh.token)
        return lent, fresh

    found = [tokens.read(lent.token) for lent in play(pds, act)]
    secrets = {password.reveal()} | {one.reveal() for mine in found for one in (mine.access, mine.refresh)}
    assert len(secrets) >= 4  # within one second an access token comes out the same
    assert "Using selector" in caplog.text, "libraries are heard at DEBUG"
    assert not [secret for secret in secrets if secret in caplog.text]
