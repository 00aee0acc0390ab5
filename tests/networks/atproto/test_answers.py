"""What servers answer, and what is made of it: limits, refusals, servers that describe themselves oddly."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.calls import Action, Scope
from bot.networks.atproto.answers import learnt, problem, reset_of
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.oauth import Grants
from bot.networks.atproto.token import until_of
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Answer, Http, NoAnswerError, anywhere
from tests.fakes.wire import read_head, whole, wire
from tests.networks.bluesky_lent import ON_LOOPBACK

URL = "https://pds.example/xrpc/a"


def answer(status=200, error="", **headers):
    """A whole answer."""
    body = json.dumps({"error": error} if error else {}).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("found", "writes", "kind"),
    [
        (answer(429), True, RateLimitedError),
        (answer(400, "RateLimitExceeded"), True, RateLimitedError),
        (answer(503), True, UnavailableError),
        (answer(500, "InternalServerError"), True, NoAnswerError),
        (answer(500, "InternalServerError"), False, UnavailableError),
        (answer(502, "UpstreamFailure"), False, UnavailableError),
        (answer(401, "AccountDeactivated"), True, AccessLostError),
        (answer(401), True, AccessLostError),
        (answer(400, "ExpiredToken"), True, AccessLostError),
        (answer(401, "invalid_dpop_proof"), True, UnavailableError),
        (answer(400, "invalid_client_metadata"), True, UnavailableError),
        (answer(403, "ScopeMissingError"), True, AccessLostError),
        (answer(400, "InvalidRequest"), True, RefusedError),
        (answer(403), True, UnavailableError),
        (answer(302), True, UnavailableError),
        (Answer(404, {}, b"<html>"), False, UnavailableError),
    ],
)
def test_each_refusal_is_what_the_caller_must_do(found, writes, kind):
    """By status and code; a page without a code is of something before the PDS."""
    assert type(problem(found, URL, writes=writes)) is kind


def test_headers_say_whose_window_is_full():
    """Five minutes count this machine's calls, hours and days an account's points; unknown is the wider."""
    by_policy = {"3000;w=300": Scope.INSTANCE, "5000;w=3600": Scope.ACCOUNT, "35000;w=86400": Scope.ACCOUNT}
    for policy, scope in by_policy.items():
        assert problem(answer(429, ratelimit_policy=policy), URL).scope is scope
    assert problem(answer(429), URL).scope is Scope.INSTANCE


def test_what_is_left_is_counted_in_calls():
    """A repost costs two points of an account's, and five calls at most of the machine's."""
    soon = str(int((datetime.now(UTC) + timedelta(minutes=3)).timestamp()))
    headers = {"ratelimit_remaining": "101", "ratelimit_reset": soon}
    for policy, left in {"5000;w=3600": 50, "3000;w=300": 20}.items():
        [one] = learnt(answer(ratelimit_policy=policy, **headers), Action.BOOST)
        assert (one.left, one.action) == (left, Action.BOOST)
    assert learnt(answer(**headers), Action.BOOST) == ()


@pytest.mark.parametrize("value", ["", "-5", "1", "1e9", "9" * 5000, "²", "٣", "soon"])
def test_odd_ends_of_windows_are_none_or_soon(value):
    """Whatever a header holds: an end is later than now, and a day ahead at most."""
    now = datetime.now(UTC)
    for name in ("retry_after", "ratelimit_reset"):
        until = reset_of(answer(429, **{name: value}))
        assert until is None or now < until <= datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize("seconds", [None, "x", -1, 0, 10**30, 1.5])
def test_odd_lives_of_tokens(seconds):
    """What is no number lasts an hour, nothing lasts longer than a day."""
    now = datetime.now(UTC)
    assert now <= until_of(seconds, now) <= now + timedelta(days=1)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://other.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "//elsewhere.example"},
        {"token_endpoint": None},
        {"authorization_servers": ["http://127.0.0.1:18002/api/v1/admin?q="]},
        {"authorization_servers": ["https://me@auth.example"]},
        {"authorization_servers": ["https://auth.example/"]},
        {"authorization_servers": ["http://auth.example"]},
        {"pushed_authorization_request_endpoint": 7},
    ],
)
def test_a_server_that_describes_itself_oddly_is_refused(changed):
    """Another's name, an endpoint that is no address to go to, a missing one."""
    ends = ("authorization", "token", "pushed_authorization_request", "revocation")

    async def answering(request, writer):
        where = read_head(request).header("host")
        page = {"issuer": f"http://{where}", "authorization_servers": [f"http://{where}"]}
        page |= {f"{end}_endpoint": f"http://{where}/{end}" for end in ends} | changed
        writer.write(whole(json.dumps(page).encode()))

    async def run():
        async with wire(answering) as url, Http(anywhere) as http:
            await Grants(Calls(http), ON_LOOPBACK).server_of(url)

    with pytest.raises(RefusedError):
        asyncio.run(run())
