"""One-time codes, against the vectors of the RFCs."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.trust import totp
from bot.trust.links import Keyring

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_rfc_6238(seconds, code):
    """The codes of RFC 6238, appendix B, for SHA-1."""
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(SECRET, step, digits=8) == code


def test_rfc_4226():
    """The first codes of RFC 4226, appendix D."""
    codes = [totp.code_at(SECRET, step) for step in range(4)]
    assert codes == ["755224", "287082", "359152", "969429"]


def test_a_phone_may_be_half_a_minute_off():
    """The codes of the step before, this one and the next fit; those further away do not."""
    fits = [
        totp.step_of(SECRET, totp.code_at(SECRET, totp.step_at(NOW) + away), NOW) is not None
        for away in range(-3, 4)
    ]
    assert fits == [False, False, True, True, True, False, False]


def test_a_code_serves_once():
    """A code whose step was used, and the ones before it, fit no more; the next one does."""
    step = totp.step_at(NOW)
    assert totp.step_of(SECRET, totp.code_at(SECRET, step), NOW, after=step) is None
    assert totp.step_of(SECRET, totp.code_at(SECRET, step - 1), NOW, after=step) is None
    later = NOW + timedelta(seconds=totp.STEP_S)
    assert totp.step_of(SECRET, totp.code_at(SECRET, step + 1), later, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "é" * 6, "\x00", "٣٣٣٣٣٣", "x" * 10_000])
def test_nonsense_is_no_code(code):
    """What is no code fits nothing and breaks nothing."""
    assert totp.step_of(SECRET, code, NOW) is None


def test_secrets_are_apart():
    """Another admin, nonce or installation has another secret; the same ones give the same."""
    one, other = Keyring(b"a" * 32), Keyring(b"b" * 32)
    secrets = {totp.secret_of(k, n, x) for k in (one, other) for n in (1, 2) for x in ("p", "q")}
    assert len(secrets) == 8
    assert {len(secret) for secret in secrets} == {20}
    assert totp.secret_of(one, 1, "p") in secrets


def test_the_app_reads_the_address():
    """The QR code's address holds issuer, name and secret, with nothing that breaks out of its place."""
    uri = totp.uri(SECRET, "Zoé & co", "Les Passeurs")
    assert uri == (
        "otpauth://totp/Les%20Passeurs%3AZo%C3%A9%20%26%20co"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Les%20Passeurs"
    )
