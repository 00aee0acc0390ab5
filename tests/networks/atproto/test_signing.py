"""Keys, signatures and record keys: what they are made of."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from bot.model.secret import Secret
from bot.networks.atproto import token
from bot.networks.atproto.jws import Key, claims_of
from bot.networks.atproto.records import Ref, Uri, repost, tid
from bot.networks.errors import AccessLostError

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
POST = f"at://did:plc:{'a' * 24}/app.bsky.feed.post/3l2s5xxv2ze2c"


def verify(signed, public):
    """Check a JWT with the library alone, as a server does."""
    signed, _, signature = signed.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    x, y = (int.from_bytes(base64.urlsafe_b64decode(public[name] + "=")) for name in "xy")
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_signature_is_good_for_its_own_key_only():
    """ES256 over header and claims: another key does not verify."""
    key = Key.fresh()
    signed = key.sign({"typ": "dpop+jwt"}, {"htm": "POST"})
    verify(signed, key.public)
    assert claims_of(signed) == {"htm": "POST"}
    with pytest.raises(InvalidSignature):
        verify(signed, Key.fresh().public)


def test_key_comes_back_from_its_text():
    """What is kept with a token signs as before; a seed gives one key, another seed another."""
    key = Key.derived(b"seed")
    assert Key.read(key.text).public == key.public == Key.derived(b"seed").public
    assert Key.derived(b"other").public != key.public
    assert Key.fresh().public != Key.fresh().public


def test_thumbprint_hashes_the_required_members_in_order():
    """RFC 7638 section 3: crv, kty, x, y, no spaces; `jkt` and key ids rely on it."""
    assert list(Key.fresh().public) == ["crv", "kty", "x", "y"]
    assert len(Key.fresh().thumbprint) == 43


def test_claims_of_what_is_no_token():
    """Whatever a server sends in place of a JWT has no claims."""
    for text in ("", "a.b.c", "a.W10.c", "None"):
        assert claims_of(text) == {}


@given(st.integers(1_577_836_800_000, 4_102_444_800_000), st.integers(0, 10**9))
def test_record_key_is_a_tid_and_always_the_same(millis, number):
    """13 characters of the alphabet, the first of the lower half (atproto.com/specs/tid); nothing random."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
    key = tid(at, number)
    assert len(key) == 13
    assert set(key) <= set("234567abcdefghijklmnopqrstuvwxyz")
    assert key[0] in "234567abcdefghij"
    assert key == tid(at, number)
    assert key < tid(at + timedelta(milliseconds=1), number % 1000)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_record_keys_of_a_million_rows_differ(number, more):
    """Two boosts within one millisecond never share a key."""
    assert tid(AT, number) != tid(AT, number + more)


def test_record_key_of_a_known_moment():
    """The zero of time is the zero key; a row's number counts microseconds first."""
    assert tid(datetime(1970, 1, 1, tzinfo=UTC), 0) == "2222222222222"
    assert tid(datetime(1970, 1, 1, tzinfo=UTC), 1) == "2222222222322"


def test_the_same_intent_gives_the_same_record():
    """Subject and date only: a second write of it changes nothing."""
    ref = Ref.read(f"{POST} bafy")
    assert json.dumps(repost(ref, AT)) == json.dumps(repost(ref, AT))
    assert repost(ref, AT)["createdAt"] == "2026-11-25T08:00:00.000Z"
    assert repost(ref, AT)["subject"] == {"uri": POST, "cid": "bafy"}


@pytest.mark.parametrize(
    "text", ["", "at://did", "https://a/b/c", "at:///b/c", "at://a/b/c/d", "at:/x/a/b/c"]
)
def test_addresses_of_something_else_are_refused(text):
    """Only `at://repository/collection/key` is the address of a record."""
    with pytest.raises(ValueError, match="address"):
        Uri.read(text)


def test_token_is_read_back_and_never_shown():
    """What the vault seals comes back whole; a token printed by accident shows stars."""
    kept = token.Token(
        "did:plc:a", "https://p", Secret("acc"), Secret("ref"), AT, "https://i", "c", "s", Secret("k")
    )
    assert token.read(kept.sealed()) == kept
    assert "acc'" not in repr(kept)
    assert "Secret(***)" in repr(kept)
    assert "ref" not in repr(kept.sealed())
    for broken in ("", "{}", "[]", '{"did": 1}'):
        with pytest.raises(AccessLostError):
            token.read(Secret(broken))


def test_token_is_renewed_before_its_end():
    """Five minutes before: a call that begins then still ends in time."""
    kept = token.Token("d", "p", Secret(""), Secret(""), AT)
    assert kept.good(AT - timedelta(minutes=6))
    assert not kept.good(AT - timedelta(minutes=4))
