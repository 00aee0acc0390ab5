"""Security keys and passkeys (WebAuthn) as a second factor: what one is asked, and which answer is good.

A key answers for one site only, so an answer that somebody was lured into giving elsewhere opens nothing
here. It has to know its owner too, by a PIN, a finger or a face: `REQUIRED` below. Who made it is not asked
(no attestation): it would tell one admin's hardware from another's and decide nothing.

Only the pages of keys import this module: the library brings a few megabytes along.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from bot.model.access import SecurityKey
from bot.trust.security_key import Made, Site, WrongAnswerError

REQUIRED = UserVerificationRequirement.REQUIRED
TIMEOUT_MS = 120_000
"""How long a browser waits for its person to find the key."""
ID_MAX = 1023
"""Bytes of a key's id, as the standard bounds it."""
_ALGORITHMS = (-7, -8, -257)
"""COSE's numbers of ES256, EdDSA and RS256, in the order in which a key should choose."""


def to_make(
    site: Site, challenge: bytes, *, user: bytes, name: str, known: Iterable[bytes]
) -> dict[str, Any]:
    """Give what a browser needs to make a key for an admin, binary values in base64url.

    `user` is an opaque number of the admin, `name` what the key may show, `known` the ids of their keys.
    """
    asked, _ = _server(site).register_begin(
        PublicKeyCredentialUserEntity(id=user, name=name, display_name=name),
        [_described(one) for one in known],
        user_verification=REQUIRED,
        challenge=challenge,
    )
    return dict(asked.public_key)


def to_answer(site: Site, challenge: bytes, known: Iterable[bytes]) -> dict[str, Any]:
    """Give what a browser needs to have a key answer; `known` are the ids of the admin's keys."""
    asked, _ = _server(site).authenticate_begin([_described(one) for one in known], REQUIRED, challenge)
    return dict(asked.public_key)


def made(site: Site, challenge: bytes, answer: str) -> Made:
    """Give the key that was made.

    Raises:
        WrongAnswerError: it was made for something else, elsewhere, or without asking its owner.
    """
    try:
        response = RegistrationResponse.from_dict(json.loads(answer))
        found = _server(site).register_complete(_state(challenge), response)
        key = found.credential_data
        assert key is not None
        _need(not response.response.client_data.cross_origin, "made inside somebody else's page")
        _need(key.public_key.ALGORITHM in _ALGORITHMS, "not an algorithm that was asked for")
        _need(0 < len(key.credential_id) <= ID_MAX, "an id of no key")
        return Made(bytes(key.credential_id), cbor.encode(dict(key.public_key)), found.counter)
    except Exception as error:  # the library names no errors: whatever foreign bytes break, they are wrong
        raise WrongAnswerError(str(error)) from error


def answered(
    site: Site, challenge: bytes, keys: Sequence[SecurityKey], answer: str
) -> tuple[SecurityKey, int]:
    """Give which of an admin's keys answered, and its count, to be held against the one before.

    Raises:
        WrongAnswerError: none of them did, or it was asked something else, elsewhere, or not its owner.
    """
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        found = _server(site).authenticate_complete(
            _state(challenge), [_known(key) for key in keys], response
        )
        _need(not response.response.client_data.cross_origin, "answered inside somebody else's page")
    except Exception as error:  # as above
        raise WrongAnswerError(str(error)) from error
    key = next(key for key in keys if key.credential_id == found.credential_id)
    return key, response.response.authenticator_data.counter


def _server(site: Site) -> Fido2Server:
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=site.host, name=site.name),
        verify_origin=lambda origin: origin == site.origin,
    )
    server.timeout = TIMEOUT_MS  # type: ignore[assignment]
    server.allowed_algorithms = [one for one in server.allowed_algorithms if one.alg in _ALGORITHMS]
    return server


def _described(credential_id: bytes) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=credential_id)


def _state(challenge: bytes) -> dict[str, str]:
    return {"challenge": websafe_encode(challenge), "user_verification": REQUIRED}


def _known(key: SecurityKey) -> AttestedCredentialData:
    public_key = CoseKey.parse(cbor.decode(key.public_key))  # type: ignore[arg-type]
    return AttestedCredentialData.create(Aaguid.NONE, key.credential_id, public_key)


def _need(holds: bool, why: str) -> None:
    if not holds:
        raise WrongAnswerError(why)
