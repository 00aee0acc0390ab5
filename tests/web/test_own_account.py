"""The collective's own account on a seeker's page: what it shared, and leaving it out."""

from bot.delivery import collective
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.model.notice import NoticeState
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.planning import collective as planning
from bot.storage import boosts, journal, notices
from bot.trust.links import hash_token
from tests.clocks import NOW
from tests.lent import allow, make_vault
from tests.web.visitor import NOTICE, Visitor


def connected(app, tmp_path):
    """Give the policies of an installation whose account on Mastodon is connected."""
    policies = allow(app, "mastodon").policies
    account, token = Account(0, 0, "mastodon", "emploi@piaille.fr"), Secret("t0k3n")
    terms = {"name": "L", "policies": policies, "now": NOW, "actor": CLI}
    app.store.run_write(collective.connect, make_vault(app, tmp_path / "k"), account, token, **terms)
    return policies


def accepted(app, visitor, **values):
    """Send a notice by the form and let it go round; give the path of its page."""
    path = visitor.send(**values).headers["location"].partition("?")[0]
    notice = app.store.run_read(notices.by_token, hash_token(path.rsplit("/", 1)[1]))
    state = {"opened_at": NOW, "deadline": None}
    app.store.run_write(notices.move, notice.id, NoticeState.ACTIVE, **state)
    return path, notice


def test_a_seeker_reads_what_it_shared_and_leaves_it_out(app, tmp_path):
    """The form covers it; its share is told apart and takes no strip; one act leaves it out, one lets it."""
    visitor = Visitor(app)
    path, notice = accepted(app, visitor)
    assert "compte du collectif" not in visitor.get(path).text
    policies = connected(app, tmp_path)
    terms = {"policies": policies, "networks": ["mastodon"], "publishing": ["mastodon"], "now": NOW}
    assert app.store.run_write(planning.plan, **terms) == 1
    [share] = app.store.run_read(boosts.listed)
    for state in (BoostState.SENDING, BoostState.VERIFIED):
        app.store.run_write(boosts.move, share.id, state, ended_at=NOW)
    page = visitor.get(path).text
    assert "Par le compte du collectif" in page
    assert "Premier relais" not in page
    for act, wanted in (("alone", False), ("together", True)):
        assert f"{path}/{act}" in visitor.get(path).text
        visitor.post(f"{path}/{act}", {})
        assert app.store.run_read(notices.get, notice.id).by_collective is wanted
    said = [line.action for line in app.store.run_read(journal.read, subject=f"notice:{notice.id}", limit=2)]
    assert said == ["notice.collective_let", "notice.collective_left_out"]


def test_the_form_offers_the_choice_where_consent_is_given(app):
    """Only where policy lets such an account share; unticked, it may; ticked, it is left out."""
    assert 'name="volunteers_only"' not in Visitor(app).get("/fr/").text
    allowed = allow(app, "mastodon")
    assert 'name="volunteers_only"' in Visitor(allowed).get("/fr/").text
    for ticked, wanted in ((None, True), ("1", False)):
        visitor = Visitor(allowed)
        path, notice = accepted(allowed, visitor, volunteers_only=ticked)
        assert app.store.run_read(notices.get, notice.id).by_collective is wanted
        lines = app.store.run_read(journal.read, subject=f"notice:{notice.id}", limit=9)
        said = [line.action for line in reversed(lines)]
        received = said.index("notice.received")
        assert said.count("notice.collective_left_out") == (not wanted)
        assert said[received + 1 : received + 2] == ([] if wanted else ["notice.collective_left_out"]), said
        assert (f"{path}/together" in visitor.get(path).text) is not wanted


def test_a_change_of_words_keeps_the_choice(app):
    """The form of changes does not ask again."""
    visitor = Visitor(allow(app, "mastodon"))
    path, notice = accepted(visitor.app, visitor, volunteers_only="1")
    visitor.post(f"{path}/change", {**NOTICE, "title": "Chaudronnière", "shown": visitor.shown()})
    changed = app.store.run_read(notices.get, notice.id)
    assert (changed.words.title, changed.by_collective) == ("Chaudronnière", False)


def test_a_second_notice_from_one_computer_keeps_the_choice(app):
    """The page that asks whether it is somebody else's carries the tick along."""
    visitor = Visitor(allow(app, "mastodon"))
    accepted(visitor.app, visitor)
    assert 'name="volunteers_only" value="1"' in visitor.send(volunteers_only="1").text
