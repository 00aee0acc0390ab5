"""The moderators' desk, as a browser without JavaScript sees it."""

from datetime import timedelta

import pytest

from bot.app import App
from bot.model.moderation import Verdict
from bot.model.notice import CloseReason, NoticeState, PostRef
from bot.moderation import admins
from bot.moderation import decide as moderation
from bot.storage import cases, notices
from tests.conftest import NOW
from tests.web.visitor import Read, Visitor

HOLD = timedelta(minutes=5)


@pytest.fixture
def desk(app: App):
    """Log an admin in: `desk("Camille")`."""

    def make(name: str) -> Visitor:
        admin = app.store.run_write(admins.create, name, "a few words in a row", now=NOW)
        visitor = Visitor(app)
        visitor.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
        return visitor

    return make


@pytest.fixture
def camille(desk) -> Visitor:
    """A moderator at their desk."""
    return desk("Camille")


@pytest.fixture
def pending(make_notice):
    """A notice that waits."""
    return lambda **values: make_notice(state=NoticeState.PENDING, **values)


@pytest.fixture
def now_is(store):
    """The notice as it stands now."""
    return lambda notice: store.run_read(notices.get, notice.id)


def test_nothing_to_read(camille):
    """An empty queue says so."""
    answer = camille.get("/en/admin")
    assert answer.status_code == 200
    assert "Nothing left to read." in answer.text


def test_the_oldest_is_opened(camille, pending):
    """The desk leads to the notice that has waited longest."""
    pending(at=NOW)
    old = pending(at=NOW - HOLD)
    assert camille.get("/en/admin").headers["location"] == f"/en/admin/case/{old.id}"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_case_is_on_one_screen(camille, pending, lang):
    """Words with marks, checks, the post with its host, the choices and the keys are on the page."""
    post = PostRef("mastodon", "https://piaille.fr/@marthe/1", "1", "marthe@piaille.fr")
    notice = pending(text="Dix ans de TIG. Tél. 06 12 34 56 78.", posts=[post], sector="H")
    answer = camille.get(f"/{lang}/admin/case/{notice.id}")
    assert answer.status_code == 200
    assert "<mark>06 12 34 56 78</mark>" in answer.text
    assert 'rel="noopener noreferrer" target="_blank">https://piaille.fr/@marthe/1<' in answer.text
    assert all(f'data-key="{key}"' in answer.text for key in "aecsr")
    assert '<option value="H" selected>' in answer.text


def test_looking_changes_nothing(camille, pending, store):
    """Opening a case makes no claim; that is a POST."""
    notice = pending()
    camille.get(f"/en/admin/case/{notice.id}")
    desk = store.run_read(lambda session: cases.waiting_count(session, NOW))
    assert desk == 1
    assert "is on it" not in camille.get(f"/en/admin/case/{notice.id}").text


def test_hostile_words_are_shown_as_words(camille, pending):
    """HTML is text, and characters that hide are named."""
    notice = pending(
        title="<b>x</b>", text="\u202e<script>alert(1)</script> WhatsApp : <i>06</i>", name="a\u200bb"
    )
    page = camille.get(f"/en/admin/case/{notice.id}").text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert '<span class="ctl">[U+202E]</span>' in page
    assert '<span class="ctl">[U+200B]</span>' in page


def test_look_alike_hosts_are_unmasked(camille, pending):
    """The host of a link is shown in ASCII."""
    post = PostRef("mastodon", "https://mаstodon.social/@a/1", "1", "a")  # a Cyrillic а
    page = camille.get(f"/en/admin/case/{pending(posts=[post]).id}").text
    assert "xn--mstodon-3fg.social" in page or "xn--" in page


def test_accept_leads_to_the_next(camille, pending, now_is):
    """A decision shows the next notice, what was decided and how to undo it."""
    first, second = pending(title="Forklift driver"), pending()
    answer = camille.post(f"/en/admin/case/{first.id}", {"verdict": "accept", "revision": "1", "sector": "N"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/admin/case/{second.id}")
    page = camille.get(answer.headers["location"]).text
    assert f"Accepted: #{first.id} Forklift driver" in page
    assert 'action="/en/admin/undo/1"' in page
    assert (now_is(first).state, now_is(first).sector) == (NoticeState.ACTIVE, "N")


def test_the_last_decision_leads_to_an_empty_desk(camille, pending):
    """After the last notice comes the empty state."""
    answer = camille.post(f"/en/admin/case/{pending().id}", {"verdict": "later"})
    assert answer.headers["location"] == "/en/admin"
    page = Read(camille.get("/en/admin").text).text
    assert "Put off for two hours" in page
    assert "1 put off; it comes back at" in page


def test_undo(camille, pending, now_is):
    """Undo puts the notice back and opens it."""
    notice = pending()
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "refuse", "reason": "scam"})
    answer = camille.post("/en/admin/undo/1")
    assert answer.headers["location"] == f"/en/admin/case/{notice.id}"
    assert now_is(notice) == notice


def test_undo_too_late(camille, pending, clock):
    """After the window undo says that it is too late."""
    camille.post(f"/en/admin/case/{pending().id}", {"verdict": "accept"})
    clock.advance(timedelta(seconds=31))
    answer = camille.post("/en/admin/undo/1")
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert "data-toast" not in camille.get("/en/admin").text


@pytest.mark.parametrize("verdict", ["refuse", "ask"])
def test_a_reason_is_asked_for(camille, pending, now_is, verdict):
    """Without a reason the page comes back with what is missing and what was typed."""
    notice = pending()
    values = {"verdict": verdict, "sector": "F", "note": ""}
    answer = camille.post(f"/en/admin/case/{notice.id}", values)
    assert answer.status_code == 422
    assert 'href="#reason-personal_data"' in answer.text
    assert 'id="reason-personal_data"' in answer.text
    assert '<option value="F" selected>' in answer.text
    assert "<title>Error: " in answer.text
    assert now_is(notice) == notice


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"verdict": "burn"},
        {"verdict": "refuse", "reason": "because"},
        {"verdict": "ask", "note": "x" * 401},
        {"verdict": "ask", "note": "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1") * 300},
    ],
)
def test_nonsense_decides_nothing(camille, pending, now_is, values):
    """Unknown or missing values bring the page back."""
    notice = pending()
    assert camille.post(f"/en/admin/case/{notice.id}", values).status_code == 422
    assert now_is(notice) == notice


def test_unknown_sector_is_left_alone(camille, pending, now_is):
    """A sector that does not exist changes nothing; an empty one means any."""
    notice = pending(sector="H", region="32")
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "accept", "sector": "ZZ", "region": ""})
    assert (now_is(notice).sector, now_is(notice).region) == ("H", None)


def test_a_reason_goes_only_with_a_refusal(camille, pending, store):
    """A reason chosen by mistake does not go out with an acceptance."""
    notice = pending()
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "accept", "reason": "scam", "note": "x"})
    made = store.run_read(cases.last_decision, notice.id)
    assert (made.verdict, made.reason, made.note) == (Verdict.ACCEPT, None, "")


@pytest.mark.parametrize("verdict", ["refuse", "ask"])
def test_no_reason_tells_of_somebody_elses_notice(app, camille, store, verdict):
    """Beside a twin, ended or not, "Duplicate" is neither offered nor taken: a stranger may have sent it."""
    stranger = Visitor(app)
    for title in ("Comptable", "Jardinier"):
        stranger.forget()
        assert stranger.send(email="nadia@example.org", title=title).status_code == 303
    first, twin = sorted(one.id for one in store.run_read(notices.listed))
    for _ in range(2):
        page = Read(camille.get(f"/en/admin/case/{twin}").text)
        reasons = [field for _, field in page.tags if field.get("name") == "reason"]
        assert [field["value"] for field in reasons if "disabled" in field] == ["duplicate"]
        answer = camille.post(f"/en/admin/case/{twin}", {"verdict": verdict, "reason": "duplicate"})
        assert answer.status_code == 409
        assert "Choose another reason, or leave it for later." in answer.text
        assert store.run_read(notices.get, twin).state is NoticeState.PENDING
        if store.run_read(notices.get, first).state is not NoticeState.CLOSED:
            store.run_write(notices.close, first, CloseReason.WITHDRAWN, NOW)


def test_whose_turns_is_chosen_on_the_page(app, camille, store):
    """Beside one that goes round nothing is chosen beforehand, and nothing accepted before it is."""
    stranger = Visitor(app)
    for title in ("Comptable", "Jardinier"):
        stranger.forget()
        stranger.send(email="nadia@example.org", title=title)
    first, twin = sorted(one.id for one in store.run_read(notices.listed))
    camille.post(f"/en/admin/case/{first}", {"verdict": "accept"})
    page = Read(camille.get(f"/en/admin/case/{twin}").text)
    choices = [field.get("value") for tag, field in page.tags if tag == "option"]
    assert choices[-3:] == ["", str(first), str(twin)]
    for whose in ("", str(first), "99"):
        answer = camille.post(f"/en/admin/case/{twin}", {"verdict": "accept", "whose": whose})
        assert answer.status_code == (422 if whose == "99" else 409), whose
        assert store.run_read(notices.get, twin).state is NoticeState.PENDING
    answer = camille.post(f"/en/admin/case/{twin}", {"verdict": "accept", "whose": str(twin)})
    assert answer.status_code == 303
    assert store.run_read(notices.get, twin).state is NoticeState.ACTIVE


def test_somebody_is_on_it(desk, camille, pending):
    """A notice that somebody else reads is shown with closed buttons until the claim runs out."""
    sofia, notice = desk("Sofia"), pending()
    assert camille.post(f"/en/admin/case/{notice.id}/claim").status_code == 204
    page = sofia.get(f"/en/admin/case/{notice.id}").text
    assert "Camille is on it" in page
    assert 'data-key="a" disabled' in page
    refused = sofia.post(f"/en/admin/case/{notice.id}/claim")
    assert (refused.status_code, refused.text) == (409, "Camille is on it.")
    answer = sofia.post(f"/en/admin/case/{notice.id}", {"verdict": "accept"})
    assert answer.status_code == 409
    sofia.app.clock.advance(HOLD)
    assert sofia.post(f"/en/admin/case/{notice.id}", {"verdict": "accept"}).status_code == 303


def test_somebody_was_faster(desk, camille, pending):
    """The slower of two moderators reads who decided what."""
    sofia, notice = desk("Sofia"), pending()
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "accept"})
    answer = sofia.post(f"/en/admin/case/{notice.id}", {"verdict": "refuse", "reason": "scam"})
    assert answer.status_code == 409
    assert "Already accepted by Camille." in answer.text


def test_words_changed_meanwhile(camille, pending, store):
    """Nobody accepts words that changed after the page was opened."""
    notice = pending()
    store.run_write(notices.set_words, notice.id, notice.words)
    answer = camille.post(f"/en/admin/case/{notice.id}", {"verdict": "accept", "revision": "1"})
    assert answer.status_code == 409
    assert "The words have changed" in answer.text
    assert 'name="revision" value="2"' in answer.text


def test_twice_is_once(camille, pending, store):
    """A form sent twice decides once and leads on both times."""
    notice = pending()
    for _ in range(2):
        assert camille.post(f"/en/admin/case/{notice.id}", {"verdict": "accept"}).status_code == 303
    assert len(store.run_read(cases.decisions)) == 1


def test_unknown_cases(camille):
    """A case that never was is not found; neither is nonsense."""
    for path in ("case/99", "case/0", "case/x", "case/99999999999999999999", "case/-1"):
        assert camille.get(f"/en/admin/{path}").status_code == 404


def test_decisions_of_today(camille, pending):
    """Today's decisions are listed with their reason and note."""
    notice = pending(title="Earn 3000 a week")
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "refuse", "reason": "scam", "note": "<b>No</b>"})
    page = camille.get("/en/admin/decisions").text
    assert "Earn 3000 a week" in page
    assert "Refused by Camille: scam or advertising" in page
    assert "&lt;b&gt;No&lt;/b&gt;" in page


def test_a_fix_is_shown_before_it_is_made(camille, pending):
    """The words that E would publish can be read first."""
    page = camille.get(f"/en/admin/case/{pending(text='Ten years of TIG. Tel. 06 12 34 56 78.').id}").text
    assert "With E, it reads" in page
    assert "Ten years of TIG.</p>" in page


def test_a_contest_is_marked(camille, pending, store):
    """A notice that comes back after a refusal says so."""
    notice = pending()
    camille.post(f"/en/admin/case/{notice.id}", {"verdict": "refuse", "reason": "scam"})
    store.run_write(moderation.contest, notice.id, now=NOW)
    page = camille.get(f"/en/admin/case/{notice.id}").text
    assert "This person contests a refusal" in page
    assert "asks again" in page
