"""What moderators see: order, remarks, evidence, figures."""

from datetime import timedelta

import pytest

from bot.locale import say
from bot.model.journal import Actor
from bot.model.moderation import Flag, FlagKind, Reason, Verdict
from bot.model.notice import CloseReason, Consent, NoticeState
from bot.model.text import Message
from bot.moderation import decide as moderation
from bot.moderation import outside, queue
from bot.moderation.desk import look
from bot.moderation.figures import figures, midnight
from bot.storage import cases, journal, notices, reports
from tests.conftest import NOW

UNDO = timedelta(seconds=30)
HOUR = timedelta(hours=1)
TEXT = "Seven years in practice, closings and payroll, Sage and Excel blindfolded, from December."


@pytest.fixture
def camille(make_admin):
    """A moderator."""
    return make_admin("Camille").id


@pytest.fixture
def sofia(make_admin):
    """Another moderator."""
    return make_admin("Sofia").id


@pytest.fixture
def pending(make_notice):
    """Make notices that wait, sent so many hours ago."""
    return lambda hours=0, **values: make_notice(state=NoticeState.PENDING, at=NOW - hours * HOUR, **values)


@pytest.fixture
def decide(store, settings, camille):
    """Decide on a notice."""

    def run(notice, verdict, at=NOW, **values):
        values = {"settings": settings, "admin_id": camille, "now": at, "undo": UNDO, **values}
        return store.run_write(moderation.decide, notice.id, verdict, **values)

    return run


@pytest.fixture
def report(store, make_volunteer):
    """Let a volunteer report a notice."""

    def run(notice, why="An advert"):
        values = {"notice_id": notice.id, "volunteer_id": make_volunteer().id, "why": why, "now": NOW}
        store.run_write(reports.add, **values)

    return run


@pytest.fixture
def strangers(store):
    """Let somebody from outside report a notice, so many hours ago."""

    def run(notice, hours=0, why="It looks like a scam or advertising"):
        store.run_write(outside.receive, notice.id, why=why, contact="", now=NOW - hours * HOUR)

    return run


@pytest.fixture
def shown(store):
    """Ids of the queue."""
    return lambda now=NOW: [case.notice.id for case in store.run_read(queue.pending, now=now)]


def test_the_oldest_comes_first(pending, shown):
    """Notices are read in the order they came."""
    young, old = pending(1), pending(2)
    assert shown() == [old.id, young.id]


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("notice.source_edited", "The post was edited since it was accepted, on 2026-"),
        ("notice.policy_changed", "The policy of its network changed since it was accepted"),
        ("notice.recalled", "All its shares were taken back"),
    ],
)
def test_what_comes_back_says_why(pending, store, decide, action, says):
    """A remark says why an accepted notice is to be read again, and since when, until it is accepted anew."""
    notice = pending(5)
    decide(notice, Verdict.ACCEPT, at=NOW - 3 * HOUR)
    store.run_write(notices.move, notice.id, NoticeState.PENDING)
    store.run_write(journal.write, NOW - HOUR, Actor("daemon"), action, f"notice:{notice.id}")
    (back,) = store.run_read(queue.pending, now=NOW)
    assert [flag.kind for flag in back.flags] == [FlagKind.BACK]
    assert str(back.flags[0].message).startswith(says)
    assert back.since == NOW - HOUR
    decide(notice, Verdict.ACCEPT)
    assert store.run_read(queue.case, notice.id, now=NOW + HOUR).flags == ()


def test_a_contest_that_was_granted_is_settled(pending, store, decide):
    """Once a contested notice is accepted, a later report of it does not say that its seeker asks again."""
    notice = pending()
    store.run_write(journal.write, NOW - HOUR, Actor("seeker"), cases.CONTESTED, f"notice:{notice.id}")
    assert store.run_read(queue.case, notice.id, now=NOW).asks_again
    decide(notice, Verdict.ACCEPT)
    assert not store.run_read(queue.case, notice.id, now=NOW).asks_again


def test_an_edited_notice_queues_again(pending, shown, store):
    """A notice that was edited waits from then."""
    edited, other = pending(5), pending(2)
    store.run_write(journal.write, NOW - HOUR, Actor("seeker"), cases.CHANGED, f"notice:{edited.id}")
    assert shown() == [other.id, edited.id]


def test_later_hides_until_it_is_due(pending, shown, decide):
    """A notice put off is back after two hours."""
    notice = pending()
    decide(notice, Verdict.LATER)
    assert shown() == []
    assert shown(NOW + 2 * HOUR) == [notice.id]


def test_a_reported_notice_comes_first(pending, make_notice, report, shown, store):
    """A notice that goes round and is reported comes before the others, with the volunteer's words."""
    waiting, live = pending(5), make_notice()
    report(live, "It asks for money")
    assert shown() == [live.id, waiting.id]
    case = store.run_read(queue.case, live.id, now=NOW)
    assert case.flags[0].kind is FlagKind.REPORTED
    assert [one.why for one in case.reports] == ["It asks for money"]


def test_what_strangers_report_is_read_by_age(pending, make_notice, report, strangers, shown):
    """A stranger's report stands where it came, once for a notice; a volunteer's as well brings it first."""
    old, young, twice, held = pending(3), pending(1), make_notice(), make_notice()
    for hours in (2, 0):
        strangers(twice, hours)
    strangers(held)
    assert shown() == [old.id, twice.id, young.id, held.id]
    report(held)
    assert shown() == [held.id, old.id, twice.id, young.id]


@pytest.mark.parametrize("why", [outside.ABOUT_ME, outside.ILLEGAL])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_is_about_somebody_is_read_soon(pending, make_notice, strangers, shown, why, lang):
    """Who is written about, or what breaks the law, comes before what is older, in either language."""
    old, junk, urgent = pending(3), make_notice(), make_notice()
    strangers(junk, 5)
    strangers(urgent, why=f"{say(why, lang)}: my words")
    assert shown() == [urgent.id, old.id, junk.id]


@pytest.mark.parametrize("why", ["x", outside.ABOUT_ME])
def test_strangers_crowd_nobody_out(pending, make_notice, strangers, shown, why):
    """However many notices they report, for whatever reason and how long ago, half of the queue is others."""
    for _ in range(queue.SHOWN + 10):
        strangers(make_notice(), 9, why)
    waiting = [pending(30 - number).id for number in range(30)]
    seen = shown()
    half = queue.SHOWN // 2
    assert (len(seen), [one for one in seen if one in waiting]) == (queue.SHOWN, waiting[:half])


def test_found_posts_crowd_nobody_out(pending, make_notice, strangers, shown, store):
    """They take every other place, whoever else asks; what strangers report takes half of those."""
    for _ in range(queue.SHOWN):
        store.run_write(notices.update, pending(40).id, consent=Consent.FOUND)
    waiting = [pending(30 - number).id for number in range(30)]
    reported = [make_notice().id for _ in range(5)]
    for notice_id in reported:
        strangers(store.run_read(notices.get, notice_id), 39)
    seen = shown()
    assert [one for one in seen if one in waiting] == waiting[: queue.SHOWN // 2]
    assert [place for place, one in enumerate(seen) if one in reported] == [2, 6, 10, 14, 18]


def test_an_urgent_report_is_before_found_posts(pending, make_notice, strangers, shown, store):
    """However old they are."""
    store.run_write(notices.update, pending(9).id, consent=Consent.FOUND)
    urgent = make_notice()
    strangers(urgent, why=outside.ABOUT_ME)
    assert shown()[0] == urgent.id


def test_reports_on_what_has_ended_wait_for_nobody(make_notice, report, shown, store):
    """A report on a closed notice brings nothing back."""
    live = make_notice()
    report(live)
    store.run_write(notices.close, live.id, CloseReason.WITHDRAWN, NOW)
    assert shown() == []
    assert store.run_read(cases.waiting_count, NOW) == 0


def test_the_count_is_the_queue(pending, make_notice, report, strangers, decide, shown, store):
    """The number in the navigation is what the queue holds; the form's door leaves strangers' reports out."""
    for _ in range(3):
        pending()
    decide(pending(), Verdict.LATER)
    report(make_notice())
    strangers(make_notice())
    assert store.run_read(cases.waiting_count, NOW) == len(shown()) == 5
    assert store.run_read(lambda session: cases.waiting_count(session, NOW, sent_only=True)) == 4


def test_near_duplicates_are_evidence(pending, make_notice, store):
    """A near-duplicate is a remark, and the other notice is shown with whose it is."""
    first = make_notice(text=TEXT)
    second = pending(text=TEXT + " Thanks!")
    case = store.run_read(queue.case, second.id, now=NOW)
    assert FlagKind.DUPLICATE in {flag.kind for flag in case.flags}
    found = store.run_read(queue.evidence, case)
    assert [(one.id, same) for one, same in found.similar] == [(first.id, False)]


def test_history_of_the_person(pending, make_notice, decide, store):
    """Earlier notices and the decisions on them are at hand."""
    earlier = pending(50)
    decide(earlier, Verdict.REFUSE, reason=Reason.SCAM)
    again = pending(person_id=earlier.person_id)
    found = store.run_read(queue.evidence, store.run_read(queue.case, again.id, now=NOW))
    assert [(one.id, done) for one, done in found.earlier] == [(earlier.id, 0)]
    assert [(told.decision.verdict, told.admin_name) for told in found.decisions] == [
        (Verdict.REFUSE, "Camille")
    ]


def test_a_contest_is_marked(pending, decide, store):
    """A notice that comes back after a refusal says so."""
    notice = pending()
    decide(notice, Verdict.REFUSE, reason=Reason.SCAM)
    store.run_write(moderation.contest, notice.id, now=NOW)
    assert store.run_read(queue.case, notice.id, now=NOW).asks_again


def test_next_passes_over_what_others_read(pending, camille, sofia, store):
    """After a decision comes the next notice that nobody else reads; at the end, the first again."""
    first, second, third = pending(3), pending(2), pending(1)
    store.run_write(moderation.claim, second.id, admin_id=sofia, now=NOW, hold=HOUR)

    def after(notice):
        return store.run_read(queue.next_id, after=notice.id, admin_id=camille, now=NOW)

    assert after(first) == third.id
    assert after(third) == first.id


def test_the_toast_lives_as_long_as_undo(pending, decide, camille, store):
    """The last decision can be taken back until its window ends."""
    decide(pending(), Verdict.ACCEPT)

    def last(now):
        return store.run_read(queue.undoable, admin_id=camille, now=now, undo=UNDO)

    assert last(NOW + UNDO) is not None
    assert last(NOW + UNDO + timedelta(seconds=1)) is None


def test_decisions_tell_what_was_taken_back(pending, decide, camille, store):
    """Today's list holds decisions that were undone too."""
    made = decide(pending(), Verdict.ACCEPT)
    store.run_write(moderation.undo, made.id, admin_id=camille, now=NOW, undo=UNDO)
    found = store.run_read(queue.decided, since=midnight(NOW, "Europe/Paris"))
    assert [told.decision.undone_at for told in found] == [NOW]


def test_figures(pending, make_notice, make_volunteer, decide, camille, sofia, store):
    """The status bar counts what was read today, how fast, what waits and who could share."""
    read, put_off, other = pending(), pending(), pending()
    store.run_write(moderation.claim, read.id, admin_id=camille, now=NOW, hold=HOUR)
    decide(read, Verdict.ACCEPT, at=NOW + timedelta(seconds=6))
    decide(put_off, Verdict.LATER)
    store.run_write(moderation.claim, other.id, admin_id=sofia, now=NOW, hold=HOUR)
    make_volunteer()
    make_volunteer(quiet_start_min=0, quiet_len_min=1200)
    found = store.run_read(figures, admin_id=camille, zone="Europe/Paris", now=NOW + timedelta(seconds=7))
    assert (found.to_read, found.read_today, found.median) == (1, 2, timedelta(seconds=6))
    assert (found.wanting, found.available) == (1, 1)
    assert [(claim.admin_name, claim.notice_id) for claim in found.others] == [("Sofia", other.id)]
    assert found.put_off == (1, NOW + 2 * HOUR)


def test_a_long_queue_shows_its_beginning(pending, camille, store):
    """A desk shows fifty cases, and any other that is opened."""
    last = [pending(text=f"{number} " * 12) for number in range(52)][-1]
    values = {"admin_id": camille, "zone": "Europe/Paris", "now": NOW, "undo": UNDO}
    desk = store.run_read(look, last.id, **values)
    assert (len(desk.cases), desk.figures.to_read) == (50, 52)
    assert desk.case is not None
    assert desk.case.notice.id == last.id


def test_remarks_say_what_to_do():
    """Personal data and another open notice have a sentence of what a moderator may do; others have none."""
    hints = {kind: queue.hint(Flag(kind, Message("x"))) for kind in FlagKind}
    told = {kind for kind, hint in hints.items() if hint is not None}
    assert len(hints) > 5
    assert told == {FlagKind.PERSONAL_DATA, FlagKind.TWIN}
    assert "E removes it" in hints[FlagKind.PERSONAL_DATA].text
    assert "Never tell" in hints[FlagKind.TWIN].text


def test_there_is_no_next_when_others_read_all(pending, camille, sofia, store):
    """With every other notice held by somebody else nothing comes next, not the same again either."""
    first, second = pending(2), pending(1)
    store.run_write(moderation.claim, second.id, admin_id=sofia, now=NOW, hold=HOUR)
    assert store.run_read(queue.next_id, after=first.id, admin_id=camille, now=NOW) is None


def test_the_open_case_is_the_one_of_the_list(pending, camille, store):
    """What is open on the desk is found among those shown, without reading it twice."""
    first, _ = pending(2), pending(1)
    desk = store.run_read(look, first.id, admin_id=camille, zone="Europe/Paris", now=NOW, undo=UNDO)
    assert desk.case is desk.cases[0]
