"""The pages by which a volunteer lends an account: what they show, who may finish, how it ends."""

import re

import pytest

from bot.model.boost import Mode
from bot.storage import access, connections, journal, revocations, volunteers
from bot.trust.links import hash_token
from tests.fakes.lender import FakeLender
from tests.lent import allow, make_vault, run_errands
from tests.web.visitor import Read, Visitor

HANDLE = "samir@piaille.fr"
TOKEN = "samirs-own-link-000001"


@pytest.fixture
def lender():
    """The network."""
    made = FakeLender()
    yield made
    made.end()


@pytest.fixture
def app(app):
    """An installation whose policy allows every mode on Mastodon."""
    return allow(app, "mastodon")


@pytest.fixture
def key(app, tmp_path):
    """The vault's files; gives the private one."""
    make_vault(app, tmp_path / "vault.key")
    return tmp_path / "vault.key"


@pytest.fixture
def account(make_volunteer):
    """A volunteer's account."""
    return make_volunteer(accounts=[("mastodon", HANDLE), ("x", "samir")], token=TOKEN).accounts[0]


@pytest.fixture
def visitor(app, lender):
    """The volunteer's browser."""
    return Visitor(app, lenders=lender.lenders())


def page_of(account, rest="", lang="fr"):
    """Give the address of an account's page."""
    return f"/{lang}/inbox/{TOKEN}/accounts/{account.id}{rest}"


AGREED = {"agree": "1", "charter": "1"}


def begin(visitor, account, mode="one_tap", **more):
    """Agree on the page of a mode; give the address of the network's page of consent."""
    answer = visitor.post(page_of(account, f"/{mode}"), AGREED | more)
    assert answer.status_code == 200, answer.text
    return next(link for link in Read(answer.text).links() if "/consent?" in link)


def come_back(visitor, address):
    """Follow the network's redirect and press the button; give the last answer."""
    path = address.removeprefix("http://127.0.0.1:8000")
    led = visitor.get(path)
    shown = visitor.get(led.headers["location"])
    return visitor.post(led.headers["location"].partition("?")[0], Read(shown.text).values)


def test_an_account_is_lent_page_by_page(app, visitor, lender, account, key):
    """Agree, say yes at the network, finish: the account's page says so, in the mode that was chosen."""
    answer = come_back(visitor, lender.say_yes(begin(visitor, account, "automatic"), HANDLE))
    assert answer.headers["location"] == page_of(account)
    assert "data-pending" in visitor.get(page_of(account)).text
    run_errands(app, lender.lenders(), key)
    assert app.store.run_read(access.of, account.id).mode is Mode.AUTOMATIC
    page = visitor.get(page_of(account, "?done=lent")).text
    assert "data-pending" not in page
    assert "C’est fait\xa0: tout seul" in page
    assert "canary" not in page
    assert app.store.run_read(volunteers.get, account.volunteer_id).charter_version == "2"


def test_looking_changes_nothing(app, visitor, lender, account, key):
    """Every page by GET, the network's redirect included, leaves the database as it was."""
    back = lender.say_yes(begin(visitor, account), HANDLE)
    before = app.store.run_read(connections.of, account.id)
    for path in ("", "/one_tap", "/automatic", "/by_hand"):
        assert visitor.get(page_of(account, path)).status_code == 200
    visitor.get(visitor.get(back.removeprefix("http://127.0.0.1:8000")).headers["location"])
    assert app.store.run_read(connections.of, account.id) == before


def test_nothing_without_a_yes(visitor, lender, account, key):
    """Without the ticks the page comes back with what is missing, and nothing is begun."""
    answer = visitor.post(page_of(account, "/one_tap"))
    assert answer.status_code == 422
    errors = re.findall(r'id="(\w+)-e"', answer.text)
    assert errors == ["charter", "agree"]
    assert lender.asked == []


def test_only_what_policy_allows_is_offered(app, lender, account, key):
    """A mode that policy forbids on this network or instance has no page; by hand says why."""
    closed = Visitor(allow(app), lenders=lender.lenders())
    assert closed.get(page_of(account, "/one_tap")).status_code == 404
    assert "à la main seulement" in closed.get(page_of(account)).text


def test_without_a_vault_nothing_can_be_lent(visitor, account):
    """The pages say that it is not set up, and no mode has a page."""
    assert "n’a pas mis cela en place" in visitor.get(page_of(account)).text
    assert visitor.get(page_of(account, "/one_tap")).status_code == 404


def test_a_stranger_finishes_nothing(app, visitor, lender, account, key, make_volunteer):
    """Without the cookie of the browser that began, or with another volunteer's, nothing is connected."""
    address = lender.say_yes(begin(visitor, account), HANDLE)
    stranger = Visitor(app, lenders=lender.lenders())
    assert come_back(stranger, address).status_code == 409
    make_volunteer(accounts=[("mastodon", "other@piaille.fr")], token="others-own-link-000001")
    other = app.store.run_read(volunteers.by_token, hash_token("others-own-link-000001"))
    stranger.cookies.set("lending", "others-own-link-000001")
    assert other is not None
    assert come_back(stranger, address).status_code == 409
    assert app.store.run_read(connections.of, account.id).answered_at is None
    assert come_back(visitor, address).status_code == 303


def test_a_no_is_no_error(app, visitor, lender, account, key):
    """Who says no at the network comes back to a page that says so, and shares by hand as before."""
    url = begin(visitor, account)
    state = re.search(r"state=([\w-]+)", url)[1]
    path = f"/fr/connected/mastodon?error=access_denied&state={state}"
    assert "n’a pas donné de clé" in visitor.get(path).text
    answer = visitor.post("/fr/connected/mastodon", Read(visitor.get(path).text).values)
    assert answer.status_code == 303
    run_errands(app, lender.lenders(), key)
    assert "Rien n’est connecté" in visitor.get(page_of(account)).text
    assert app.store.run_read(access.of, account.id) is None


def test_an_app_password_is_the_second_choice(app, visitor, lender, account, key):
    """It is taken where the network has one, never shown again, and its text says what it allows."""
    page = visitor.get(page_of(account, "/one_tap")).text
    assert page.index('value="page" checked') < page.index('value="password"')
    empty = visitor.post(page_of(account, "/one_tap"), AGREED | {"way": "password"})
    assert (empty.status_code, re.findall(r'id="(\w+)-e"', empty.text)) == (422, ["password"])
    sent = AGREED | {"way": "password", "password": lender.password}
    assert visitor.post(page_of(account, "/one_tap"), sent).status_code == 303
    run_errands(app, lender.lenders(), key)
    assert app.store.run_read(access.of, account.id).mode is Mode.ONE_TAP


def test_a_mode_changes_without_the_network(app, visitor, lender, account, key):
    """With a key that works the other mode needs one more yes and no call."""
    come_back(visitor, lender.say_yes(begin(visitor, account), HANDLE))
    run_errands(app, lender.lenders(), key)
    calls = len(lender.asked)
    assert visitor.post(page_of(account, "/automatic"), {"agree": "1"}).status_code == 303
    assert app.store.run_read(access.of, account.id).mode is Mode.AUTOMATIC
    assert len(lender.asked) == calls
    agreed = app.store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")
    lent = [(one["text_version"], one["ended_at"] is None) for one in agreed if "lend" in one["purpose"]]
    assert lent == [("one_tap-1", False), ("automatic-1", True)]


def test_an_account_is_taken_back(app, visitor, lender, account, key):
    """By one question and one tap; a second tap changes nothing, and the key goes back."""
    come_back(visitor, lender.say_yes(begin(visitor, account), HANDLE))
    run_errands(app, lender.lenders(), key)
    for _ in range(2):
        assert visitor.post(page_of(account, "/by_hand")).status_code == 303
    assert len(app.store.run_read(revocations.page)) == 1
    run_errands(app, lender.lenders(), key)
    assert lender.tokens == {}


def test_another_volunteers_account_is_not_there(visitor, account, key, make_volunteer):
    """An address with somebody else's account is answered like one that leads nowhere."""
    other = make_volunteer(accounts=[("mastodon", "other@piaille.fr")]).accounts[0]
    for path in ("", "/one_tap", "/by_hand"):
        assert visitor.get(page_of(other, path)).status_code == 404
        assert visitor.post(page_of(other, path or "/by_hand"), AGREED).status_code == 404


def test_a_silent_network_is_said_at_once(visitor, lender, account, key):
    """When the page of consent cannot be prepared, the page says to try again, and keeps the ticks."""
    lender.down = True
    answer = visitor.post(page_of(account, "/one_tap"), AGREED)
    assert answer.status_code == 503
    assert "ne répond pas" in answer.text
    assert Read(answer.text).values["agree"] == "1"


def test_a_page_of_consent_is_a_web_address(visitor, lender, account, key):
    """What a volunteer's own server names as its page is no link here unless it is one to a page."""
    lender.page = "javascript:alert(1)//"
    answer = visitor.post(page_of(account, "/one_tap"), AGREED)
    assert answer.status_code == 503
    assert "javascript:" not in answer.text


def test_many_tries_are_held(visitor, account, key):
    """After ten connections begun in half an hour the page asks to wait."""
    codes = [visitor.post(page_of(account, "/one_tap"), AGREED).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_the_settings_name_each_accounts_way(visitor, account, key):
    """Each account stands there with how it shares and the way to change it."""
    page = Read(visitor.get(f"/fr/inbox/{TOKEN}/settings").text)
    assert page_of(account) in page.links()
    assert "À la main" in page.text
