"""Lending an account on an instance beyond the contract: applications, scopes, mix-up, tokens that end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.connect.mastodon_key import read_key
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from tests.contract.mastodon import HERE, NOBODY, play
from tests.contract.stage import intent_of
from tests.contract.test_connecting import BACK, granted
from tests.fakes.proxy import Fault
from tests.fakes.wire import whole


def asked(made, path):
    """The requests to a path."""
    return [request for request, _ in made.proxy.seen if request.path == path]


def test_one_application_serves_an_instance():
    """However many connect, at once or later, it is registered once, with the scopes that are needed."""

    async def scene(made):
        begun = await asyncio.gather(*(made.connect.begin(made.lent.account, BACK) for _ in range(8)))
        assert len({one.state for one in begun}) == 8
        return [request.form() for request in asked(made, "/api/v1/apps")]

    [form] = play(scene)
    assert form["scopes"] == "profile read:statuses read:search write:statuses"
    assert form["redirect_uris"] == BACK


def test_an_older_server_is_asked_for_what_it_knows():
    """Where `profile` is not known, `read:accounts` takes its place."""

    async def scene(made):
        found = await granted(made)
        return asked(made, "/api/v1/apps")[0].form()["scopes"], read_key(found.token)

    scopes, key = play(scene, modern=False)
    assert scopes.split()[0] == "read:accounts"
    assert key.account_id


@pytest.mark.parametrize(("switches", "software"), [({}, "mastodon"), ({"duplicating": True}, "gotosocial")])
def test_what_an_instance_runs_is_kept_with_the_token(switches, software):
    """The token says whether a second boost would be another; silence means that it would."""

    async def scene(made):
        told = read_key((await granted(made)).token)
        made.connect._apps.clear()
        made.proxy.meet(
            Fault.INSTEAD, lambda request: "nodeinfo" in request.path, answer=whole(b"<html>", 404)
        )
        silent = read_key((await granted(made)).token)
        return told.software, silent.software, silent.idempotent

    assert play(scene, **switches) == (software, "", False)


def test_less_than_was_asked_is_given_back():
    """A token without a scope that boosting needs is revoked at once."""

    async def scene(made):
        made.here.withheld = frozenset({"write:statuses"})
        before = set(made.here.tokens)
        with pytest.raises(RefusedError, match="write:statuses"):
            await granted(made)
        return set(made.here.tokens) - before

    assert play(scene) == set()


def test_somebody_else_s_token_is_given_back():
    """A token of another account than the roster's does not stay alive at the instance."""

    async def scene(made):
        before = set(made.here.tokens)
        begun = await made.connect.begin(made.lent.account, BACK)
        with pytest.raises(RefusedError):
            await made.connect.finish(begun.kept, BACK, await made.consent(begun.url, as_another=True))
        return set(made.here.tokens) - before

    assert play(scene) == set()


def test_another_server_s_answer_is_refused():
    """An answer that names another issuer never reaches the token's server (mix-up)."""

    async def scene(made):
        begun = await made.connect.begin(made.lent.account, BACK)
        answer = dict(await made.consent(begun.url))
        with pytest.raises(RefusedError):
            await made.connect.finish(begun.kept, BACK, {**answer, "iss": "https://evil.example"})
        assert asked(made, "/oauth/token") == []
        await made.connect.finish(begun.kept, BACK, {**answer, "iss": f"https://{HERE}/"})

    play(scene)


def test_the_verifier_stays_here():
    """The page of consent sees the challenge only; another verifier redeems nothing."""

    async def scene(made):
        begun = await made.connect.begin(made.lent.account, BACK)
        verifier = begun.kept.reveal().partition('"verifier": "')[2].partition('"')[0]
        assert len(verifier) >= 43
        assert verifier not in begun.url
        assert "code_challenge_method=S256" in begun.url
        answer = await made.consent(begun.url)
        stolen = Secret(begun.kept.reveal().replace(verifier, "x" * 43))
        with pytest.raises(RefusedError):
            await made.connect.finish(stolen, BACK, answer)

    play(scene)


@pytest.mark.parametrize("kept", ["", "x", "{}", "[]", "null", '{"server": {}}'])
def test_what_was_not_kept_by_us_is_refused(kept):
    """Text of something else finishes nothing."""

    async def scene(made):
        await made.connect.finish(Secret(kept), BACK, {"state": "x", "code": "y"})

    with pytest.raises(RefusedError):
        play(scene)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole(b'{"error":"Too many"}', 429), RateLimitedError),
        (whole(b"<html>", 404), UnavailableError),
        (whole(b'{"error":"Not found"}', 404), RefusedError),
        (whole(b"<html>", 200), UnavailableError),
        (whole(b"{}", 200), UnavailableError),
        (whole(b'{"client_id": 3, "client_secret": "x"}', 200), UnavailableError),
        (whole(b"", 500), UnavailableError),
    ],
)
def test_an_instance_that_registers_nothing(answer, error):
    """A full window, another kind of server and odd answers are named by what to do."""

    async def scene(made):
        made.proxy.meet(Fault.INSTEAD, lambda request: request.path == "/api/v1/apps", answer=answer)
        with pytest.raises(error):
            await made.connect.begin(made.lent.account, BACK)
        return (await made.connect.begin(made.lent.account, BACK)).url

    assert play(scene)


def test_an_instance_that_is_not_there():
    """A host that cannot be reached is unavailable; nothing is kept of it."""

    async def scene(made):
        with pytest.raises(UnavailableError):
            await made.connect.begin(Account(2, 2, "mastodon", f"lea@{NOBODY}"), BACK)
        return list(made.connect._apps)

    assert play(scene) == []


def test_a_token_that_ends_is_renewed():
    """Near its end a token is exchanged for one that works; the old one does not any more."""

    async def scene(made):
        made.here.token_s = 3600
        found = await granted(made)
        lent = Lent(made.lent.account, found.token)
        now = datetime.now(UTC)
        assert await made.api.renew(lent, now) is None
        fresh = await made.api.renew(lent, now + timedelta(minutes=56))
        assert fresh is not None
        intent = intent_of(await made.api.locate(Lent(lent.account, fresh), await made.post("Je cherche")))
        await made.api.boost(Lent(lent.account, fresh), intent)
        with pytest.raises(AccessLostError):
            await made.api.boost(lent, intent)
        with pytest.raises(AccessLostError):
            await made.api.renew(lent, now + timedelta(minutes=56))
        return read_key(fresh), read_key(found.token)

    fresh, old = play(scene)
    assert (fresh.account_id, fresh.software, fresh.base) == (old.account_id, old.software, old.base)
    assert fresh.access != old.access


def test_giving_back_is_made_sure_of():
    """An instance that refuses to take a token back is asked whether it still works."""

    async def scene(made):
        found = await granted(made)
        for _ in range(2):
            made.proxy.meet(
                Fault.INSTEAD,
                lambda request: request.path == "/oauth/revoke",
                answer=whole(b'{"error":"unauthorized_client"}', 403),
            )
        with pytest.raises(RefusedError):
            await made.connect.revoke(found.token)
        made.here.tokens.pop(read_key(found.token).access)
        await made.connect.revoke(found.token)

    play(scene)


def test_no_password_is_taken():
    """Mastodon has no app passwords."""

    async def scene(made):
        assert not made.connect.password
        await made.connect.sign_in(made.lent.account, Secret("s3cret"))

    with pytest.raises(RefusedError) as raised:
        play(scene)
    assert "s3cret" not in str(raised.value)


def test_the_name_on_the_roster_decides_the_host():
    """The handle that comes back is the name at the instance, at the roster's host."""
    assert play(granted).handle == f"samir@{HERE}"
