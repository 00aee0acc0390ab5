"""What Mastodon's answers mean: whose trouble, until when, and that a page proves nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.calls import Action, Scope
from bot.networks.api.mastodon_answers import learnt, opens, trouble, undecided
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Answer

NOW = datetime(2026, 11, 25, 14, tzinfo=UTC)
DATE = "Wed, 25 Nov 2026 14:00:00 GMT"
PAGE = b"<html>no</html>"


def says(status, error=None, **headers):
    """An answer: an error in the API's form, or a page."""
    body = PAGE if error is None else json.dumps({"error": error}).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("answer", "error", "scope"),
    [
        (says(401, "The access token is invalid"), AccessLostError, Scope.ACCOUNT),
        (says(401, "The access token was revoked"), AccessLostError, Scope.ACCOUNT),
        (says(403, "This action is outside the authorized scopes"), AccessLostError, Scope.ACCOUNT),
        (says(403, "token has insufficient scope permission"), AccessLostError, Scope.ACCOUNT),
        (says(403, "Your login is currently disabled"), AccessLostError, Scope.ACCOUNT),
        (says(403, "Your login is missing a confirmed e-mail address"), AccessLostError, Scope.ACCOUNT),
        (says(403, "Your login is currently pending approval"), AccessLostError, Scope.ACCOUNT),
        (says(422, "This method requires an authenticated user"), AccessLostError, Scope.ACCOUNT),
        (says(403, "This action is not allowed"), RefusedError, Scope.ACCOUNT),
        (says(403, "you do not have permission to boost this status"), RefusedError, Scope.ACCOUNT),
        (says(404, "Record not found"), RefusedError, Scope.ACCOUNT),
        (says(410, "Gone"), RefusedError, Scope.ACCOUNT),
        (says(422, "Validation failed: Text can't be blank"), RefusedError, Scope.ACCOUNT),
        (says(422, "Validation failed: Reblog of status already exists"), UnavailableError, Scope.ACCOUNT),
        (says(429, "Too many requests"), RateLimitedError, Scope.ACCOUNT),
        (says(429), RateLimitedError, Scope.INSTANCE),
        (says(401), UnavailableError, Scope.INSTANCE),
        (says(403), UnavailableError, Scope.INSTANCE),
        (says(404), UnavailableError, Scope.INSTANCE),
        (says(410), UnavailableError, Scope.INSTANCE),
        (says(302), UnavailableError, Scope.INSTANCE),
        (says(503, "Remote data could not be fetched"), UnavailableError, Scope.INSTANCE),
        (says(500), UnavailableError, Scope.INSTANCE),
    ],
)
def test_each_answer_has_its_meaning(answer, error, scope):
    """Errors of the API speak of token and post; a page in their place only says to come back."""
    found = trouble(answer, "piaille.fr", Scope.ACCOUNT, NOW)
    assert type(found) in {error, *error.__subclasses__()}
    assert found.scope is scope
    assert "piaille.fr" in found.why


def test_no_word_of_the_instance_is_repeated():
    """Whatever an instance writes into an error stays there."""
    for status in (401, 403, 404, 422, 429, 500, 503):
        assert "Nadia" not in trouble(says(status, "Nadia said so"), "b.example", Scope.ACCOUNT, NOW).why


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 300),
        ({"retry_after": "30"}, 30),
        ({"retry_after": "0"}, 5),
        ({"retry_after": "999999999999999999999"}, 3 * 3600),
        ({"retry_after": "Wed, 25 Nov 2026 14:02:00 GMT"}, 120),
        ({"retry_after": "soon"}, 300),
        ({"x_ratelimit_reset": "2026-11-25T14:04:00.000Z"}, 240),
        ({"x_ratelimit_reset": "2026-11-25T14:04:00"}, 240),
        ({"x_ratelimit_reset": "1780000000"}, 300),
        ({"x_ratelimit_reset": "2026-11-25T13:00:00.000Z"}, 5),
        ({"x_ratelimit_reset": "2999-01-01T00:00:00.000Z"}, 3 * 3600),
        ({"x_ratelimit_reset": "2026-11-25T15:04:00.000Z", "date": "Wed, 25 Nov 2026 15:00:00 GMT"}, 240),
        ({"x_ratelimit_reset": "2026-11-25T13:04:00.000Z", "date": "Wed, 25 Nov 2026 13:00:00 GMT"}, 240),
        ({"x_ratelimit_reset": "2026-11-25T14:04:00.000Z", "date": "yesterday"}, 240),
    ],
)
def test_when_a_window_opens(headers, seconds):
    """By any header, by none, with either clock wrong, in the past or far ahead: soon, and never now."""
    assert opens(says(429, "no", **headers), NOW) == NOW + timedelta(seconds=seconds)


def test_what_is_left_is_learnt():
    """The headers of an answer give what is left until when, by the server's own clock."""
    headers = {"x_ratelimit_remaining": "12", "x_ratelimit_reset": "2026-11-25T14:30:00.000Z", "date": DATE}
    [found] = learnt(says(200, "", **headers), Action.BOOST, Scope.ACCOUNT, NOW)
    assert (found.left, found.until, found.scope) == (12, NOW + timedelta(minutes=30), Scope.ACCOUNT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_ratelimit_remaining": "12"},
        {"x_ratelimit_remaining": "-1", "x_ratelimit_reset": "2026-11-25T14:30:00Z"},
        {"x_ratelimit_remaining": "²", "x_ratelimit_reset": "2026-11-25T14:30:00Z"},
        {"x_ratelimit_remaining": "12", "x_ratelimit_reset": "2026-11-25T13:30:00Z"},
        {"x_ratelimit_remaining": "12", "x_ratelimit_reset": "1780000000"},
    ],
)
def test_odd_headers_teach_nothing(headers):
    """Headers that are missing, odd or of a window that is over are not believed."""
    assert learnt(says(200, "", **headers), Action.BOOST, Scope.ACCOUNT, NOW) == ()


def test_what_proves_nothing():
    """Of all errors of a server, only 503 says that nothing was done."""
    assert [code for code in (200, 404, 429, 500, 502, 503, 504, 520) if undecided(says(code))] == [
        500,
        502,
        504,
        520,
    ]
