"""Which tokens of a log-in provider are believed, claim by claim, at both ends of every bound."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.trust.id_token import WrongTokenError, check, key_id
from tests.clocks import NOW

ISSUER, US, NONCE = "https://login.example", "languette", "nonce-of-this-log-in"
SECRET = ec.generate_private_key(ec.SECP256R1())
KEY = jwt.algorithms.ECAlgorithm.to_jwk(SECRET.public_key(), as_dict=True) | {"kid": "k"}
CLAIMS = {"iss": ISSUER, "sub": "7", "aud": US, "nonce": NONCE}


def at(**span: float) -> float:
    """Give a moment so long after NOW, as tokens write it."""
    return (NOW + timedelta(**span)).timestamp()


def token(headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """Sign a token that is good but for what is given; None leaves a claim out."""
    values = CLAIMS | {"exp": at(minutes=5), "iat": at()} | claims
    kept = {name: value for name, value in values.items() if value is not None}
    return jwt.encode(kept, SECRET, "ES256", headers=headers)


def believed(made: str, **key: Any) -> dict[str, Any]:
    """Check a token at NOW."""
    return check(made, KEY | key, issuer=ISSUER, client_id=US, nonce=NONCE, now=NOW)


def test_it_says_which_key_signed_it():
    """Or nothing, which stands for the only one there is."""
    assert key_id(token({"kid": "k"})) == "k"
    assert key_id(token()) == ""
    with pytest.raises(WrongTokenError):
        key_id("no token")
    with pytest.raises(WrongTokenError, match="not an algorithm"):
        key_id(jwt.encode({}, "x" * 64, "HS512"))


def test_a_key_may_leave_out_that_it_signs():
    """One that says that it encrypts does not sign; of another kind neither."""
    assert believed(token())["sub"] == "7"
    assert believed(token(), use="sig")["sub"] == "7"
    for wrong in ({"use": "enc"}, {"kty": "oct"}, {"kty": None}):
        with pytest.raises(WrongTokenError, match="not a key that signs"):
            believed(token(), **wrong)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_every_claim_that_is_checked_must_be_there(name: str):
    """A token that leaves one out says nothing of it."""
    with pytest.raises(WrongTokenError):
        believed(token(**{name: None}))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": at(seconds=-59)},
        {"iat": at(seconds=59)},
        {"iat": at(seconds=-599)},
        {"nbf": at(seconds=60)},
        {"nbf": at()},
        {"aud": [US]},
        {"aud": [US, "other"], "azp": US},
        {"azp": US},
        {"sub": "x"},
        {"sub": "x" * 255},
    ],
)
def test_what_is_just_within_its_bounds_is_believed(claims: dict[str, Any]):
    """A clock may be a minute off, a token ten minutes old, a subject 255 characters long."""
    assert believed(token(**claims))["nonce"] == NONCE


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": at(seconds=-60)}, "it has run out"),
        ({"iat": at(seconds=60)}, "made at another time"),
        ({"iat": at(seconds=-600)}, "made at another time"),
        ({"nbf": at(seconds=61)}, "not valid yet"),
        ({"exp": True}, "times that are no numbers"),
        ({"iat": "yesterday"}, "times that are no numbers"),
        ({"nbf": [1]}, "times that are no numbers"),
        ({"aud": [US, "other"]}, "made for somebody else"),
        ({"azp": "other"}, "made for somebody else"),
        ({"aud": "other"}, "."),
        ({"iss": "https://other.example"}, "."),
        ({"nonce": "another"}, "made for another log-in"),
        ({"nonce": ""}, "made for another log-in"),
        ({"sub": ""}, "a subject of no length"),
        ({"sub": "x" * 256}, "a subject of no length"),
    ],
)
def test_what_is_just_beyond_them_is_not(claims: dict[str, Any], why: str):
    """The text says which, for the log."""
    with pytest.raises(WrongTokenError, match=why):
        believed(token(**claims))


def test_a_signature_of_another_key_is_none():
    """Whatever the token says of itself."""
    other = ec.generate_private_key(ec.SECP256R1())
    forged = jwt.encode(CLAIMS | {"exp": at(minutes=5), "iat": at()}, other, "ES256")
    with pytest.raises(WrongTokenError):
        believed(forged)
