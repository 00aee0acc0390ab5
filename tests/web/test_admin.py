"""What admins see and do: queue, notice, roster, volunteer, log, health."""

from datetime import timedelta

import pytest

from bot.app import App
from bot.model.boost import BoostState
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.volunteer import VolunteerState
from bot.moderation import admins
from bot.storage import boosts, journal, notices, reports, volunteers
from bot.trust.links import hash_token
from bot.web import labels
from tests.conftest import NOW
from tests.planned import plan_boost
from tests.web.visitor import Visitor

PAGES = ("queue", "volunteers", "journal", "health")


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A browser that is not logged in."""
    return Visitor(app)


@pytest.fixture
def admin(app: App) -> Visitor:
    """A browser of an admin who is logged in."""
    app.store.run_write(admins.create, "Camille", "a few words in a row", now=NOW)
    token = app.store.run_write(admins.log_in, 1, NOW)
    browser = Visitor(app)
    browser.cookies.set("admin", token)
    return browser


@pytest.fixture
def boost(store):
    """Put a boost into the database: `boost(notice, volunteer, done=True)`."""

    def make(notice, volunteer, *, done=False):
        made = store.run_write(plan_boost, notice, volunteer, reason={"candidates": 3})
        if done:
            store.run_write(boosts.move, made, BoostState.ASKED, asked_at=NOW)
            store.run_write(boosts.move, made, BoostState.DECLARED, ended_at=NOW)
        return made

    return make


@pytest.mark.parametrize("path", [*PAGES, "notice/1", "volunteers/1", "notice/1/close"])
def test_strangers_see_the_log_in(visitor, path):
    """Nobody sees an admin page without being logged in."""
    answer = visitor.get(f"/fr/admin/{path}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/fr/admin/login?")


@pytest.mark.parametrize("path", ["notice/1/pause", "notice/1/link", "volunteers/1/remove"])
def test_strangers_do_nothing(visitor, make_notice, make_volunteer, store, path):
    """Nobody does anything there without being logged in."""
    before = make_notice(), make_volunteer()
    assert visitor.post(f"/fr/admin/{path}").headers["location"].startswith("/fr/admin/login?")
    assert (store.run_read(notices.get, 1), store.run_read(volunteers.get, 1)) == before


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_empty_pages_say_so(admin, lang, path):
    """Each page of an empty installation answers in both languages."""
    answer = admin.get(f"/{lang}/admin/{path}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}"' in answer.text


def test_queue_says_what_comes_next(admin, make_notice, make_volunteer, boost):
    """A notice shows its boosts, its wait, and its next boost with time, network and reason."""
    notice = make_notice(title="Welder", at=NOW - timedelta(hours=5))
    boost(notice, make_volunteer(), done=True)
    boost(notice, make_volunteer(name="Lise", accounts=[("mastodon", "lise@piaille.fr")]))
    text = admin.get("/en/admin/queue").text
    assert "1/12" in text
    assert "5\u00a0h" in text
    assert "Mastodon" in text
    assert "fewest shares of the 3" in text


def test_queue_says_why_not(admin, make_notice, store):
    """A notice without a next boost says why not."""
    notice = make_notice()
    store.run_write(notices.set_waiting, {notice.id: {"code": "no_volunteers"}})
    assert "There is no volunteer yet." in admin.get("/en/admin/queue").text


def test_queue_filters_are_in_the_address(admin, make_notice, make_volunteer, boost):
    """State, network, sector, region, words and "without any share" each narrow the list."""
    welder = make_notice(title="Welder 100%", sector="H", region="84", posts=[])
    make_notice(title="Baker", state=NoticeState.PENDING)
    boost(welder, make_volunteer(), done=True)
    for query, kept in {
        "state=active": "Welder",
        "state=pending": "Baker",
        "network=mastodon": "Welder",
        "sector=H": "Welder",
        "region=84": "Welder",
        "q=bak": "Baker",
        "q=100%25": "Welder",
        "without=1": "Baker",
    }.items():
        text = admin.get(f"/en/admin/queue?{query}").text
        assert [t for t in ("Welder", "Baker") if f"{t}" in text] == [kept], query


@pytest.mark.parametrize(
    "query",
    [
        "state=%00",
        "network='--",
        "page=-1",
        "page=1e9",
        "page=99999999999999999999",
        "q=%FF%FE%00",
        "q=" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["queue", "volunteers", "journal"])
def test_hostile_filters_are_ignored(admin, make_notice, path, query):
    """Whatever stands in the address, the page answers."""
    make_notice()
    assert admin.get(f"/en/admin/{path}?{query}&before=x&actor=%25&subject=%00").status_code == 200


def test_queue_has_pages(admin, make_notice):
    """More than fifty notices come in pages that keep the filters."""
    for number in range(51):
        make_notice(title=f"Job {number}")
    first = admin.get("/en/admin/queue?state=active").text
    assert "Page 1 of 2" in first
    assert 'href="?state=active&amp;page=2"' in first
    second = admin.get("/en/admin/queue?state=active&page=2").text
    assert "Job 0<" in second
    assert "Job 1<" not in second


def test_fairness_counts_the_notices_going_round(admin, make_notice, make_volunteer, boost):
    """The strip above the queue counts notices by boosts and names the longest wait."""
    boost(make_notice(), make_volunteer(), done=True)
    make_notice(at=NOW - timedelta(hours=3))
    make_notice(state=NoticeState.PENDING)
    text = admin.get("/en/admin/queue").text
    assert "0: 1 notice; 1–2: 1 notice;" in text
    assert "(50%)" in text
    assert "3\u00a0h" in text


def test_notice_shows_everything(admin, make_notice, make_volunteer, boost, store):
    """One notice shows its words, who was asked, and its journal."""
    notice = make_notice(text="Ten years of <b>TIG</b>.")
    boost(notice, make_volunteer(name="Samir"), done=True)
    store.run_write(
        journal.write, NOW, Actor("admin", 1), "notice.accepted", f"notice:{notice.id}", decision=1
    )
    text = admin.get(f"/en/admin/notice/{notice.id}").text
    for words in ("Ten years of &lt;b&gt;TIG", "Samir", "Shared", "Notice accepted", "Camille", "decision 1"):
        assert words in text


def test_a_reported_notice_says_so(admin, make_notice, store):
    """The queue marks it, its page quotes the report with its date and leads to the decision."""
    notice, other = make_notice(), make_notice()
    assert "reported" not in admin.get("/en/admin/queue").text
    store.run_write(reports.add, notice_id=notice.id, volunteer_id=None, why="Sells <b>pills</b>", now=NOW)
    assert admin.get("/en/admin/queue").text.count("reported") == 1
    text = admin.get(f"/en/admin/notice/{notice.id}").text
    assert "Someone has reported it: “Sells &lt;b&gt;pills&lt;/b&gt;”, " in text
    assert f"/en/admin/case/{notice.id}" in text
    assert "Someone has reported it" not in admin.get(f"/en/admin/notice/{other.id}").text


@pytest.mark.parametrize("path", ["notice/99", "volunteers/99", "notice/0", "notice/x", f"notice/{10**30}"])
def test_what_is_not_there_is_404(admin, path):
    """A notice or volunteer that does not exist is a page that says so."""
    assert admin.get(f"/en/admin/{path}").status_code == 404


@pytest.mark.parametrize("path", ["notice/1/explode", "volunteers/1/explode"])
def test_acts_that_are_not_there_are_404(admin, make_notice, make_volunteer, path):
    """An act nobody offers is not found, asked or sent."""
    make_notice()
    make_volunteer()
    assert admin.get(f"/en/admin/{path}").status_code == 404
    assert admin.post(f"/en/admin/{path}", {}).status_code == 404


def test_asking_changes_nothing(admin, make_notice, store):
    """GET of an act shows its question and leaves the notice as it is."""
    notice = make_notice()
    for act in ("pause", "close", "reset", "link"):
        assert 'method="post"' in admin.get(f"/en/admin/notice/{notice.id}/{act}").text
    assert store.run_read(notices.get, notice.id) == notice


def test_a_seeker_begins_anew(admin, make_notice, store):
    """Said on the page, noted in the journal with who did it."""
    notice = make_notice()
    assert "Let its seeker begin anew" in admin.get(f"/en/admin/notice/{notice.id}").text
    answer = admin.post(f"/en/admin/notice/{notice.id}/reset", {})
    assert "counts no more" in admin.get(answer.headers["location"]).text
    (line,) = store.run_read(journal.read, action="seeker.reset")
    assert (line.subject, line.actor) == (f"notice:{notice.id}", "admin:1")
    assert "Seeker begins anew" in admin.get("/en/admin/journal").text


def test_pause_and_resume(admin, make_notice, make_volunteer, boost, store):
    """An admin pauses a notice, which takes its boosts back, and resumes it; the log names the admin."""
    notice = make_notice()
    boost(notice, make_volunteer())
    answer = admin.post(f"/en/admin/notice/{notice.id}/pause", {})
    assert answer.headers["location"] == f"/en/admin/notice/{notice.id}?done=notice.pause"
    assert "This notice is paused." in admin.get(answer.headers["location"]).text
    assert store.run_read(notices.get, notice.id).state is NoticeState.PAUSED
    assert store.run_read(boosts.listed) == []
    admin.post(f"/en/admin/notice/{notice.id}/resume", {})
    assert store.run_read(notices.get, notice.id).state is NoticeState.ACTIVE
    assert {entry.actor for entry in store.run_read(journal.read, action="notice.")} == {"admin:1"}


@pytest.mark.parametrize("choice", ["withdrawn", "found_job"])
def test_closing_wants_a_reason(admin, make_notice, store, choice):
    """A notice ends by one of the two reasons; without one the question comes back with an error."""
    notice = make_notice()
    answer = admin.post(f"/en/admin/notice/{notice.id}/close", {"choice": "refused"})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert admin.post(f"/en/admin/notice/{notice.id}/close", {"choice": choice}).status_code == 303
    assert store.run_read(notices.get, notice.id).close_reason == choice


def test_twice_is_a_conflict(admin, make_notice):
    """Doing what was done already says so, with the way back to the desk, instead of breaking."""
    notice = make_notice(state=NoticeState.PAUSED)
    answer = admin.post(f"/en/admin/notice/{notice.id}/pause", {})
    assert answer.status_code == 409
    assert 'class="btn btn-main" href="/en/admin"' in answer.text
    assert 'class="btn btn-main" href="/en/admin"' not in admin.get("/en/nothing").text


def test_links_are_shown_once(admin, make_notice, make_volunteer, store):
    """A new personal link is on the answer to the POST, works, and replaces the old one."""
    notice, volunteer = make_notice(token="old"), make_volunteer(token="older")
    for path, prefix, find in (
        (f"notice/{notice.id}", "/fr/n/", notices.by_token),
        (f"volunteers/{volunteer.id}", "/fr/inbox/", volunteers.by_token),
    ):
        text = admin.post(f"/en/admin/{path}/link", {}).text
        token = text.partition(prefix)[2].partition('"')[0]
        assert store.run_read(find, hash_token(token)).id == 1
        assert token not in admin.get(f"/en/admin/{path}").text
    assert store.run_read(notices.by_token, hash_token("old")) is None


def test_roster_shows_load_and_filters(admin, make_notice, make_volunteer, boost):
    """The roster shows what was asked today of the cap; state, network and words narrow it."""
    samir = make_volunteer(name="Samir", cap_day=5, accounts=[("x", "samir_dev")])
    make_volunteer(name="Lise", accounts=[("mastodon", "lise@piaille.fr")])
    boost(make_notice(), samir, done=True)
    assert "1/5" in admin.get("/en/admin/volunteers").text
    for query, kept in {"network=x": "Samir", "q=PIAILLE": "Lise", "q=sam": "Samir"}.items():
        text = admin.get(f"/en/admin/volunteers?{query}").text
        assert [name for name in ("Samir", "Lise") if name in text] == [kept], query
    assert "Nobody here." in admin.get("/en/admin/volunteers?state=paused").text


def test_volunteer_pauses_and_leaves(admin, make_volunteer, store):
    """An admin gives a volunteer a week's break, ends it, and takes them off the roster."""
    path = f"/en/admin/volunteers/{make_volunteer(name='Samir').id}"
    assert admin.post(f"{path}/pause", {"choice": "365"}).status_code == 422
    admin.post(f"{path}/pause", {"choice": "7"})
    assert store.run_read(volunteers.get, 1).paused_until == NOW + timedelta(days=7)
    admin.post(f"{path}/resume", {})
    assert store.run_read(volunteers.get, 1).state is VolunteerState.ACTIVE
    admin.post(f"{path}/remove", {})
    assert "Samir" not in admin.get(path).text


def test_a_pause_that_ran_out_is_over(admin, make_volunteer, store):
    """A volunteer whose pause has ended by itself is shown as available."""
    make_volunteer()
    store.run_write(
        volunteers.update, 1, state=VolunteerState.PAUSED.value, paused_until=NOW - timedelta(hours=1)
    )
    assert "Available" in admin.get("/en/admin/volunteers/1").text
    assert "Nobody here." in admin.get("/en/admin/volunteers?state=paused").text


def test_journal_filters_and_pages(admin, store):
    """The log narrows by who, what and subject, and goes back in time by id."""
    for number in range(150):
        store.run_write(journal.write, NOW, Actor("seeker", number), "notice.received", f"notice:{number}")
    text = admin.get("/en/admin/journal?actor=seeker").text
    assert "Seeker 149" in text
    assert "Seeker 49<" not in text
    older = text.partition("before=")[2].partition('"')[0]
    assert "Seeker 49<" in admin.get(f"/en/admin/journal?actor=seeker&before={older}").text
    assert "Seeker 7<" in admin.get("/en/admin/journal?subject=notice:7").text
    assert "Notice received" not in admin.get("/en/admin/journal?action=admin.").text.partition("<table")[2]


def test_health_marks_what_is_late(admin, store):
    """A tick that should have run again is marked late, a failed one failed, a fresh one neither."""
    store.run_write(journal.tick, NOW, "plan", took_ms=9, every_s=60, result={"planned": 3})
    text = admin.get("/en/admin/health").text
    assert "The bot is running" in text
    assert "planned: 3" in text
    store.run_write(
        journal.tick,
        NOW - timedelta(minutes=9),
        "ask",
        took_ms=9,
        every_s=10,
        result={},
        error="Broken: x",
    )
    text = admin.get("/en/admin/health").text
    assert "late" in text
    assert "Broken: x" in text
    assert "not given a sign of life for 9\u00a0min" in text


def test_every_state_has_words():
    """Each state an admin may see has its words."""
    assert set(labels.NOTICE_STATES) == set(NoticeState)
    assert set(labels.BOOST_STATES) == set(BoostState)
    assert set(labels.VOLUNTEER_STATES) == set(VolunteerState)
