"""Log-in at the collective's own provider: linked on purpose only, and nothing believed unchecked."""

import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.app import App, build
from bot.moderation import admins as stage
from bot.networks.openid import AGAIN_S
from bot.settings import Settings
from bot.storage import admins as stored
from bot.storage import identities, journal
from bot.trust import id_token
from tests.conftest import NOW, StillClock
from tests.fakes.openid import CLIENT, SECRET, FakeProvider, serving
from tests.web.authenticator import text
from tests.web.test_second_factor import BASE, code, enrol, enter, password_hash
from tests.web.visitor import Visitor

__all__ = ["password_hash"]

START, LINK, BACK = "/en/admin/login/openid", "/en/admin/openid/link", "/en/openid/back"
AWAY = "did not answer as it should"


@pytest.fixture
def provider():
    """A provider whose clock is the site's."""
    with serving() as found:
        found.now = NOW.timestamp
        yield found


def site(folder, clock: StillClock, provider: FakeProvider, password_hash: str, **values) -> App:
    """Give an installation with the provider, and with the admins Camille (1) and Lise (2)."""
    chosen = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET} | values
    app = build(Settings(data_dir=folder / "open", site_url=BASE, _env_file=None, **chosen), clock=clock)
    for name in ("Camille", "Lise"):
        app.store.run_write(stored.add, name, password_hash, stored.Role.OPERATOR, NOW)
    return app


@pytest.fixture
def public(tmp_path, clock, provider, password_hash):
    """An installation with a public address and the provider."""
    app = site(tmp_path, clock, provider, password_hash)
    yield app
    app.close()


@pytest.fixture
def linked(public: App, provider: FakeProvider) -> Visitor:
    """Camille's browser: her second factor is set up, her account there is linked, she is logged out."""
    visitor = Visitor(public, BASE)
    enter(visitor)
    enrol(visitor)
    provider.now = lambda: public.clock.now().timestamp()
    assert through(visitor, provider, LINK).headers["location"] == "/en/admin/me"
    visitor.post("/en/admin/logout")
    return visitor


def through(visitor: Visitor, provider: FakeProvider, start: str = START, **changed):
    """Go to the provider, log in there, come back and send the form; `changed` is what comes back instead."""
    there = visitor.get(start)
    assert there.status_code == 303, there.text
    back = provider.log_in(there.headers["location"]) | changed
    return visitor.post(BACK, {name: value for name, value in back.items() if value is not None})


def test_off_unless_configured(app: App):
    """Without settings no page offers it and no address of it opens."""
    visitor = Visitor(app)
    assert "openid" not in visitor.get("/en/admin/login").text
    for path in (START, BACK):
        assert visitor.get(path).status_code == 404
    assert visitor.post(BACK, {"code": "x"}).status_code == 404


@pytest.mark.parametrize("missing", ["oidc_issuer", "oidc_client_id", "oidc_client_secret"])
def test_half_configured_is_off(tmp_path, clock, provider, password_hash, missing):
    """Each of issuer, client id and secret is needed."""
    app = site(tmp_path, clock, provider, password_hash, **{missing: ""})
    assert Visitor(app, BASE).get(START).status_code == 404
    app.close()


@pytest.mark.parametrize(
    "url", ["http://id.example.org", "id.example.org", "https://u@id.example.org", "https:///x"]
)
def test_an_issuer_is_named_by_https(tmp_path, url):
    """An issuer that anybody on the way could play is refused at the start."""
    with pytest.raises(ValueError, match="must be the issuer"):
        Settings(data_dir=tmp_path, oidc_issuer=url, _env_file=None)


def test_a_linked_account_stands_for_the_password(linked, provider, public):
    """After linking, the account there leads in; the own second factor still follows."""
    assert f'href="{START}"' in linked.get("/en/admin/login").text
    answer = through(linked, provider)
    assert answer.headers["location"] == "/en/admin/code"
    assert linked.get("/en/admin/queue").headers["location"].startswith("/en/admin/code")
    assert linked.post("/en/admin/code", {"code": code(linked)}).status_code == 303
    assert linked.get("/en/admin/queue").status_code == 200
    assert public.store.run_read(journal.read, action="admin.linked")[0].actor == "admin:1"


def test_what_leaves_for_the_provider(linked, provider):
    """State, nonce and proof key are new each time, and no more than an opaque number is asked for."""
    seen = []
    for _ in range(2):
        url = linked.get(START).headers["location"]
        assert url.startswith(f"{provider.url}/authorize?")
        seen.append({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()})
    assert all(seen[0][name] != seen[1][name] for name in ("state", "nonce", "code_challenge"))
    assert seen[0]["scope"] == "openid"
    assert seen[0]["redirect_uri"] == f"{BASE}/openid/back"


def test_a_stranger_there_is_a_stranger_here(linked, provider, public):
    """An account that nobody linked opens nothing, whatever name or address it carries."""
    provider.subject = "another"
    provider.claims = {"email": "camille@example.org", "email_verified": True, "name": "Camille"}
    answer = through(linked, provider)
    assert answer.status_code == 403
    assert "Nobody here logs in with this account" in answer.text
    assert linked.get("/en/admin/queue").headers["location"].startswith("/en/admin/login")
    assert public.store.run_read(identities.owner, provider.url, "another") is None


def test_the_same_number_at_another_issuer_is_somebody_else(linked, provider, public):
    """Who has the same number at another provider is not let in."""
    public.store.run_write(identities.put, 1, "https://id.example.net", provider.subject, NOW)
    assert through(linked, provider).status_code == 403


@pytest.mark.parametrize(
    ("claims", "accepted", "whole"),
    [
        ({"amr": ["pwd", "mfa"]}, ("mfa",), True),
        ({"acr": "urn:two"}, ("urn:two", "mfa"), True),
        ({"amr": ["pwd"]}, ("mfa",), False),
        ({"amr": ["pwd", "mfa"]}, (), False),
        ({"amr": "mfa", "acr": ["mfa"]}, ("mfa",), False),
        ({}, ("mfa",), False),
    ],
)
def test_which_second_factor_counts(claims, accepted, whole):
    """The provider's second factor counts where the settings name what it says of it; else ours follows."""
    assert bool(id_token.second_factor(claims, frozenset(accepted))) is whole


def test_the_provider_s_second_factor_may_count(tmp_path, clock, provider, password_hash):
    """Where the settings accept it, an admin who gave a second factor there is inside at once."""
    app = site(tmp_path, clock, provider, password_hash, oidc_second_factor=("mfa",))
    visitor = Visitor(app, BASE)
    enter(visitor)
    enrol(visitor)
    provider.now = lambda: clock.now().timestamp()
    through(visitor, provider, LINK)
    visitor.post("/en/admin/logout")
    assert through(visitor, provider).headers["location"] == "/en/admin/code"
    provider.claims = {"amr": ["pwd", "mfa"]}
    assert through(visitor, provider).headers["location"] == "/en/admin"
    assert visitor.get("/en/admin/queue").status_code == 200
    app.close()


def test_a_second_factor_of_ours_is_still_set_up(public, provider):
    """Who has none of ours sets one up first: the password alone must never be enough."""
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    visitor = Visitor(public, BASE)
    through(visitor, provider)
    assert visitor.get("/en/admin/queue").headers["location"].startswith("/en/admin/factor")


WRONG: dict[str, dict] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "somebody"},
    "no audience": {"aud": None},
    "for several, not us": {"aud": [CLIENT, "other"], "azp": "other"},
    "for several, nobody named": {"aud": [CLIENT, "other"]},
    "for another party": {"azp": "other"},
    "another log-in": {"nonce": "0" * 64},
    "no nonce": {"nonce": None},
    "run out": {"exp": int(NOW.timestamp()) - 61},
    "never runs out": {"exp": None},
    "no numbers": {"exp": "later"},
    "true is no number": {"iat": True},
    "made long ago": {"iat": int(NOW.timestamp()) - 3600},
    "made tomorrow": {"iat": int(NOW.timestamp()) + 86_400},
    "not yet": {"nbf": int(NOW.timestamp()) + 3600},
    "nobody": {"sub": ""},
    "no subject": {"sub": None},
    "a number as subject": {"sub": 7},
}


@pytest.mark.parametrize("name", WRONG)
def test_claims_are_checked(public, provider, name):
    """A token for somebody else, another log-in or another time lets nobody in."""
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    visitor = Visitor(public, BASE)
    provider.claims = WRONG[name]
    answer = through(visitor, provider)
    assert (answer.status_code, AWAY in answer.text) == (502, True)
    assert "__Host-admin" not in visitor.cookies
    provider.claims = {}
    assert through(visitor, provider).status_code == 303


def forged(provider: FakeProvider, how: str, nonce: str) -> str:
    """Give a token that is not signed as it should be."""
    ((kid, (_, key)),) = provider.keys.items()
    good = provider.signed(nonce)
    head, body, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    ((_, (_, foreign)),) = FakeProvider(provider.url).keys.items()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    shared = {"HS256 with our secret": SECRET.encode(), "HS256 with their public key": public}
    if how in shared:
        start = f"{text(json.dumps({'alg': 'HS256', 'kid': kid}).encode())}.{body}"
        return f"{start}.{text(hmac.digest(shared[how], start.encode(), 'sha256'))}"
    made = {
        "none": (None, "none", kid),
        "RS512": (key, "RS512", kid),
        "somebody else's key": (foreign, "RS256", kid),
        "a key of nobody": (key, "RS256", "nobody"),
    }
    if how in made:
        with_key, algorithm, named = made[how]
        return jwt.encode(claims, with_key, algorithm=algorithm, headers={"kid": named})
    changed = provider.signed(nonce, sub="x").split(".")[1]
    return {
        "other claims": f"{head}.{changed}.{signature}",
        "no signature": f"{head}.{body}.",
        "no token": "x",
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        "none",
        "HS256 with our secret",
        "HS256 with their public key",
        "RS512",
        "somebody else's key",
        "a key of nobody",
        "other claims",
        "no signature",
        "no token",
    ],
)
def test_signatures_are_checked(public, provider, how):
    """Only the provider's own keys sign, in the ways that are allowed: never none, never a shared secret."""
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    visitor = Visitor(public, BASE)
    there = visitor.get(START).headers["location"]
    back = provider.log_in(there)
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]
    provider.token = forged(provider, how, nonce)
    assert visitor.post(BACK, back).status_code == 502
    assert "__Host-admin" not in visitor.cookies


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_keys_rotate(public, provider, algorithm):
    """A new key of the provider is looked up once it signs, in each algorithm that is allowed."""
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    visitor = Visitor(public, BASE)
    assert through(visitor, provider).status_code == 303
    public.clock.advance(timedelta(seconds=AGAIN_S))
    provider.rotate(algorithm)
    assert through(visitor, provider).status_code == 303
    assert provider.asked.count("/keys") == 2


def test_made_up_keys_cause_no_calls(public, provider):
    """Tokens of unknown keys make us look for keys once in half a minute at most."""
    visitor = Visitor(public, BASE)
    for _ in range(4):
        provider.token = jwt.encode({}, next(iter(provider.keys.values()))[1], "RS256", headers={"kid": "x"})
        assert through(visitor, provider).status_code == 502
    assert provider.asked.count("/keys") == 1


def test_an_answer_belongs_to_the_browser_that_began(linked, provider, public):
    """In another browser, with another state, twice or after ten minutes, an answer opens nothing."""
    before = provider.asked.count("/token")
    back = provider.log_in(linked.get(START).headers["location"])
    other = Visitor(public, BASE)
    assert other.post(BACK, back).status_code == 409
    other.get(START)
    assert other.post(BACK, back).status_code == 409
    assert linked.post(BACK, {**back, "state": "0" * 64}).status_code == 409
    public.clock.advance(timedelta(minutes=10))
    assert linked.post(BACK, back).status_code == 409
    assert provider.asked.count("/token") == before
    fresh = provider.log_in(linked.get(START).headers["location"])
    entered = linked.post(BACK, fresh)
    assert entered.status_code == 303
    assert '__Host-openid="";' in str(entered.headers.get_list("set-cookie"))
    assert linked.post(BACK, fresh).status_code == 502  # a browser that kept it: the code is used up there


def test_an_answer_of_another_provider_is_refused(linked, provider):
    """The provider says that it names itself: an answer that names another, or nobody, is not redeemed."""
    before = provider.asked.count("/token")
    for named in ("https://evil.example", None):
        assert through(linked, provider, iss=named).status_code == 502
    assert provider.asked.count("/token") == before


def test_a_no_changes_nothing(linked, provider):
    """Who says no there is told so, and is a stranger as before."""
    answer = through(linked, provider, code=None, error="access_denied")
    assert (answer.status_code, "did not let you in" in answer.text) == (409, True)
    assert linked.get("/en/admin/queue").headers["location"].startswith("/en/admin/login")


def test_reading_the_page_redeems_nothing(linked, provider):
    """The address that the provider leads back to only shows a form; scanners that open it do nothing."""
    back = provider.log_in(linked.get(START).headers["location"])
    before = len(provider.asked)
    shown = linked.get(f"{BACK}?code={back['code']}&state={back['state']}&iss={provider.url}")
    assert shown.status_code == 200
    assert "data-finish" in shown.text
    assert len(provider.asked) == before


def test_linking_wants_a_fresh_proof_and_the_same_session(public, provider):
    """A link is made by who is logged in, proved of late, in the session that began it, and no other."""
    stranger = Visitor(public, BASE)
    assert stranger.get(LINK).headers["location"].startswith("/en/admin/login")
    visitor = Visitor(public, BASE)
    enter(visitor)
    enrol(visitor)
    provider.now = lambda: public.clock.now().timestamp()
    back = provider.log_in(visitor.get(LINK).headers["location"])
    flow = visitor.cookies["__Host-openid"]
    visitor.post("/en/admin/logout")
    lise = Visitor(public, BASE)
    lise.post("/en/admin/login", {"name": "Lise", "password": "seven green bicycles"})
    lise.cookies.set("__Host-openid", flow)
    assert lise.post(BACK, back).status_code == 409
    assert visitor.post(BACK, back).headers["location"].startswith("/en/admin/login")
    assert public.store.run_read(identities.get, 1) is None
    enter(visitor)
    visitor.post("/en/admin/code", {"code": code(visitor)})
    public.clock.advance(timedelta(minutes=11))
    assert visitor.get(LINK).headers["location"].startswith("/en/admin/prove")


def test_one_account_one_admin(linked, provider, public):
    """An account that one admin linked cannot be linked by another."""
    lise = Visitor(public, BASE)
    lise.post("/en/admin/login", {"name": "Lise", "password": "seven green bicycles"})
    public.store.run_write(stored_factor, 2)
    token = public.store.run_write(stage.log_in, 2, public.clock.now())
    lise.cookies.set("__Host-admin", token)
    answer = through(lise, provider, LINK)
    assert (answer.status_code, "Another admin" in answer.text) == (409, True)
    assert public.store.run_read(identities.owner, provider.url, provider.subject).id == 1


def stored_factor(session, admin_id: int) -> None:
    """Give an admin a second factor, whatever it is."""
    from bot.storage import factors

    factors.put(session, admin_id, "nonce", 0, NOW)


def test_unlinked_and_reset_open_nothing(linked, provider, public):
    """After unlinking, and after a reset of the log-in, the account there lets nobody in."""
    through(linked, provider)
    linked.post("/en/admin/code", {"code": code(linked)})
    assert linked.post("/en/admin/openid/unlink").status_code == 303
    assert through(Visitor(public, BASE), provider).status_code == 403
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    token = public.store.run_write(stage.new_reset_link, 1, now=public.clock.now())
    new = {"password": "eight green bicycles", "again": "eight green bicycles"}
    assert Visitor(public, BASE).post(f"/en/admin/setup/{token}", new).status_code == 303
    assert through(Visitor(public, BASE), provider).status_code == 403


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://id.example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": 7},
    ],
    ids=str,
)
def test_a_document_that_is_not_its_own_is_refused(public, provider, document):
    """A provider that calls itself by another name, or leads to plain http, is not used."""
    provider.document = document
    answer = Visitor(public, BASE).get(START)
    assert (answer.status_code, AWAY in answer.text) == (502, True)


def test_hosts_that_the_provider_names_pass_the_gate(public, provider):
    """The document cannot make us call a machine inside: only the operator's own host may be there."""
    provider.document = {"token_endpoint": "https://localhost:9/token"}
    visitor = Visitor(public, BASE)
    assert through(visitor, provider).status_code == 502


def test_the_secret_goes_as_the_provider_takes_it(public, provider):
    """In the header where the provider takes it there, in the form where it says so."""
    provider.by_form = True
    public.store.run_write(identities.put, 1, provider.url, provider.subject, NOW)
    assert through(Visitor(public, BASE), provider).status_code == 303


def test_many_answers_from_one_network_wait(linked, provider):
    """Each answer makes us call the provider: beyond twenty in five minutes they wait."""
    here, there = ({"x-forwarded-for": f"192.0.2.{number}"} for number in (1, 2))
    for _ in range(20):
        linked.post(BACK, {"code": "x"}, headers=here)
    assert linked.post(BACK, {"code": "x"}, headers=here).status_code == 429
    assert linked.post(BACK, {"code": "x"}, headers=there).status_code == 409
