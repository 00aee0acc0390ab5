"""Anybody reports a notice from its share page: moderators read it again, and who reported it can follow."""

from datetime import timedelta

import httpx
import pytest

from bot.app import App
from bot.model.moderation import Reason, Verdict
from bot.model.notice import Notice, NoticeState
from bot.moderation import outside, queue
from bot.moderation.decide import decide
from bot.privacy import retention
from bot.privacy.rules import CONTACT_KEPT
from bot.storage import journal, notices, portrait, reports
from bot.trust.links import hash_token
from bot.web import gate
from tests.conftest import NOW
from tests.web.visitor import Read, Visitor

WORDS, CONTACT = "The boss is called a thief.", "reader@example.org"
NOTHING = timedelta(0)


class Reader(Visitor):
    """Somebody who came by a share page."""

    def report(self, notice: Notice, lang: str = "en", **values: str) -> httpx.Response:
        """Send a report that is fine but for `values`."""
        sent = {"why": "illegal", "words": WORDS, "contact": CONTACT, "shown": self.shown(), **values}
        sent.setdefault("work", self.work(sent["shown"]))
        behind = {"x-forwarded-for": "203.0.113.9"}
        return self.post(f"/{lang}/s/{notice.share_slug}/report", sent, headers=behind)


@pytest.fixture
def reader(app: App) -> Reader:
    """A fresh browser."""
    return Reader(app)


def told(app: App, notice: Notice) -> list[str]:
    """Give the reports about a notice that wait, as moderators read them."""
    cases = app.store.run_read(queue.pending, now=NOW)
    return [one.why for case in cases if case.notice.id == notice.id for one in case.reports]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_it_reaches_the_moderators(app: App, reader: Reader, make_notice, lang: str):
    """The page of a notice leads to the form; what was sent is in the queue, under its own flag."""
    notice = make_notice()
    path = f"/{lang}/s/{notice.share_slug}/report"
    assert path in Read(reader.get(f"/{lang}/s/{notice.share_slug}").text).links()
    assert reader.get(path).status_code == 200
    assert app.store.run_read(queue.pending, now=NOW) == []
    answer = reader.report(notice, lang)
    assert answer.status_code == 303
    (case,) = app.store.run_read(queue.pending, now=NOW)
    (report,) = case.reports
    assert report.why.endswith(f": {WORDS}")
    assert (report.contact, report.outside, report.volunteer_id) == (CONTACT, True, None)
    assert "outside" in case.flags[0].message.text
    page = reader.get(answer.headers["location"])
    assert page.status_code == 200
    assert {"fr": "bien arrivé", "en": "is in"}[lang] in page.text


def test_nobody_is_named_in_the_journal(app: App, reader: Reader, make_notice):
    """The journal keeps that it was reported, not by whom nor in which words."""
    reader.report(make_notice())
    line = app.store.run_read(journal.read, limit=1)[0]
    assert (line.actor, line.action, dict(line.details)) == ("visitor", "notice.reported", {})


def test_the_notice_goes_round_meanwhile(app: App, reader: Reader, make_notice):
    """No stranger can stop somebody's search, nor does its round get longer."""
    notice = make_notice()
    reader.report(notice)
    assert app.store.run_read(reports.held) == frozenset()
    decided = {"settings": app.settings, "admin_id": None, "now": NOW + timedelta(days=1), "undo": NOTHING}
    app.store.run_write(decide, notice.id, Verdict.ACCEPT, **decided)
    assert app.store.run_read(notices.get, notice.id).deadline == notice.deadline
    assert told(app, notice) == []


@pytest.mark.parametrize(
    ("verdict", "said"), [(None, "will read"), (Verdict.ACCEPT, "may stay"), (Verdict.REFUSE, "not shown")]
)
def test_whoever_reported_it_can_follow(app: App, reader: Reader, make_notice, verdict, said: str):
    """The page of the report says whether a person has decided, and whether the notice is still shown."""
    notice = make_notice()
    path = reader.report(notice).headers["location"]
    if verdict:
        how = {"settings": app.settings, "admin_id": None, "now": NOW, "undo": NOTHING}
        reason = Reason.CHARTER if verdict is Verdict.REFUSE else None
        app.store.run_write(decide, notice.id, verdict, reason=reason, **how)
    page = Read(reader.get(path).text).text
    assert said in page
    assert "#contact" in reader.get(path).text


def test_a_link_that_is_none(reader: Reader):
    """A link that follows nothing opens nothing."""
    assert reader.get("/en/report/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


@pytest.mark.parametrize(
    "lacks", [{"why": ""}, {"why": "nonsense"}, {"words": " "}, {"why": "other", "words": ""}]
)
def test_something_is_missing(app: App, reader: Reader, make_notice, lacks: dict[str, str]):
    """Without a reason, or without the words it needs, the form comes back with what was typed."""
    notice = make_notice()
    answer = reader.report(notice, **lacks)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert Read(answer.text).values["contact"] == CONTACT
    assert told(app, notice) == []


def test_nothing_but_a_reason_is_needed(app: App, reader: Reader, make_notice):
    """No words, no address."""
    notice = make_notice()
    assert reader.report(notice, why="scam", words="", contact="").status_code == 303
    assert told(app, notice) == ["It looks like a scam or advertising"]


def test_programs_are_held_off(app: App, reader: Reader, make_notice):
    """Too fast, without our stamp, by the hidden field, twice the same form: nothing of it is kept."""
    notice = make_notice()
    for values in ({"shown": reader.shown(0)}, {"shown": "x", "work": ""}, {"confirm_empty": "x"}):
        answer = reader.report(notice, **values)
        assert (answer.status_code, WORDS in answer.text) == (422, True)
    assert told(app, notice) == []
    shown = reader.shown()
    assert [reader.report(notice, shown=shown).status_code for _ in range(2)] == [303, 422]
    assert len(told(app, notice)) == 1


def test_one_network_sends_few(app: App, reader: Reader, make_notice):
    """As many as notices; what comes then is told when to come back, and not kept."""
    notice = make_notice()
    codes = [reader.report(notice).status_code for _ in range(gate.SENT_MOST + 1)]
    assert codes == [303] * gate.SENT_MOST + [429]
    assert len(told(app, notice)) == gate.SENT_MOST


def test_without_the_browsers_work_there_is_one_queue_for_all(reader: Reader, make_notice):
    """The way without JavaScript is open until all together have used it up."""
    notice = make_notice()
    assert reader.report(notice, work="").status_code == 303
    for _ in range(gate.SLOW_MOST):
        reader.site.state.gate.slow.count("reported", NOW)
    assert reader.report(notice, work="").status_code == 429
    assert reader.report(notice).status_code == 303


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_enough_is_enough(app: App, reader: Reader, make_notice, lang: str):
    """Twenty wait at most about one notice; who is written about, or knows a law, has places of their own."""
    notice = make_notice()
    for _ in range(outside.OPEN_MOST):
        app.store.run_write(outside.receive, notice.id, why="x", contact="", now=NOW)
    assert reader.report(notice, lang, why="scam").status_code == 409
    assert [reader.report(notice, lang, why=why).status_code for why in ("about_me", "illegal")] == [303, 303]
    assert len(told(app, notice)) == outside.OPEN_MOST + 2


def test_urgent_reports_are_not_without_end(app: App, reader: Reader, make_notice):
    """Each urgent reason has twenty places as well, and takes none of the other's."""
    notice = make_notice()
    for _ in range(outside.OPEN_MOST):
        app.store.run_write(outside.receive, notice.id, why=outside.ABOUT_ME, contact="", now=NOW)
    codes = {why: reader.report(notice, why=why).status_code for why in ("about_me", "illegal", "scam")}
    assert codes == {"about_me": 409, "illegal": 303, "scam": 303}


def test_what_is_not_shown_cannot_be_reported(app: App, reader: Reader, make_notice):
    """A page that is not there answers as it does to everybody."""
    waiting = make_notice(state=NoticeState.PENDING)
    assert reader.get(f"/en/s/{waiting.share_slug}/report").status_code == 404
    assert reader.report(waiting).status_code == 404
    assert app.store.run_read(reports.unsettled) == {}


def test_the_author_reads_neither_words_nor_address(app: App, reader: Reader, make_notice):
    """In the copy of a seeker's data a report is there, without what would tell who made it."""
    notice = make_notice()
    reader.report(notice)
    copy = app.store.run_read(portrait.seeker, notice.seeker_id)
    assert len(copy["notices"][0]["reports"]) == 1
    assert CONTACT not in str(copy)
    assert WORDS not in str(copy)


def test_the_address_goes_first(app: App, reader: Reader, make_notice):
    """The address of who reported goes after thirty days, the report stays to be followed."""
    path = reader.report(make_notice()).headers["location"]
    token = hash_token(path.rpartition("/")[2].partition("?")[0])
    for late, kept in ((CONTACT_KEPT - timedelta(hours=1), CONTACT), (CONTACT_KEPT, "")):
        retention.sweep(app.store, app.ledger(), now=NOW + late)
        report = app.store.run_read(reports.by_token, token)
        assert report is not None
        assert report.contact == kept
