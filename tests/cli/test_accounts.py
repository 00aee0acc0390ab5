"""`bot accounts`: how accounts share, by terminal."""

import pytest

from bot.delivery import tokens
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.storage import access, journal, revocations
from tests.clocks import NOW
from tests.lent import make_vault


@pytest.fixture
def account(app, tmp_path, make_volunteer):
    """An account lent in one tap, its policy opened by the operator's own file."""
    (tmp_path / "config/networks").mkdir(parents=True, exist_ok=True)
    opened = 'modes = ["by_hand", "one_tap", "automatic"]\n'
    (tmp_path / "config/networks/mastodon.toml").write_text(opened)
    seal = make_vault(app, tmp_path / "vault.key")
    one = make_volunteer(accounts=[("mastodon", "samir@piaille.fr")]).accounts[0]
    app.store.run_write(tokens.give, seal, one, Secret("t0k3n"), mode=Mode.ONE_TAP, now=NOW)
    return one


def test_accounts_are_listed_without_a_token(run, data, account):
    """Mode, since when and for whom; the sealed token is nowhere."""
    found = data("accounts", "list", "--lent", "--json")
    assert [(one["id"], one["mode"], one["lost_at"]) for one in found] == [(account.id, "one_tap", None)]
    assert "v1." not in run("accounts", "list").stdout
    assert data("accounts", "list", "--network", "x", "--json") == []


def test_status_says_what_is_lent(run, data, app, account):
    """`bot status` counts lent accounts by network, few ones without a number, and those that are lost."""
    found = data("status", "--json", code=1)["lending"]
    assert found["mastodon"] == {"lent": {"one_tap": None}, "lost": 0, "returning": {"count": 0, "why": ""}}
    assert "lent mastodon\tone_tap: fewer than 5\n" in run("status", code=1).stdout
    app.store.run_write(access.lose, account.id, NOW)
    assert "lent mastodon\t1 lost\n" in run("status", code=1).stdout


def test_a_mode_needs_the_volunteers_yes(run, app, account):
    """Without --agreed the text is shown and nothing changes; with it the yes is recorded as given so."""
    said = run("accounts", "mode", str(account.id), "automatic", code=2).stderr
    assert "sans me demander" in said
    assert app.store.run_read(access.of, account.id).mode is Mode.ONE_TAP
    run("accounts", "mode", str(account.id), "automatic", "--agreed")
    assert app.store.run_read(access.of, account.id).mode is Mode.AUTOMATIC
    consent = app.store.run_read(journal.consents, f"volunteer:{account.volunteer_id}")[-1]
    assert (consent["text_version"], consent["act"]) == ("automatic-1", "cli")
    assert "taken back" in run("accounts", "mode", str(account.id), "by_hand", code=2).stderr


def test_an_account_is_taken_back(run, data, app, account):
    """Its token is on its way to the network, and a second time finds nothing to do."""
    assert run("accounts", "disconnect", code=2).stderr.startswith("Name one account")
    assert "1 accounts" in run("accounts", "disconnect", str(account.id)).stderr
    assert "0 accounts" in run("accounts", "disconnect", "--all", "--yes").stderr
    assert len(app.store.run_read(revocations.page)) == 1
    assert data("networks", "list", "--json")[1]["lent"] == {}
    assert "no account 99" in run("accounts", "disconnect", "99", code=1).stderr
