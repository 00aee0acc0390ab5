"""Share pages and their pictures."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.app import App
from bot.model.notice import CloseReason, NoticeState
from bot.storage import notices
from tests.conftest import NOW
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A fresh browser."""
    return Visitor(app)


@pytest.fixture
def active(make_notice):
    """A notice that goes round by its share page."""
    return make_notice(posts=[], title='Welder <b>"TIG"</b>')


def picture_of(notice):
    """Give the path of its picture."""
    return f"/picture/{notice.share_slug}-{notice.revision}.png"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_and_preview(visitor, active, app, lang):
    """The notice is shown escaped, unlisted, with absolute addresses for previews."""
    answer = visitor.get(f"/{lang}/s/{active.share_slug}")
    assert answer.status_code == 200
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "Welder &lt;b&gt;" in answer.text
    assert '<b>"TIG' not in answer.text
    address = app.settings.address
    assert f'<meta property="og:image" content="{address}{picture_of(active)}">' in answer.text
    assert f'<meta property="og:url" content="{address}/{lang}/s/{active.share_slug}">' in answer.text
    assert 'name="twitter:card" content="summary_large_image"' in answer.text


def test_post_is_linked(visitor, make_notice):
    """A notice with a post leads to it; answers go there."""
    notice = make_notice()
    assert notice.posts[0].url in visitor.get(f"/en/s/{notice.share_slug}").text


def test_an_answer_finds_its_way(visitor, app, make_notice):
    """The address that a seeker chose to show is linked on the page, and is nowhere in what previews read."""
    notice = make_notice(posts=[])
    path = f"/en/s/{notice.share_slug}"
    assert "moussa@example.org" not in visitor.get(path).text
    app.store.run_write(notices.update, notice.id, answer_to="moussa@example.org")
    page = visitor.get(path).text
    assert '<a class="btn btn-main" href="mailto:moussa@example.org" rel="noopener nofollow ugc">' in page
    assert "moussa@example.org" not in page.partition("</head>")[0]
    assert "Answer under the post" not in page
    app.store.run_write(notices.update, notice.id, answer_to="https://moussa.example/cv?a=1&b=2")
    assert 'href="https://moussa.example/cv?a=1&amp;b=2"' in visitor.get(path).text


def test_head(visitor, active):
    """HEAD answers as GET would, for the page and the picture."""
    for path in (f"/fr/s/{active.share_slug}", picture_of(active)):
        answer = visitor.ask("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("state", [NoticeState.PENDING, NoticeState.PAUSED])
def test_not_going_round(visitor, make_notice, state):
    """Before acceptance and on pause there is neither words nor picture."""
    notice = make_notice(state=state, title="Secretword")
    answer = visitor.get(f"/en/s/{notice.share_slug}")
    assert answer.status_code == 404
    assert "Secretword" not in answer.text
    assert visitor.get(picture_of(notice)).status_code == 404


@pytest.mark.parametrize(
    ("why", "status", "words"),
    [
        (CloseReason.WITHDRAWN, 410, "taken back"),
        (CloseReason.FOUND_JOB, 410, "Found a job!"),
        (CloseReason.EXPIRED, 410, "gone its round"),
        (CloseReason.SOURCE_GONE, 410, "taken back"),
        (CloseReason.REFUSED, 404, "no notice here"),
    ],
)
def test_ended(visitor, store, make_notice, why, status, words):
    """An ended notice says how it ended, shows no word of it and has no picture."""
    notice = make_notice(title="Secretword")
    store.run_write(notices.close, notice.id, why, NOW)
    answer = visitor.get(f"/en/s/{notice.share_slug}")
    assert answer.status_code == status
    assert words in answer.text
    assert "Secretword" not in answer.text
    assert visitor.get(picture_of(notice)).status_code == 404


def test_within_the_moderators_undo(visitor, store, make_notice):
    """Until the acceptance stands for good the page shows nothing."""
    notice = make_notice()
    store.run_write(notices.update, notice.id, opened_at=NOW + timedelta(seconds=20))
    assert visitor.get(f"/en/s/{notice.share_slug}").status_code == 404


def test_picture(visitor, active):
    """The picture is a PNG that may be cached for a day and shown elsewhere."""
    answer = visitor.get(picture_of(active))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)


def test_older_picture_leads_to_the_present_one(visitor, active):
    """A preview made before a change still finds a picture."""
    answer = visitor.get(f"/picture/{active.share_slug}-0.png")
    assert (answer.status_code, answer.headers["location"]) == (307, picture_of(active))


@pytest.mark.parametrize("slug", ["x", "%00", "%ff%fe", "..%2f..", "a" * 5000, "%F0%9F%98%80"])
def test_hostile_addresses(visitor, slug):
    """An address that cannot be one is nothing here, never a crash."""
    for path in (f"/en/s/{slug}", f"/picture/{slug}-1.png", f"/picture/{slug}.png"):
        assert visitor.get(path).status_code == 404
