"""What a log-in provider says about who came, believed after every check only (OpenID Core, 3.1.3.7)."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from jwt.types import Options

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""Never `none`, never one whose key both sides know."""
KINDS = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S = 60
"""Seconds by which the provider's clock may be off."""
AGE_MAX_S = 600
"""Seconds since a token was made: it is redeemed at once."""
SUBJECT_MAX = 255
_OPTIONS: Options = {
    "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
    "enforce_minimum_key_length": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
"""Times are checked below: the library asks the machine's clock, and ours is an argument."""


class WrongTokenError(Exception):
    """The token is not what was asked for; its text says why, for tests and the log."""


def key_id(token: str) -> str:
    """Give which of the provider's keys signed a token, as it says; empty when it does not say.

    Raises:
        WrongTokenError: it is no token, or signed in a way that is not allowed.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise WrongTokenError(str(error)) from error
    _need(header.get("alg") in ALGORITHMS, "not an algorithm that is allowed")
    return str(header.get("kid", ""))


def check(
    token: str, key: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, Any]:
    """Give the claims of a token that `key`, one of the provider's, signed for this very log-in.

    Raises:
        WrongTokenError: signature, issuer, audience, nonce or time is wrong.
    """
    _need(key.get("kty") in KINDS and key.get("use", "sig") == "sig", "not a key that signs")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key)),
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            options=_OPTIONS,
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise WrongTokenError(str(error)) from error
    _check_party(claims, client_id)
    _need(hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()), "made for another log-in")
    _check_times(claims, now.timestamp())
    _need(0 < len(claims["sub"]) <= SUBJECT_MAX, "a subject of no length that is allowed")
    return claims


def second_factor(claims: Mapping[str, Any], accepted: frozenset[str]) -> bool:
    """Whether the provider asked for a second factor: `amr` or `acr` names one of those that are accepted."""
    methods = claims.get("amr")
    said = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    level = claims.get("acr")
    return bool(accepted & said) or (isinstance(level, str) and level in accepted)


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several must say that it was made for us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    _need(claims.get("azp", "" if several else client_id) == client_id, "made for somebody else")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in times.values())
    _need(numbers, "times that are no numbers")
    _need(times["exp"] > now - LEEWAY_S, "it has run out")
    _need(now - AGE_MAX_S < times["iat"] < now + LEEWAY_S, "made at another time")
    _need(times.get("nbf", now) <= now + LEEWAY_S, "not valid yet")


def _need(holds: bool, why: str) -> None:
    if not holds:
        raise WrongTokenError(why)
