"""Found posts on the pages: marked for moderators, confirmed by their author."""

import pytest

from bot.app import App
from bot.model.notice import Consent, NoticeState, PostRef
from bot.moderation import admins
from bot.storage import notices
from tests.conftest import NOW
from tests.web.visitor import Visitor

FEDI = PostRef("mastodon", "https://piaille.fr/@a/1", "https://piaille.fr/@a/1", "a@piaille.fr")


@pytest.fixture
def camille(app: App) -> Visitor:
    """A moderator at their desk."""
    admin = app.store.run_write(admins.create, "Camille", "a few words in a row", now=NOW)
    visitor = Visitor(app)
    visitor.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    return visitor


@pytest.fixture
def make_found(store, make_notice):
    """A notice whose author used the hashtag only."""

    def make(**values):
        notice = make_notice(state=NoticeState.PENDING, **values)
        return store.run_write(notices.update, notice.id, consent=Consent.FOUND)

    return make


def test_a_found_post_is_marked(camille, make_found):
    """The queue and the case say that its author has not asked; approving means by hand only."""
    page = camille.get(f"/en/admin/case/{make_found().id}").text
    assert "Found by its hashtag; its author has not asked" in page
    assert "volunteers share it by hand only" in page
    assert 'value="accept"' in page
    assert 'value="ask"' not in page


def test_only_the_verdicts_that_policy_allows_are_shown(camille, make_found, store):
    """Where the author has to ask, there is no button to approve, and none works."""
    notice = make_found(posts=[FEDI])
    page = camille.get(f"/fr/admin/case/{notice.id}").text
    assert 'value="accept"' not in page
    assert 'value="refuse"' in page
    form = {"verdict": "accept", "revision": str(notice.revision)}
    assert camille.post(f"/fr/admin/case/{notice.id}", data=form).status_code == 422
    assert store.run_read(notices.get, notice.id).state is NoticeState.PENDING


def test_its_author_says_yes_on_their_page(app, make_found, store):
    """The link of the page asks first; the yes is a POST, and then the page asks no more."""
    notice = make_found(posts=[FEDI], token="abc")
    visitor = Visitor(app)
    assert "/en/n/abc/confirm" in visitor.get("/en/n/abc").text
    assert "published and shared publicly" in visitor.get("/en/n/abc/confirm").text
    assert store.run_read(notices.get, notice.id).consent is Consent.FOUND
    assert visitor.post("/en/n/abc/confirm").status_code == 303
    assert store.run_read(notices.get, notice.id).consent is Consent.ASKED
    assert "/en/n/abc/confirm" not in visitor.get("/en/n/abc").text
