"""Security keys of admins: made, asked at log-in and before dangerous acts, taken off; tricks refused."""

import json
import re
from datetime import timedelta

import pytest

from bot.app import App
from bot.moderation import security_keys as stage
from bot.storage import factors, journal, security_keys
from bot.trust.security_key import Site, is_copy, site_of
from tests.web.authenticator import PRESENT, VERIFIED, SoftKey, text
from tests.web.test_second_factor import (
    BASE,
    camille,
    code,
    enrol,
    enter,
    password_hash,
    public,
)
from tests.web.visitor import Visitor

__all__ = ["camille", "password_hash", "public"]

ADD, ASK, CODE, PROVE = "/en/admin/keys/add", "/en/admin/keys/ask", "/en/admin/code", "/en/admin/prove"


def make(visitor: Visitor, key: SoftKey, name: str = "Blue key", **changed):
    """Add a key by the page; `changed` is what a hostile browser changes."""
    asked = visitor.post(f"{ADD}/ask").json()
    origin = changed.pop("origin", BASE)
    return visitor.post(ADD, {"name": name, "answer": key.make(asked, origin, **changed)})


def use(visitor: Visitor, key: SoftKey, page: str = CODE, **changed):
    """Have the key answer on a page that asks for it."""
    asked = visitor.post(ASK).json()
    origin, following = changed.pop("origin", BASE), changed.pop("next", "")
    return visitor.post(page, {"answer": key.use(asked, origin, **changed), "next": following})


def inside(visitor: Visitor) -> bool:
    """Whether the admin pages open."""
    return visitor.get("/en/admin/queue").status_code == 200


@pytest.fixture
def key() -> SoftKey:
    """Camille's key."""
    return SoftKey()


@pytest.fixture
def keyed(camille: Visitor, key: SoftKey) -> Visitor:
    """Camille's browser after the password, her key being her only second factor."""
    enter(camille)
    assert make(camille, key).status_code == 200
    camille.post("/en/admin/logout")
    enter(camille)
    return camille


def test_a_key_is_a_second_factor(camille, key, public):
    """A key as the first second factor lets in where one is mandatory, and brings recovery codes."""
    enter(camille)
    assert not inside(camille)
    made = make(camille, key)
    assert made.status_code == 200
    assert len(re.findall(r"<li>[a-z0-9]{6}(?:-[a-z0-9]{6}){3}</li>", made.text)) == 10
    assert inside(camille)
    assert "Blue key" in camille.get("/en/admin/me").text
    assert public.store.run_read(journal.read, action="admin.key_added")[0].subject == "admin:1"


def test_the_key_follows_the_password(keyed, key, public):
    """After the password nothing opens until the key has answered; then the page that was wanted does."""
    assert not inside(keyed)
    half = keyed.cookies["__Host-admin"]
    answer = use(keyed, key, next="/en/admin/journal")
    assert answer.headers["location"] == "/en/admin/journal"
    assert keyed.cookies["__Host-admin"] != half
    assert inside(keyed)
    (known,) = public.store.run_read(security_keys.listed, 1)
    assert (known.count, known.used_at) == (1, public.clock.now())


def test_recovery_codes_stand_in_for_a_lost_key(camille, key):
    """A recovery code lets in an admin who has a key and no app, once."""
    enter(camille)
    (recovery, *_) = re.findall(r"<li>([a-z0-9]{6}(?:-[a-z0-9]{6}){3})</li>", make(camille, key).text)
    for status in (303, 422):
        browser = Visitor(camille.app, BASE)
        enter(browser)
        assert browser.post(CODE, {"code": recovery}).status_code == status


def test_several_keys_and_an_app_side_by_side(camille, key):
    """Each key and the app let in; a second key keeps the recovery codes that there are."""
    enter(camille)
    enrol(camille)
    spare = SoftKey()
    for one in (key, spare):
        assert make(camille, one).status_code == 303
    assert camille.app.store.run_read(factors.codes_left, 1) == 10
    for prove in (lambda v: use(v, key), lambda v: use(v, spare), lambda v: v.post(CODE, {"code": code(v)})):
        browser = Visitor(camille.app, BASE)
        enter(browser)
        assert prove(browser).status_code == 303
        assert inside(browser)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://example.org.evil.example"},
        {"origin": "https://www.example.org"},
        {"origin": "http://example.org"},
        {"origin": "https://example.org:8443"},
        {"host": "evil.example"},
        {"kind": "webauthn.create"},
        {"challenge": text(bytes(32))},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"framed": True},
        {"tamper": True},
        {"count": 0},
    ],
    ids=str,
)
def test_what_a_key_did_not_say_here_opens_nothing(keyed, key, changed):
    """Another origin, host, kind or question, nobody there, a frame, a changed byte: all are refused."""
    if changed == {"count": 0}:
        use(keyed, key)
        keyed.post("/en/admin/logout")
        enter(keyed)
    assert use(keyed, key, **changed).status_code == 422
    assert not inside(keyed)
    assert use(keyed, key, count=9).status_code == 303  # the same key, as it should be


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"kind": "webauthn.get"},
        {"challenge": text(bytes(32))},
        {"flags": PRESENT},
        {"framed": True},
        {"alg": -47},
    ],
    ids=str,
)
def test_a_key_made_elsewhere_is_not_added(camille, key, changed):
    """A key that was made for something else, without its owner, or of another kind is not stored."""
    enter(camille)
    assert make(camille, key, **changed).status_code == 422
    assert camille.app.store.run_read(security_keys.listed, 1) == []
    assert make(camille, key).status_code == 200


def test_an_answer_serves_once(keyed, key):
    """The same answer is refused a second time, in the same session and in another one."""
    asked = keyed.post(ASK).json()
    answer = key.use(asked, BASE)
    assert keyed.post(CODE, {"answer": answer}).status_code == 303
    other = Visitor(keyed.app, BASE)
    enter(other)
    assert other.post(CODE, {"answer": answer}).status_code == 422
    other.post(ASK)
    assert other.post(CODE, {"answer": answer}).status_code == 422
    keyed.app.clock.advance(timedelta(minutes=11))
    assert keyed.post(PROVE, {"answer": answer}).status_code == 422


def test_a_question_is_of_one_session(keyed, key):
    """What one browser was asked is no question of another, and a newer question replaces the older."""
    other = Visitor(keyed.app, BASE)
    enter(other)
    asked = other.post(ASK).json()
    assert keyed.post(CODE, {"answer": key.use(asked, BASE)}).status_code == 422
    other.post(ASK)
    assert other.post(CODE, {"answer": key.use(asked, BASE)}).status_code == 422
    assert not inside(other)


def test_a_question_waits_five_minutes(keyed, key):
    """An answer that comes later than five minutes is refused."""
    asked = keyed.post(ASK).json()
    keyed.app.clock.advance(stage.CHALLENGE_LIFE + timedelta(seconds=1))
    assert keyed.post(CODE, {"answer": key.use(asked, BASE)}).status_code == 422


def test_the_key_of_somebody_else_opens_nothing(keyed, key, public, password_hash):
    """Another admin's key is refused, and cannot be added as one's own."""
    from bot.storage import admins as stored

    public.store.run_write(stored.add, "Lise", password_hash, stored.Role.OPERATOR, public.clock.now())
    lise, hers = Visitor(public, BASE), SoftKey()
    lise.post("/en/admin/login", {"name": "Lise", "password": "seven green bicycles"})
    assert make(lise, key).status_code == 422  # Camille's
    assert make(lise, hers).status_code == 200
    assert use(keyed, hers).status_code == 422
    assert not inside(keyed)
    number = public.store.run_read(security_keys.listed, 1)[0].id
    assert lise.post(f"/en/admin/keys/{number}/remove").status_code == 404
    assert len(public.store.run_read(security_keys.listed, 1)) == 1


def test_a_count_that_goes_back_is_noted(keyed, key, public):
    """A copied key shows by its count: refused, and in the journal."""
    assert use(keyed, key, count=7).status_code == 303
    keyed.post("/en/admin/logout")
    for count in (7, 3):
        enter(keyed)
        assert use(keyed, key, count=count).status_code == 422
    assert len(public.store.run_read(journal.read, action="admin.key_doubted")) == 2


@pytest.mark.parametrize(
    ("before", "count", "copied"), [(0, 0, False), (0, 1, False), (4, 5, False), (5, 5, True), (5, 0, True)]
)
def test_which_counts_give_a_copy_away(before, count, copied):
    """A count must rise; passkeys that never count stay at nought."""
    assert is_copy(before, count) is copied


def test_dangerous_acts_take_a_key(keyed, key, public):
    """Ten minutes later a key's answer proves that its owner still sits there."""
    use(keyed, key)
    public.clock.advance(timedelta(minutes=11))
    assert keyed.get("/en/admin/admins/add").headers["location"].startswith("/en/admin/prove")
    assert use(keyed, key, PROVE, tamper=True, next="/en/admin/admins/add").status_code == 422
    assert keyed.get("/en/admin/admins/add").status_code == 303
    proved = use(keyed, key, PROVE, next="/en/admin/admins/add")
    assert proved.headers["location"] == "/en/admin/admins/add"
    assert keyed.get("/en/admin/admins/add").status_code == 200


def test_keys_are_added_and_taken_off_with_a_fresh_proof(keyed, key, public):
    """Adding and taking off a factor want a proof of the last ten minutes."""
    use(keyed, key)
    public.clock.advance(timedelta(minutes=11))
    for path in (ADD, "/en/admin/keys/1/remove", "/en/admin/factor/remove"):
        assert keyed.get(path).headers["location"].startswith("/en/admin/prove"), path
        assert keyed.post(path).headers["location"].startswith("/en/admin/prove"), path
    assert keyed.post(f"{ADD}/ask").headers["location"].startswith("/en/admin/prove")
    assert len(public.store.run_read(security_keys.listed, 1)) == 1


def test_the_last_second_factor_stays(keyed, key, public):
    """Where a second factor is mandatory the last one cannot be taken off, neither key nor app."""
    use(keyed, key)
    assert keyed.post("/en/admin/keys/1/remove").status_code == 409
    assert len(public.store.run_read(security_keys.listed, 1)) == 1
    enrol(keyed)
    assert keyed.post("/en/admin/keys/1/remove").status_code == 303
    assert public.store.run_read(security_keys.listed, 1) == []
    assert keyed.post("/en/admin/factor/remove").status_code == 409
    assert make(keyed, SoftKey()).status_code == 303
    assert keyed.post("/en/admin/factor/remove").status_code == 303
    assert public.store.run_read(factors.get, 1) is None
    assert inside(keyed)


def test_a_key_that_was_taken_off_opens_nothing(keyed, key):
    """After it was taken off, its answers are refused."""
    use(keyed, key)
    make(keyed, SoftKey())
    keyed.post("/en/admin/keys/1/remove")
    keyed.post("/en/admin/logout")
    enter(keyed)
    assert use(keyed, key).status_code == 422


def test_half_a_log_in_adds_no_key(keyed):
    """Who has only the password can neither add a key nor take one off."""
    for path in (ADD, f"{ADD}/ask", "/en/admin/keys/1/remove"):
        assert keyed.post(path, {"name": "Mine"}).headers["location"].startswith("/en/admin/code")


def test_a_reset_takes_the_keys_away(keyed, public):
    """The reset link ends keys too: whoever found the key cannot come in with the new password."""
    from bot.moderation import admins

    token = public.store.run_write(admins.new_reset_link, 1, now=public.clock.now())
    new = {"password": "eight green bicycles", "again": "eight green bicycles"}
    assert Visitor(public, BASE).post(f"/en/admin/setup/{token}", new).status_code == 303
    assert public.store.run_read(security_keys.listed, 1) == []
    assert enter(keyed, new["password"]).headers["location"] == "/en/admin"


def test_ten_wrong_answers_lock(keyed, key):
    """Keys stand at the door of codes: after ten wrong answers a right one waits a quarter of an hour."""
    for _ in range(10):
        assert use(keyed, key, tamper=True).status_code == 422
    answer = use(keyed, key)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")


def test_at_most_ten_keys(camille, key):
    """The eleventh key is refused before it is made."""
    enter(camille)
    for number in range(stage.KEYS_MOST):
        make(camille, SoftKey(), f"Key {number}")
    assert camille.post(f"{ADD}/ask").status_code == 409


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "null",
        "[]",
        "{",
        "[" * 9_000,
        '{"id": 1}',
        json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
        json.dumps({"rawId": "AA", "response": {"clientDataJSON": "AA", "attestationObject": "nw"}}),
        json.dumps(
            {"rawId": "é", "response": {"clientDataJSON": "é", "authenticatorData": "é", "signature": 1}}
        ),
    ],
    ids=lambda text: text[:20],
)
def test_nonsense_is_a_wrong_answer(keyed, key, answer):
    """Bytes that are no answer at all are refused like a wrong one, at each page that takes answers."""
    keyed.post(ASK)
    assert keyed.post(CODE, {"answer": answer}).status_code == 422
    use(keyed, key)
    keyed.post(f"{ADD}/ask")
    assert keyed.post(ADD, {"name": "Key", "answer": answer}).status_code == 422


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://example.org", Site("L", "example.org", "https://example.org")),
        ("https://EXAMPLE.org:443", Site("L", "example.org", "https://example.org")),
        ("https://example.org:8443", Site("L", "example.org", "https://example.org:8443")),
        ("https://müller.example", Site("L", "xn--mller-kva.example", "https://xn--mller-kva.example")),
        ("http://localhost:8000", Site("L", "localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
        ("https://192.168.1.4", None),
        ("http://example.org", None),
    ],
)
def test_for_which_site_keys_answer(address, site):
    """Keys are bound to the name in the public address; where browsers allow none, none is offered."""
    assert site_of(address, "L") == site


def test_without_a_named_address_the_page_says_so(app: App, password_hash):
    """On the default address of this machine the page says what keys need, and what works instead."""
    from bot.storage import admins as stored

    app.store.run_write(stored.add, "Camille", password_hash, stored.Role.OPERATOR, app.clock.now())
    visitor = Visitor(app)
    enter(visitor)
    shown = visitor.get(ADD).text
    assert "need an address with a name" in shown
    assert "/en/admin/factor" in shown
    assert visitor.post(f"{ADD}/ask").status_code == 404
    assert "Add a security key" not in visitor.get("/en/admin/me").text


def test_a_key_needs_a_name(camille, key):
    """A key without a name, or a form without an answer, comes back with what is missing."""
    enter(camille)
    assert make(camille, key, "  ").status_code == 422
    missing = camille.post(ADD, {"name": "Blue key"})
    assert missing.status_code == 422
    assert "It needs JavaScript" in missing.text
