"""What a security key is asked, and which answers are good, without a page around it."""

import json
from typing import Any

import pytest

from bot.model.access import SecurityKey
from bot.trust import webauthn
from bot.trust.security_key import Site, WrongAnswerError
from tests.clocks import NOW
from tests.web.authenticator import PRESENT, VERIFIED, SoftKey, text

ORIGIN = "https://annonces.example.org"
SITE = Site("Les Passeurs", "annonces.example.org", ORIGIN)
CHALLENGE = bytes(range(32))


def plain(asked: dict[str, Any]) -> Any:
    """Give it as the browser reads it."""
    return json.loads(json.dumps(asked, default=dict))


def make(key: SoftKey, **changed: Any) -> webauthn.Made:
    """Let a key be made for the site."""
    asked = webauthn.to_make(SITE, CHALLENGE, user=b"7", name="Nadia", known=[])
    return webauthn.made(SITE, CHALLENGE, key.make(asked, changed.pop("origin", ORIGIN), **changed))


def known(key: SoftKey, number: int = 1) -> SecurityKey:
    """Give a key as it is kept."""
    found = make(key)
    return SecurityKey(number, "mine", found.credential_id, found.public_key, found.count, NOW, None)


def test_a_browser_is_asked_for_a_key_of_this_admin_here():
    """Who, where, what for, which algorithms, for how long; and none of those that they have."""
    asked = plain(webauthn.to_make(SITE, CHALLENGE, user=b"7", name="Nadia", known=[b"one", b"two"]))
    assert asked["rp"] == {"name": "Les Passeurs", "id": "annonces.example.org"}
    assert asked["user"] == {"name": "Nadia", "id": text(b"7"), "displayName": "Nadia"}
    assert asked["challenge"] == text(CHALLENGE)
    assert asked["timeout"] == 120_000
    assert [(one["type"], one["alg"]) for one in asked["pubKeyCredParams"]] == [
        ("public-key", alg) for alg in (-7, -8, -257)
    ]
    assert asked["excludeCredentials"] == [
        {"type": "public-key", "id": text(one)} for one in (b"one", b"two")
    ]
    assert asked["authenticatorSelection"]["userVerification"] == "required"


def test_a_browser_is_asked_for_an_answer_of_a_key_that_is_known_here():
    """Any of them, for this site, knowing its owner."""
    asked = plain(webauthn.to_answer(SITE, CHALLENGE, [b"one", b"two"]))
    assert asked["challenge"] == text(CHALLENGE)
    assert (asked["rpId"], asked["timeout"]) == ("annonces.example.org", 120_000)
    assert asked["userVerification"] == "required"
    assert asked["allowCredentials"] == [{"type": "public-key", "id": text(one)} for one in (b"one", b"two")]


def test_the_key_that_answers_is_told_with_its_count():
    """Of several, the one that did; the count is what it says now."""
    first, second = SoftKey(), SoftKey()
    keys = [known(first), known(second, 2)]
    asked = webauthn.to_answer(SITE, CHALLENGE, [one.credential_id for one in keys])
    found, count = webauthn.answered(SITE, CHALLENGE, keys, second.use(asked, ORIGIN, count=41))
    assert (found, count) == (keys[1], 41)
    assert keys[1].credential_id == second.id


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://annonces.example.com"},
        {"host": "example.org"},
        {"challenge": text(bytes(32))},
        {"kind": "webauthn.get"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"framed": True},
        {"alg": -35},
    ],
)
def test_a_key_that_was_not_made_for_this_is_none(changed: dict[str, Any]):
    """Made elsewhere, for another question, without its owner, in a frame, with what was not asked for."""
    with pytest.raises(WrongAnswerError):
        make(SoftKey(), **changed)


@pytest.mark.parametrize("length", [0, 1024])
def test_an_id_has_a_length_that_a_key_s_id_may_have(length: int):
    """From 1 to 1023 bytes."""
    key = SoftKey()
    key.id = bytes(length)
    with pytest.raises(WrongAnswerError):
        make(key)
    for good in (1, 1023):
        key.id = bytes(good)
        assert make(key).credential_id == bytes(good)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://annonces.example.com"},
        {"host": "example.org"},
        {"challenge": text(bytes(32))},
        {"kind": "webauthn.create"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"framed": True},
        {"tamper": True},
    ],
)
def test_an_answer_to_something_else_is_none(changed: dict[str, Any]):
    """The same answer without the change is good."""
    key = SoftKey()
    mine = known(key)
    asked = webauthn.to_answer(SITE, CHALLENGE, [mine.credential_id])
    assert webauthn.answered(SITE, CHALLENGE, [mine], key.use(asked, ORIGIN))[0] == mine
    origin = changed.pop("origin", ORIGIN)
    with pytest.raises(WrongAnswerError):
        webauthn.answered(SITE, CHALLENGE, [mine], key.use(asked, origin, **changed))
    with pytest.raises(WrongAnswerError):
        webauthn.answered(SITE, CHALLENGE, [known(SoftKey())], key.use(asked, ORIGIN))
