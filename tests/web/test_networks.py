"""The admins' page of the networks: what X costs, what waits for money and until when."""

from datetime import timedelta

import pytest

from bot.app import build
from bot.delivery import collective
from bot.intake import life
from bot.model.access import Role
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.moderation import admins
from bot.settings import Settings
from bot.storage import access, boosts, calls, spending
from bot.storage import collective as stored
from tests.clocks import NOW, StillClock
from tests.lent import allow, make_vault
from tests.web.visitor import Visitor


@pytest.fixture
def rich(tmp_path):
    """An installation that may spend a dollar a day on X, and an admin who reads its pages."""
    values = {"x_budget_day_usd": 1, "x_budget_month_usd": 20}
    app = build(Settings(_env_file=None, data_dir=tmp_path / "data", **values), clock=StillClock())
    admin = app.store.run_write(admins.create, "Lina", "a few words in a row", now=NOW, role=Role.READER)
    visitor = Visitor(app)
    visitor.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    yield visitor
    app.close()


def spend(visitor, count):
    """Note so many boosts at $0.015."""
    values = {"price": 15_000, "least": count, "most": count, "now": NOW}
    budget = spending.Budget(10**9, 10**9)
    visitor.app.store.run_write(spending.reserve, "x", "boost", **values, budget=budget)


def test_what_x_costs_is_said(rich):
    """Today, this month, on what: as each language writes money."""
    spend(rich, 3)
    english, french = rich.get("/en/admin/networks").text, rich.get("/fr/admin/networks").text
    assert "What X costs" in english
    assert "$0.045" in english
    assert "$20.00" in english
    assert "0,045\u00a0$US" in french
    assert "Le budget est épuisé" not in french


def test_what_waits_for_money_is_said(rich):
    """What, and until when; and that boosts by hand go on."""
    spend(rich, 66)
    page = rich.get("/fr/admin/networks").text
    assert "Le budget est épuisé" in page
    assert "Les relais à la main ne coûtent rien et continuent." in page
    assert "relais\u00a0: jusqu’au mercredi 18 novembre, 1\u00a0h" in page


def test_the_collective_s_own_account_is_shown_with_its_label(rich, tmp_path):
    """Whose it is, that it says so, what it shared; and what stands in the way when it does not say so."""
    seal = make_vault(rich.app, tmp_path / "vault.key")
    opened = allow(rich.app, "mastodon")
    account, token = Account(0, 0, "mastodon", "emploi@piaille.fr"), Secret("t0k3n")
    terms = {"name": "L", "policies": opened.policies, "now": NOW, "actor": CLI}
    mine = rich.app.store.run_write(collective.connect, seal, account, token, **terms)
    page = rich.get("/en/admin/networks").text
    assert "emploi@piaille.fr" in page
    assert "says that a program runs it, seen" in page
    later = NOW + timedelta(days=1)
    rich.app.store.run_write(collective.looked, mine, labelled=False, now=later)
    page = rich.get("/fr/admin/networks").text
    assert "ne dit pas qu’un programme le tient" in page
    assert "t0k3n" not in page


def test_without_budget_there_is_nothing_to_say(app):
    """A fresh installation costs nothing, and its page has no word on money."""
    admin = app.store.run_write(admins.create, "Lina", "a few words in a row", now=NOW)
    visitor = Visitor(app)
    visitor.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    assert "costs" not in visitor.get("/en/admin/networks").text


def test_a_leftover_of_a_network_that_is_not_used_any_more_is_listed(rich, tmp_path, make_notice):
    """With its network's name and the account's address; in doubt, it is said that nobody knows."""
    app = rich.app
    policies = allow(app, "mastodon").policies
    account, token = Account(0, 0, "mastodon", "emploi@piaille.fr"), Secret("t0k3n")
    terms = {"name": "L", "policies": policies, "now": NOW, "actor": CLI}
    write = app.store.run_write
    mine = write(collective.connect, make_vault(app, tmp_path / "k"), account, token, **terms)
    notice = make_notice()
    number = write(stored.due, mine, notice.id, at=NOW, expires_at=None, how="repost")
    for state in (BoostState.SENDING, BoostState.UNCERTAIN):
        write(boosts.move, number, state)
    write(calls.change, [{"boost_id": number, "uncertain_since": NOW}])
    write(access.lose, mine.id, NOW)
    assert "To be removed by hand" not in rich.get("/en/admin/networks").text
    write(life.leave_out, notice.id, wanted=False, now=NOW, actor=CLI)
    fewer = build(Settings(_env_file=None, data_dir=tmp_path / "data", networks=["x"]), clock=StillClock())
    visitor = Visitor(fewer)
    visitor.cookies.set("admin", rich.cookies["admin"])
    page = visitor.get("/en/admin/networks").text
    fewer.close()
    assert "To be removed by hand" in page
    assert f"Repost {number} by emploi@piaille.fr on Mastodon" in page
    assert 'href="https://piaille.fr/@emploi"' in page
    assert "Nobody knows whether it was made" in page
